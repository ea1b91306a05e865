import { ParamoError } from '@paramo/core';
import { open } from 'lmdb';
import type { RootDatabase, Transaction } from 'lmdb';
import type { Entry, Range } from './store.js';

/** A database of bytes. */
export type Database = RootDatabase<Buffer, Buffer>;

/** The database grows by itself; address space for so much is set aside at once, so that it seldom has to be mapped anew. */
const mapBytes = 2 ** 34;
const chunkEntries = 256;
const chunkBytes = 2 ** 20;
const nothing = Buffer.alloc(0);

/** Error codes: not LMDB's file, and its file of another version. */
const foreignCodes: readonly unknown[] = [-30793, -30794];

/** Opens a database file. @throws ParamoError STORE_FORMAT when it is another program's, STORE_CORRUPT when it cannot be opened. */
export function openDatabase(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): Database {
  try {
    return open<Buffer, Buffer>({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false, encoding: 'binary', keyEncoding: 'binary', mapSize: mapBytes, readOnly });
  } catch (cause) {
    const code = (cause as { readonly code?: unknown }).code;
    if (foreignCodes.includes(code)) throw new ParamoError({ code: 'STORE_FORMAT', message: `${path} is not a store of Paramo`, hint: 'Move the file away, or set PARAMO_HOME to another folder.', cause });
    throw new ParamoError({ code: 'STORE_CORRUPT', message: `${path} cannot be opened: ${(cause as Error).message}`, hint: 'Check the folder and its permissions; restore a backup if the file is damaged.', cause });
  }
}

/** How many entries a database has, as its head page counts them. */
export function entryCount(db: Database): number {
  return (db.getStats() as { readonly entryCount: number }).entryCount;
}

/**
 * The entries of a range of the database at `path`, chunk by chunk as `read` gives them. A damaged key would have them read over and
 * over without an end.
 * @throws ParamoError STORE_CORRUPT when they do not come in order.
 */
export function* readRange(path: string, range: Range, read: (wanted: Range) => readonly Entry[]): Iterable<Entry> {
  let rest: Range | undefined = range;
  while (rest) {
    const chunk = read(rest);
    const { from, to, reverse } = rest;
    let previous: Uint8Array | undefined;
    for (const entry of chunk) {
      const [key] = entry;
      const isNext = reverse ? Buffer.compare(key, previous ?? to) < 0 : previous ? Buffer.compare(key, previous) > 0 : Buffer.compare(key, from) >= 0;
      if (!isNext) throw unreadable(path, new Error('its entries are out of order'));
      yield entry;
      previous = key;
    }
    rest = remainder(rest, chunk);
  }
}

/** Entries of one snapshot, up to a number and a size; more follow when it is not the whole range. */
export function readChunk(db: Database, { from, to, reverse = false, limit = Infinity, keysOnly = false }: Range, transaction?: Transaction): Entry[] {
  const chunk: Entry[] = [];
  if (limit <= 0 || Buffer.compare(from, to) >= 0) return chunk;
  const bounds = reverse
    ? { start: Buffer.from(to), end: Buffer.from(from), exclusiveStart: true, inclusiveEnd: true, reverse }
    : { start: Buffer.from(from), end: Buffer.from(to) };
  let bytes = 0;
  const wanted = { ...bounds, limit: Math.min(limit, chunkEntries), ...(transaction && { transaction }) };
  for (const { key, value } of keysOnly ? db.getKeys(wanted).map((one) => ({ key: one, value: nothing })) : db.getRange(wanted)) {
    chunk.push([key, value]);
    bytes += key.length + value.length;
    if (bytes >= chunkBytes) break;
  }
  return chunk;
}

/** What is left of a range after a chunk, or undefined when nothing can be. */
function remainder(range: Range, chunk: readonly Entry[]): Range | undefined {
  const last = chunk.at(-1)?.[0];
  const limit = (range.limit ?? Infinity) - chunk.length;
  if (last === undefined || limit <= 0) return undefined;
  if (range.reverse) return { ...range, to: last, limit };
  // The least key above another is that key and a zero byte.
  return { ...range, from: Buffer.concat([last, Buffer.alloc(1)]), limit };
}

/** Reads, and says what is wrong with the database when it cannot be read. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if ((cause as Error).message.includes('MDB_PANIC')) throw new ParamoError({ code: 'DATA_LOSS', message: `${path} cannot be read after a failed write`, hint: 'Start the daemon again; nothing that was acknowledged is lost.', cause });
    throw unreadable(path, cause);
  }
}

const noSpace = 28;

/** Whether the database says that the disk is full, by ENOSPC or, of a copy, in words. */
export function isForWantOfRoom(cause: unknown): boolean {
  const { code, message = '' } = cause as { readonly code?: unknown; readonly message?: string };
  return code === noSpace || /No space left|quota exceeded/i.test(message);
}

/** The error of a database that cannot be read. */
export function unreadable(path: string, cause: unknown): ParamoError {
  return new ParamoError({ code: 'STORE_CORRUPT', message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, hint: 'Stop the daemon and restore a backup.', cause });
}
