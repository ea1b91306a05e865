import { ParamoError } from '@paramo/core';
import { withChecksum, withoutChecksum } from './checksum.js';
import { decodeKey } from './key.js';
import { tables } from './layout.js';
import type { Entry, Store, Write } from './store.js';

/** The tables whose values are not sealed in here: one says what the file is, the others are sealed by those who make their values. */
const unsealed: ReadonlySet<number> = new Set([tables.format, tables.metricLog, tables.chunk, tables.lateChunk].map((table) => table.charCodeAt(0)));

/**
 * The store with a checksum in front of every value, put there by `commit` and checked by `get` and `range`, which throw
 * STORE_CORRUPT for a damaged entry. A database page that rots is so never taken for what was stored.
 */
export function sealStore(store: Store): Store {
  return {
    ...store,
    get(key) {
      const value = store.get(key);
      return value && unseal(key, value);
    },
    *range(range) {
      for (const [key, value] of store.range(range)) yield [key, range.keysOnly ? value : unseal(key, value)] satisfies Entry;
    },
    commit: (writes) => store.commit(writes.map(seal)),
  };
}

/** The write with its checksum. */
export function seal({ key, value }: Write): Write {
  return { key, value: value === undefined || !isSealed(key) ? value : withChecksum(key, value) };
}

/** Whether the table of a key has its values sealed in here. */
export function isSealed(key: Uint8Array): boolean {
  return !unsealed.has(key[0]!);
}

/**
 * What was put at `key`, without its checksum.
 * @throws ParamoError STORE_CORRUPT when it is damaged.
 */
export function unseal(key: Uint8Array, value: Uint8Array): Uint8Array {
  if (!isSealed(key)) return value;
  const whole = withoutChecksum(key, value);
  if (whole) return whole;
  throw new ParamoError({ code: 'STORE_CORRUPT', message: `${describeEntry(key)} is damaged on disk`, hint: '`paramo doctor` says what else is; `paramo restore` brings a backup back.' });
}

function describeEntry(key: Uint8Array): string {
  const table = String.fromCharCode(key[0]!);
  try {
    const [, studyId, number] = decodeKey(key, ['text', 'text', ...(table === tables.study ? [] : ['count' as const])]);
    if (table === tables.study) return `study ${studyId}`;
    if (table === tables.log) return `position ${number} of the log of study ${studyId}`;
    if (table === tables.trial) return `trial ${number} of study ${studyId}`;
  } catch {
    // Its key says no more.
  }
  return `an entry of table ${table} (key ${Buffer.from(key).toString('hex').slice(0, 160)})`;
}
