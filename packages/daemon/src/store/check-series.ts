import { ParamoError } from '@paramo/core';
import { withoutChecksum } from './checksum.js';
import { decodeKey, prefixRange } from './key.js';
import { tables } from './layout.js';
import { damagedChunk } from './series-chunks.js';
import type { Store } from './store.js';

/**
 * Checks the checksum of everything that is stored of series: the records of the metric log, then the chunks. Gives one
 * answer for each, the error (DATA_LOSS, with what is damaged) or undefined, so that whoever asks can take breaks.
 */
export function* checkSeries(store: Store): Iterable<ParamoError | undefined> {
  for (const [key, value] of store.range(prefixRange(tables.metricLog))) yield withoutChecksum(key, value) ? undefined : damagedRecord(key);
  for (const table of [tables.chunk, tables.lateChunk]) {
    for (const [key, value] of store.range(prefixRange(table))) yield withoutChecksum(key, value) ? undefined : damagedChunk(key);
  }
}

function damagedRecord(key: Uint8Array): ParamoError {
  return new ParamoError({
    code: 'DATA_LOSS', message: `record ${decodeKey(key, ['text', 'count'])[1]} of the metric log is damaged on disk`,
    hint: 'The points that were reported in it are missing from their series. Restore a backup to get them back.',
  });
}
