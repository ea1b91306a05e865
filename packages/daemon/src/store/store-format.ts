import { ParamoError } from '@paramo/core';
import { encodeKey } from './key.js';
import { storeFormat, tables } from './layout.js';
import { unreadable } from './lmdb-read.js';
import type { Store, Write } from './store.js';

const magic = 'paramo store';

/** The write that makes a file a store of a format: of this version's unless told otherwise. */
export function formatWrite(format: number = storeFormat): Write {
  return { key: encodeKey(tables.format), value: Buffer.from(JSON.stringify({ magic, format })) };
}

/**
 * The format of a store, this version's or an older one; or that it is empty. `entries`: how many it has, by its own books.
 * @throws ParamoError STORE_FORMAT when a newer version of Paramo or another program wrote it, STORE_CORRUPT when what it has cannot be found.
 */
export function checkFormat(store: Store, path: string, entries: number): number | 'empty' {
  const bytes = store.get(encodeKey(tables.format));
  if (bytes === undefined) {
    for (const _entry of store.range({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 1 })) throw foreign(path);
    if (entries > 0) throw unreadable(path, new Error(`it has ${entries} entries, and none can be found`));
    return 'empty';
  }
  const format = readFormat(bytes);
  if (format === undefined) throw foreign(path);
  if (format > storeFormat) {
    throw new ParamoError({ code: 'STORE_FORMAT', message: `${path} has format ${format}; this version of Paramo opens formats up to ${storeFormat}`, hint: 'Run the newer version that wrote it, or set PARAMO_HOME to another folder.' });
  }
  return format;
}

function readFormat(bytes: Uint8Array): number | undefined {
  try {
    const record = JSON.parse(Buffer.from(bytes).toString()) as { readonly magic?: unknown; readonly format?: unknown } | null;
    return record?.magic === magic && Number.isSafeInteger(record.format) ? (record.format as number) : undefined;
  } catch {
    return undefined;
  }
}

function foreign(path: string): ParamoError {
  return new ParamoError({ code: 'STORE_FORMAT', message: `${path} is a database of another program, not a store of Paramo`, hint: 'Move the file away, or set PARAMO_HOME to another folder.' });
}
