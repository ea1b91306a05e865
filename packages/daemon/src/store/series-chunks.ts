import type { TrialId } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { checksumBytes, withChecksum, withoutChecksum } from './checksum.js';
import { after, decodeKey, encodeKey, prefixRange } from './key.js';
import type { KeyPart } from './key.js';
import { tables } from './layout.js';
import type { AttemptKey } from './layout.js';
import { noPoints, pointsFrom } from './points.js';
import type { Points } from './points.js';
import { packPoints, unpackPoints } from './series-chunk.js';
import { addRun } from './series-run.js';
import type { Run } from './series-run.js';
import type { Range, Store, Write } from './store.js';

/** A chunk fills one page that the database sets aside for it: 4096 bytes less 16 of its own. */
const chunkBytes = 4096 - 16;

/** More points than any chunk holds: a point takes the 4 bytes of its value at least. */
const mostPoints = chunkBytes / 4;

/** Names the series of one attempt. */
export interface SeriesKey extends AttemptKey {
  readonly name: string;
  /** Those written after the attempt was fenced. */
  readonly late: boolean;
}

/** All chunks of a trial's series, or of those of one name. */
export function chunkRange(late: boolean, studyId: string, trial: TrialId, ...name: readonly string[]): Range {
  return prefixRange(tableOf(late), studyId, trial, ...name);
}

/** The names of the series a trial has chunks of, in byte order; reads one key a name. */
export function chunkNames(store: Store, late: boolean, studyId: string, trial: TrialId): string[] {
  const names: string[] = [];
  const all = chunkRange(late, studyId, trial);
  let { from } = all;
  for (;;) {
    const [entry] = store.range({ from, to: all.to, limit: 1, keysOnly: true });
    if (entry === undefined) return names;
    const { name } = seriesOf(entry[0]);
    names.push(name);
    from = after(encodeKey(tableOf(late), studyId, trial, name));
  }
}

/** What a chunk's key says. */
export function seriesOf(key: Uint8Array): SeriesKey & { readonly index: number } {
  const [table, studyId, trial, name, attempt, index] = decodeKey(key, ['text', 'text', 'count', 'text', 'count', 'count']) as [string, string, number, string, number, number];
  return { studyId, trial, name, attempt, late: table === tables.lateChunk, index };
}

/**
 * Adds a chunk's points to `points`.
 * @throws ParamoError DATA_LOSS when it is damaged.
 */
export function readChunk(key: Uint8Array, value: Uint8Array, points: Points): void {
  const bytes = withoutChecksum(key, value);
  if (!bytes) throw damagedChunk(key);
  unpackPoints(bytes, points);
}

/** The error for a chunk whose checksum is wrong. */
export function damagedChunk(key: Uint8Array): ParamoError {
  const { studyId, trial, name, attempt } = seriesOf(key);
  return new ParamoError({
    code: 'DATA_LOSS', message: `points of "${name}" of trial ${trial}, attempt ${attempt}, in study ${studyId} are damaged on disk`,
    hint: 'Other series can be read. Restore a backup to get this one back, or delete the trial.',
  });
}

/** The writes, one a chunk, that add runs of points at the end of a series: its last chunk is filled up, then new ones are begun. */
export function* chunkWrites(store: Store, series: SeriesKey, runs: readonly Run[]): Iterable<Write> {
  const prefix: readonly KeyPart[] = [tableOf(series.late), series.studyId, series.trial, series.name, series.attempt];
  const [last] = store.range({ ...prefixRange(...prefix), reverse: true, limit: 1 });
  const open = last && withoutChecksum(...last);
  // A damaged chunk stays what it is: whoever reads the series learns of it.
  let index = last ? seriesOf(last[0]).index + (open ? 0 : 1) : 0;
  let points = noPoints();
  if (open) unpackPoints(open, points);
  /** Points of the chunk that is there; 0 once it was dealt with. */
  let known = points.steps.length;
  for (const [i, run] of runs.entries()) {
    addRun(points, run);
    let from = 0;
    // Before the last run only what is a whole chunk for sure.
    const least = i < runs.length - 1 ? mostPoints : 1;
    while (points.steps.length - from >= least) {
      const { bytes, to } = packPoints(points, from, chunkBytes - checksumBytes);
      const key = encodeKey(...prefix, index++);
      if (to !== known) yield { key, value: withChecksum(key, bytes) };
      known = 0;
      from = to;
    }
    points = pointsFrom(points, from);
  }
}

function tableOf(late: boolean): string {
  return late ? tables.lateChunk : tables.chunk;
}
