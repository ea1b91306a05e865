import { chunkWrites } from './series-chunks.js';
import type { AttemptTail, SeriesTails } from './series-tails.js';
import type { Store, Write } from './store.js';
import { sequenceWrite } from './writer-sequence.js';

/** What one transaction drains at most, of whole attempts. */
const sliceSeries = 500;
const slicePoints = 100_000;

/**
 * Moves attempts into chunks, slice by slice, each with the sequences up to which its batches are in them. An attempt
 * leaves the tails once that is durable. Answers whether all did: those of `stays` do not.
 */
export async function drainTails(store: Store, tails: SeriesTails, stays: (tail: AttemptTail) => boolean): Promise<boolean> {
  for (;;) {
    const slice: AttemptTail[] = [];
    const writes: Write[] = [];
    let series = 0;
    let points = 0;
    for (const tail of tails.attempts()) {
      if (stays(tail)) continue;
      slice.push(tail);
      const { studyId, trial, attempt } = tail;
      for (const late of [false, true]) {
        for (const [name, more] of late ? tail.late : tail.inTime) {
          writes.push(...chunkWrites(store, { studyId, trial, attempt, name, late }, more));
          series++;
          points += more.steps.length;
        }
      }
      for (const [writer, sequence] of tail.sequences) writes.push(sequenceWrite({ studyId, trial, attempt, writer }, sequence));
      if (series >= sliceSeries || points >= slicePoints) break;
    }
    if (slice.length === 0) return tails.isEmpty;
    await store.commit(writes);
    for (const tail of slice) tails.take(tail);
  }
}
