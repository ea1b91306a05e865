import { statSync } from 'node:fs';
import { ParamoError } from '@paramo/core';
import { entryCount, openDatabase, readChunk, reading, readRange } from './lmdb-read.js';
import { checkFormat } from './store-format.js';
import type { Store } from './store.js';

/** A store as it was at one moment, to be read only. */
export interface Snapshot extends Store {
  /** Whether the store has an entry at `key` by now. */
  hasNow(key: Uint8Array): boolean;
}

/**
 * A store of any format as it is at this moment, while another process may go on writing to it. As long as it is held, that
 * process cannot use again what it frees.
 * @throws ParamoError STORE_FORMAT, STORE_CORRUPT.
 */
export function openSnapshot(path: string): Snapshot {
  const db = openDatabase(path, { readOnly: true });
  const transaction = db.useReadTransaction();
  const readOnly = new ParamoError({ code: 'NOT_SUPPORTED', message: 'a snapshot cannot be written', hint: 'Open the store itself.' });
  const snapshot: Snapshot = {
    get: (key) => reading(path, () => db.get(Buffer.from(key), { transaction })),
    range: (range) => readRange(path, range, (wanted) => reading(path, () => readChunk(db, wanted, transaction))),
    hasNow: (key) => reading(path, () => db.get(Buffer.from(key))) !== undefined,
    commit: () => Promise.reject(readOnly),
    failure: new Promise(() => undefined),
    shortage: () => undefined,
    onRoom: () => () => undefined,
    compact: () => Promise.reject(readOnly),
    stat() {
      const entries = entryCount(db);
      const format = checkFormat(snapshot, path, entries);
      return { bytes: statSync(path).size, freeBytes: 0, entries, format: format === 'empty' ? 0 : format };
    },
    async close() {
      transaction.done();
      await db.close();
    },
  };
  return snapshot;
}
