import { countPoints } from './points.js';
import { chunkWrites } from './series-chunks.js';
import type { AttemptTail, SeriesTails } from './series-tails.js';
import type { Store, Write } from './store.js';
import { sequenceWrite } from './writer-sequence.js';

/** What is worked out in one event turn, and goes in one transaction with the rest of its attempt. */
const sliceSeries = 500;
const slicePoints = 100_000;

/** What is being deleted while the log is drained. */
export interface Deletions {
  /** How many have begun. */
  count(): number;
  /** Whether an attempt is being deleted: no chunk may be made of it any more. */
  includes(tail: AttemptTail): boolean;
}

/**
 * Moves attempts into chunks, slice by slice, each with the sequences up to which its batches are in them. An attempt
 * leaves the tails once that is durable. Answers whether all did: what is being deleted does not.
 */
export async function drainTails(store: Store, tails: SeriesTails, deletions: Deletions): Promise<boolean> {
  for (;;) {
    const begun = deletions.count();
    const slice: AttemptTail[] = [];
    const writes: Write[] = [];
    let series = 0;
    let points = 0;
    for (const tail of tails.attempts()) {
      if (deletions.includes(tail)) continue;
      const { studyId, trial, attempt } = tail;
      slice.push(tail);
      for (const late of [false, true]) {
        for (const [name, runs] of late ? tail.late : tail.inTime) {
          // An attempt with very many series takes several turns.
          if (series > 0 && series % sliceSeries === 0) await new Promise(setImmediate);
          writes.push(...chunkWrites(store, { studyId, trial, attempt, name, late }, runs));
          series++;
          points += countPoints(runs);
        }
      }
      for (const [writer, sequence] of tail.sequences) writes.push(sequenceWrite({ studyId, trial, attempt, writer }, sequence));
      if (series >= sliceSeries || points >= slicePoints) break;
    }
    if (slice.length === 0) return tails.isEmpty;
    // Some of it may be gone since it was read.
    if (deletions.count() !== begun) continue;
    await store.commit(writes);
    for (const tail of slice) tails.take(tail);
  }
}
