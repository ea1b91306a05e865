import { Verdict } from '@paramo/protocol';
import type { AttemptKey, AttemptUpdate } from '@paramo/protocol';

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

/** One attempt as the code that evaluates it sees it: what the daemon wants, and whether it has everything. */
export interface Attempt extends AttemptTerms {
  readonly key: AttemptKey;
  readonly verdict: AttemptVerdict;
  /** Why, in the daemon's words. */
  readonly reason: string;
  /** Reports up to this done-count have been decided on. */
  readonly decidedDone: number;
  readonly granted: number;
  /** True while something waits to be sent or acked. */
  readonly hasWork: boolean;
  /** How many calls wait for news of it, which keeps the stream open. */
  waiting: number;
  /** True once it was ended here: nothing more of it is sent. */
  readonly finishing: boolean;
  /** Takes news in and tells the listeners. */
  apply(update: AttemptUpdate): void;
  /** Calls `listener` on every piece of news; the returned function ends that. */
  onNews(listener: () => void): () => void;
}

/** An attempt with what its reporter alone may do with it. */
export interface ReportedAttempt extends Attempt {
  /** Names it to the carrier. */
  readonly handle: number;
  /** Numbers of its metrics. */
  readonly metrics: Map<string, number>;
  /** The newest points of metrics that found no room, by number of the metric. */
  readonly aside: Map<number, PointAside>;
  /** Points and progress handed to the carrier so far, and how many of them the daemon has or will never have. */
  handed: number;
  settled: number;
  finishing: boolean;
  /** The daemon knows it no more. */
  end(why: string): void;
  /** Tells the listeners. */
  tell(): void;
}

/** A point that waits for room. */
export interface PointAside {
  readonly step: number;
  readonly value: number;
  readonly timeMs: number;
}

const verdicts: Readonly<Record<number, AttemptVerdict>> = {
  [Verdict.VERDICT_STOP]: 'stop',
  [Verdict.VERDICT_PAUSE]: 'pause',
  [Verdict.VERDICT_FENCED]: 'fenced',
  [Verdict.VERDICT_ENDED]: 'ended',
};

/** Stop beats pause, and what is over beats both. */
const gravity: Readonly<Record<AttemptVerdict, number>> = { continue: 0, pause: 1, stop: 2, ended: 3, fenced: 4 };

/** An attempt of which nothing is known but its terms. `onWaiting` is told when somebody begins or ceases to wait for news. */
export function createAttempt(terms: AttemptTerms, handle: number, onWaiting: (isWaiting: boolean) => void): ReportedAttempt {
  const listeners = new Set<() => void>();
  const aside = new Map<number, PointAside>();
  let verdict: AttemptVerdict = 'continue';
  let reason = '';
  let decidedDone = 0;
  let granted = terms.grantedThrough ?? Number.POSITIVE_INFINITY;
  let waiting = 0;

  const attempt: ReportedAttempt = {
    ...terms,
    key: { studyId: terms.studyId, trial: BigInt(terms.trial), attempt: terms.attempt },
    handle,
    metrics: new Map(),
    aside,
    handed: 0,
    settled: 0,
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
    get hasWork() {
      return attempt.handed > attempt.settled || aside.size > 0;
    },
    get waiting() {
      return waiting;
    },
    set waiting(count) {
      if ((count > 0) !== (waiting > 0)) onWaiting(count > 0);
      waiting = count;
    },
    apply(update) {
      decidedDone = Math.max(decidedDone, Number(update.decidedDone));
      if (update.grantedThrough !== undefined) granted = Math.max(Number.isFinite(granted) ? granted : 0, Number(update.grantedThrough));
      const next = verdicts[update.verdict];
      // What ends an attempt is never taken back by a message that was under way. That it is over is no news to whoever is ending it.
      if (next && gravity[next] > gravity[verdict] && !(attempt.finishing && next === 'ended')) {
        verdict = next;
        reason = update.reason;
      }
      attempt.tell();
    },
    end(why) {
      if (verdict === 'continue') {
        verdict = 'ended';
        reason = why;
      }
      attempt.tell();
    },
    tell() {
      for (const listener of [...listeners]) listener();
    },
    onNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return attempt;
}
