import { Verdict } from '@paramo/protocol';
import type { AttemptKey, AttemptUpdate, Batch } from '@paramo/protocol';
import { createPointBuffer } from './point-buffer.js';
import type { PointBuffer } from './point-buffer.js';
import { createUnackedBatches } from './unacked-batches.js';
import type { UnackedBatches } from './unacked-batches.js';

/** Names an attempt: study, trial, attempt. */
export interface AttemptName {
  readonly studyId: string;
  readonly trial: number;
  readonly attempt: number;
}

/** What the daemon wants of an attempt. */
export type AttemptVerdict = 'continue' | 'stop' | 'pause' | 'fenced' | 'ended';

/** What is known of an attempt when its trial is handed out. */
export interface AttemptTerms extends AttemptName {
  readonly leaseMs: number;
  /** The done-count it may reach; absent: no limit. */
  readonly grantedThrough?: number;
  /** Whether the code that evaluates it runs inside one of our calls, which then keeps the stream open. */
  readonly held: boolean;
  /** The name of its study, for messages. */
  readonly study?: string;
}

/** One attempt as its worker's process sees it: points on their way out, the daemon's will on its way in. */
export interface Attempt extends AttemptTerms {
  /** Points that are in no batch yet. */
  readonly loose: Omit<PointBuffer, 'take'>;
  /** Those that are. */
  readonly batches: Omit<UnackedBatches, 'push' | 'ack' | 'refuse'>;
  readonly key: AttemptKey;
  readonly verdict: AttemptVerdict;
  /** Why, in the daemon's words. */
  readonly reason: string;
  /** Reports up to this done-count have been decided on. */
  readonly decidedDone: number;
  readonly granted: number;
  /** Points not yet acked, and their size on the wire. */
  readonly points: number;
  readonly bytes: number;
  /** True while something waits to be sent or acked. */
  readonly hasWork: boolean;
  /** When something of it was last sent, on the monotonic clock. */
  lastSentMs: number;
  /** True once nothing of it is carried any more. */
  forgotten: boolean;
  /** How many calls wait for news of it, which keeps the stream open. */
  waiting: number;
  /** True once its last call carries what is unacked: the stream sends no more of it. */
  finishing: boolean;
  /** Steps done so far, which points need not show. */
  markDone(done: number): void;
  /** Makes a batch of what is loose, if anything is. */
  cut(): void;
  /** Takes news in and tells the listeners. */
  apply(update: AttemptUpdate): void;
  /** The daemon will never take the points of this batch. */
  refuse(sequence: number, why: string): void;
  /** Calls `listener` on every piece of news; the returned function ends that. */
  onNews(listener: () => void): () => void;
}

const verdicts: Readonly<Record<number, AttemptVerdict>> = {
  [Verdict.VERDICT_STOP]: 'stop',
  [Verdict.VERDICT_PAUSE]: 'pause',
  [Verdict.VERDICT_FENCED]: 'fenced',
  [Verdict.VERDICT_ENDED]: 'ended',
};

/** Stop beats pause, and what is over beats both. */
const gravity: Readonly<Record<AttemptVerdict, number>> = { continue: 0, pause: 1, stop: 2, ended: 3, fenced: 4 };

/** An attempt with nothing logged yet. `read` gets back a batch of it that is in the spool. */
export function createAttempt(terms: AttemptTerms, nowMs: number, read?: (sequence: number) => Batch | undefined): Attempt {
  const key: AttemptKey = { studyId: terms.studyId, trial: BigInt(terms.trial), attempt: terms.attempt };
  const loose = createPointBuffer();
  const batches = createUnackedBatches(key, read);
  const listeners = new Set<() => void>();
  let done = 0;
  let batchedDone = 0;
  let verdict: AttemptVerdict = 'continue';
  let reason = '';
  let decidedDone = 0;
  let granted = terms.grantedThrough ?? Number.POSITIVE_INFINITY;

  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };

  return {
    ...terms,
    key,
    loose,
    batches,
    lastSentMs: nowMs,
    forgotten: false,
    waiting: 0,
    finishing: false,
    get verdict() {
      return verdict;
    },
    get reason() {
      return reason;
    },
    get decidedDone() {
      return decidedDone;
    },
    get granted() {
      return granted;
    },
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
    apply(update) {
      batches.ack(Number(update.ackedSequence));
      decidedDone = Math.max(decidedDone, Number(update.decidedDone));
      if (update.grantedThrough !== undefined) granted = Math.max(Number.isFinite(granted) ? granted : 0, Number(update.grantedThrough));
      const next = verdicts[update.verdict];
      // What ends an attempt is never taken back by a message that was under way.
      if (next && gravity[next] > gravity[verdict]) {
        verdict = next;
        reason = update.reason;
      }
      tell();
    },
    refuse(refused, why) {
      if (batches.refuse(refused)) return;
      // Not even an empty one is taken: the trial is gone.
      if (verdict === 'continue') {
        verdict = 'ended';
        reason = why;
      }
      tell();
    },
    onNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
