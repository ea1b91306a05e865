import type { AttemptKey, EncodedBatch } from '@paramo/protocol';
import type { AttemptTerms } from '../attempt.js';
import { createPointBuffer } from './point-buffer.js';
import type { PointBuffer } from './point-buffer.js';
import { createUnackedBatches } from './unacked-batches.js';
import type { UnackedBatches } from './unacked-batches.js';

/** One attempt on its way to the daemon. */
export interface CarriedAttempt extends AttemptTerms {
  readonly handle: number;
  /** Names of its metrics, by number. */
  readonly metrics: string[];
  /** Entries taken so far. */
  taken: number;
  /** How many of them its reporter knows to be settled. */
  told: number;
  /** Points that are in no batch yet. */
  readonly loose: Omit<PointBuffer, 'take'>;
  /** Those that are. */
  readonly batches: Omit<UnackedBatches, 'push' | 'ack' | 'refuse'>;
  readonly key: AttemptKey;
  /** Points not yet acked, and their size on the wire. */
  readonly points: number;
  readonly bytes: number;
  /** True while something waits to be sent or acked. */
  readonly hasWork: boolean;
  /** When something of it was last sent, on the monotonic clock. */
  lastSentMs: number;
  /** Whether somebody waits for news of it, which keeps the stream open. */
  isWaitedFor: boolean;
  /** True once its last call carries what is unacked: the stream sends no more of it. */
  finishing: boolean;
  /** Steps done so far, which points need not show. */
  markDone(done: number): void;
  /** Makes a batch of what is loose, if anything is. */
  cut(): void;
  /** Batches up to this sequence are stored. */
  ack(sequence: number): void;
  /** The daemon will never take the points of this batch. False: nor anything else of the attempt. */
  refuse(sequence: number): boolean;
}

/** An attempt with nothing logged yet. `read` gets back a batch of it that is in the spool. */
export function carryAttempt(terms: AttemptTerms, handle: number, nowMs: number, read?: (sequence: number) => EncodedBatch | undefined): CarriedAttempt {
  const key: AttemptKey = { studyId: terms.studyId, trial: BigInt(terms.trial), attempt: terms.attempt };
  const loose = createPointBuffer();
  const batches = createUnackedBatches(key, read);
  let done = 0;
  let batchedDone = 0;

  return {
    ...terms,
    handle,
    metrics: [],
    taken: 0,
    told: 0,
    key,
    loose,
    batches,
    lastSentMs: nowMs,
    isWaitedFor: false,
    finishing: false,
    get points() {
      return batches.points + loose.points;
    },
    get bytes() {
      return batches.bytes + loose.bytes;
    },
    get hasWork() {
      return !batches.isEmpty || loose.points > 0 || done > batchedDone;
    },
    markDone(count) {
      done = Math.max(done, count);
    },
    cut() {
      const block = loose.take();
      if (!block && done <= batchedDone) return;
      batches.push(block, done, loose.dropped);
      batchedDone = done;
    },
    ack: (sequence) => batches.ack(sequence),
    refuse: (sequence) => batches.refuse(sequence),
  };
}
