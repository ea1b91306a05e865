import { Verdict } from '@paramo/protocol';
import type { AttemptKey, AttemptUpdate, Batch } from '@paramo/protocol';
import { createPointBuffer } from './point-buffer.js';
import type { PointBlock } from './point-buffer.js';

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
}

/** Points that have a sequence and are kept until acked. */
interface KeptBatch {
  readonly sequence: number;
  block: PointBlock | undefined;
  readonly done: number;
  /** The stream it went out on last; 0: none. */
  sentOn: number;
}

/** One attempt as its worker's process sees it: points on their way out, the daemon's will on its way in. */
export interface Attempt extends AttemptTerms {
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
  /** Size of what waits in no batch yet. */
  readonly looseBytes: number;
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
  add(name: string, step: number, value: number, timeMs: number): boolean;
  /** Steps done so far, which points need not show. */
  markDone(done: number): void;
  /** Makes a batch of what is loose, if anything is. */
  cut(): void;
  /** The next batch not sent on stream `epoch`, marked as sent. */
  nextUnsent(epoch: number): Batch | undefined;
  /** Everything not acked, in order. */
  unacked(): Batch[];
  /** Takes the points out of its oldest batch to free memory; says how many. */
  shed(): number;
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

/** An attempt with nothing logged yet. */
export function createAttempt(terms: AttemptTerms, nowMs: number): Attempt {
  const key: AttemptKey = { studyId: terms.studyId, trial: BigInt(terms.trial), attempt: terms.attempt };
  const buffer = createPointBuffer();
  const listeners = new Set<() => void>();
  let batches: KeptBatch[] = [];
  let keptPoints = 0;
  let keptBytes = 0;
  let sequence = 0;
  let done = 0;
  let batchedDone = 0;
  let verdict: AttemptVerdict = 'continue';
  let reason = '';
  let decidedDone = 0;
  let granted = terms.grantedThrough ?? Number.POSITIVE_INFINITY;

  const forget = (batch: KeptBatch): void => {
    keptPoints -= batch.block?.points ?? 0;
    keptBytes -= batch.block?.bytes ?? 0;
    batch.block = undefined;
  };
  const keep = (matches: (batch: KeptBatch) => boolean): void => {
    for (const batch of batches) if (!matches(batch)) forget(batch);
    batches = batches.filter(matches);
  };
  const toMessage = (batch: KeptBatch): Batch => ({
    ...key,
    sequence: BigInt(batch.sequence),
    series: (batch.block?.series ?? []).map(({ name, steps, values, timesMs, length }) => ({
      name,
      steps: Array.from({ length }, (_, i) => BigInt(steps[i]!)),
      values: Array.from(values.subarray(0, length)),
      timesMs: Array.from({ length }, (_, i) => BigInt(timesMs[i]!)),
    })),
    done: BigInt(batch.done),
  });
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };

  return {
    ...terms,
    key,
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
      return keptPoints + buffer.points;
    },
    get bytes() {
      return keptBytes + buffer.bytes;
    },
    get looseBytes() {
      return buffer.bytes;
    },
    get hasWork() {
      return batches.length > 0 || buffer.points > 0 || done > batchedDone;
    },
    add: (name, step, value, timeMs) => buffer.add(name, step, value, timeMs),
    markDone(count) {
      done = Math.max(done, count);
    },
    cut() {
      const block = buffer.take();
      if (!block && done <= batchedDone) return;
      batches.push({ sequence: ++sequence, block, done, sentOn: 0 });
      batchedDone = done;
      keptPoints += block?.points ?? 0;
      keptBytes += block?.bytes ?? 0;
    },
    nextUnsent(epoch) {
      const batch = batches.find(({ sentOn }) => sentOn !== epoch);
      if (!batch) return undefined;
      batch.sentOn = epoch;
      return toMessage(batch);
    },
    unacked: () => batches.map(toMessage),
    shed() {
      const oldest = batches.find(({ block }) => block !== undefined);
      const points = oldest?.block?.points ?? 0;
      if (oldest) forget(oldest);
      return points;
    },
    apply(update) {
      const acked = Number(update.ackedSequence);
      if (acked > 0) keep((batch) => batch.sequence > acked);
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
      const batch = batches.find(({ sequence: own }) => own === refused);
      if (!batch) return;
      // Its number must still arrive, or those after it would leave a gap: it goes out again without its points.
      if (batch.block) {
        forget(batch);
        batch.sentOn = 0;
        return;
      }
      // Not even that is taken: the trial is gone.
      keep(() => false);
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
