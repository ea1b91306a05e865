import { chunkWrites } from './series-chunks.js';
import type { AttemptTail, SeriesTails } from './series-tails.js';
import type { Store, Write } from './store.js';
import { sequenceWrite } from './writer-sequence.js';

/** How many chunks are made in one event turn, and how many go in one transaction with the rest of their attempt. */
const turnChunks = 250;
const sliceChunks = 500;

/** What is being deleted while the log is drained. */
export interface Deletions {
  /** How many have begun. */
  count(): number;
  /** Whether an attempt is being deleted: no chunk may be made of it any more. */
  includes(tail: AttemptTail): boolean;
}

/**
 * Moves attempts into chunks, slice by slice, each with the sequences up to which its batches are in them. An attempt
 * leaves the tails once that is durable. Answers whether all did: what is being deleted does not, and
 * nothing does while room is scarce, for it takes room before it gives some.
 */
export async function drainTails(store: Store, tails: SeriesTails, deletions: Deletions): Promise<boolean> {
  while (!store.shortage()) {
    const begun = deletions.count();
    const slice: AttemptTail[] = [];
    const writes: Write[] = [];
    for (const tail of tails.attempts()) {
      if (deletions.includes(tail)) continue;
      const { studyId, trial, attempt } = tail;
      slice.push(tail);
      for (const late of [false, true]) {
        for (const [name, runs] of late ? tail.late : tail.inTime) {
          for (const write of chunkWrites(store, { studyId, trial, attempt, name, late }, runs)) {
            if (writes.push(write) % turnChunks === 0) await new Promise(setImmediate);
          }
        }
      }
      for (const [writer, sequence] of tail.sequences) writes.push(sequenceWrite({ studyId, trial, attempt, writer }, sequence));
      if (writes.length >= sliceChunks) break;
    }
    if (slice.length === 0) return tails.isEmpty;
    // Some of it may be gone since it was read.
    if (deletions.count() !== begun) continue;
    await store.commit(writes);
    for (const tail of slice) tails.take(tail);
  }
  return tails.isEmpty;
}
