import type { Clock, Entropy } from '@paramo/core';
import { createAttempt } from './attempt.js';
import type { Attempt, AttemptTerms } from './attempt.js';
import { holdProcess } from './hold-process.js';
import { runReportStream } from './report-stream.js';
import type { Link } from './link.js';
import type { Warnings } from './warning.js';

/** What became of points that were not stored. */
export interface LostPoints {
  /** Refused at once: bad names, values or steps. */
  readonly refused: number;
  /** Given up because memory for unacked points was full while the daemon was away. */
  readonly dropped: number;
}

/** Carries the points of all attempts of this process to the daemon, and its decisions back. */
export interface Reporter {
  /** True from the loss of the daemon until it is found again. */
  readonly away: boolean;
  readonly lost: LostPoints;
  /** Begins to carry an attempt and to renew its lease. */
  register(terms: AttemptTerms): Attempt;
  /** Ends that; what is unacked is let go. */
  forget(attempt: Attempt): void;
  /** Takes a point for the next batch. Never waits, never throws. */
  add(attempt: Attempt, name: string, step: number, value: number): void;
  /** Notes steps done that no point shows; sent before long. */
  progress(attempt: Attempt, done: number): void;
  /** Counts a point that cannot be stored, and says why once a subject. */
  refuse(subject: string, why: string): void;
  /** Sends what waits now, not at the next tick. */
  flush(): void;
  /** Calls `listener` when `away` changes; the returned function ends that. */
  onAway(listener: () => void): () => void;
  /** Sends what waits for at most `timeoutMs`, says goodbye and ends. */
  close(timeoutMs: number): Promise<void>;
}

/** What a reporter runs on. */
export interface ReporterOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly warnings: Warnings;
  /** The writer id: unique to this process. */
  readonly writerId: string;
  /** The most points kept in memory while they are not acked; the oldest batches lose theirs first. */
  readonly maxPoints?: number;
}

/** The longest a point waits for company, in milliseconds. */
const flushMs = 100;
/** The longest that mere progress waits, in milliseconds. */
const progressMs = 1000;
/** Size of the largest batch; a message holds a few. */
const batchBytes = 128 * 1024;
/** 24 bytes of memory each: 12 MB. */
const defaultMaxPoints = 500_000;
/** A lease is renewed so many times within its length. */
const renewals = 6;
/** How long the stream outlasts attempts nobody is waiting in. */
const lingerMs = 100;

/** A reporter that opens its stream when there is something to say. */
export function createReporter(options: ReporterOptions): Reporter {
  const { link, clock, entropy, warnings, writerId, maxPoints = defaultMaxPoints } = options;
  const attempts = new Map<string, Attempt>();
  const awayListeners = new Set<() => void>();
  let wake: (() => void) | undefined;
  let running: Promise<void> | undefined;
  const abandoned = new AbortController();
  let flushTimer: { readonly dueMs: number; readonly cancel: () => void } | undefined;
  let renewTimer: (() => void) | undefined;
  let flushDue = false;
  let away = false;
  let points = 0;
  let refused = 0;
  let dropped = 0;
  let lingerUntilMs = 0;
  let lingerTimer: (() => void) | undefined;
  let goodbye: 'no' | 'due' | 'said' = 'no';

  const nudge = (): void => {
    wake?.();
    if (!running && (wanted() || goodbye === 'due') && !abandoned.signal.aborted) {
      running = stream().finally(() => {
        running = undefined;
        // What came in while the stream was closing opens the next one.
        if (wanted()) nudge();
      });
    }
  };
  const wanted = (): boolean => {
    if (goodbye === 'said') return false;
    for (const attempt of attempts.values()) if (attempt.held || attempt.waiting > 0 || (attempt.hasWork && !attempt.finishing) || renewalDue(attempt)) return true;
    return clock.monotonicMs() < lingerUntilMs;
  };
  const linger = (): void => {
    lingerUntilMs = clock.monotonicMs() + lingerMs;
    lingerTimer ??= clock.setTimer(lingerMs + 1, () => {
      lingerTimer = undefined;
      if (clock.monotonicMs() < lingerUntilMs) linger();
      else nudge();
    });
  };
  const renewalDue = (attempt: Attempt): boolean => clock.monotonicMs() - attempt.lastSentMs >= attempt.leaseMs / renewals - 1;
  const flush = (): void => {
    flushTimer?.cancel();
    flushTimer = undefined;
    flushDue = true;
    nudge();
  };
  const scheduleFlush = (delayMs: number): void => {
    const dueMs = clock.monotonicMs() + delayMs;
    if (flushTimer && flushTimer.dueMs <= dueMs) return;
    flushTimer?.cancel();
    flushTimer = { dueMs, cancel: clock.setTimer(delayMs, flush) };
  };
  const scheduleRenewal = (): void => {
    renewTimer?.();
    renewTimer = undefined;
    if (attempts.size === 0) return;
    const shortest = Math.min(...[...attempts.values()].map(({ leaseMs }) => leaseMs)) / renewals;
    renewTimer = clock.setTimer(shortest / 2, () => {
      nudge();
      scheduleRenewal();
    });
  };
  const count = (): void => {
    points = 0;
    for (const attempt of attempts.values()) points += attempt.points;
  };
  /** Frees memory when the daemon has been away for long: the oldest points of `attempt` go first, then anybody's. */
  const shed = (attempt: Attempt): void => {
    count();
    while (points > maxPoints) {
      attempt.cut();
      const gone = attempt.shed() || [...attempts.values()].reduce((sum, other) => sum || other.shed(), 0);
      if (gone === 0) return;
      dropped += gone;
      points -= gone;
      warnings.once('dropped', `the daemon has been away for long: the oldest of ${maxPoints} unsent points are being dropped`);
    }
  };

  const stream = (): Promise<void> =>
    runReportStream({
      link,
      clock,
      entropy,
      warnings,
      writerId,
      signal: abandoned.signal,
      attempts,
      wanted: () => wanted() || goodbye === 'due',
      renewalDue,
      takeFlush: () => {
        const due = flushDue;
        flushDue = false;
        return due;
      },
      takeGoodbye: () => {
        if (goodbye !== 'due') return false;
        for (const attempt of attempts.values()) if (attempt.hasWork) return false;
        goodbye = 'said';
        return true;
      },
      setWake: (next) => {
        wake = next;
      },
      setAway: (next) => {
        if (away === next) return;
        away = next;
        for (const listener of [...awayListeners]) listener();
      },
      onNews: () => {
        count();
        // An ack may be what the end of the stream waits for.
        wake?.();
      },
    });

  return {
    get away() {
      return away;
    },
    get lost() {
      return { refused, dropped };
    },
    register(terms) {
      const attempt = createAttempt(terms, clock.monotonicMs());
      attempts.set(keyOf(terms), attempt);
      scheduleRenewal();
      nudge();
      return attempt;
    },
    forget(attempt) {
      attempt.forgotten = true;
      if (attempts.get(keyOf(attempt)) === attempt) attempts.delete(keyOf(attempt));
      count();
      linger();
      scheduleRenewal();
      nudge();
    },
    add(attempt, name, step, value) {
      if (attempt.forgotten) return;
      if (attempt.add(name, step, value, Math.max(0, Math.floor(clock.wallMs()))) && ++points > maxPoints) shed(attempt);
      if (attempt.looseBytes >= batchBytes) attempt.cut();
      scheduleFlush(flushMs);
    },
    progress(attempt, done) {
      attempt.markDone(done);
      scheduleFlush(progressMs);
    },
    refuse(subject, why) {
      refused++;
      warnings.once(subject, why);
    },
    flush,
    onAway(listener) {
      awayListeners.add(listener);
      return () => awayListeners.delete(listener);
    },
    async close(timeoutMs) {
      if (goodbye === 'no' && attempts.size > 0) goodbye = 'due';
      lingerUntilMs = 0;
      const release = holdProcess();
      const cancelTimer = clock.setTimer(timeoutMs, () => abandoned.abort());
      flush();
      // The stream may end and open again on the way.
      while (running) await running;
      release();
      cancelTimer();
      flushTimer?.cancel();
      renewTimer?.();
      lingerTimer?.();
      abandoned.abort();
    },
  };
}

function keyOf({ studyId, trial, attempt }: { readonly studyId: string; readonly trial: number; readonly attempt: number }): string {
  return `${studyId}/${trial}/${attempt}`;
}
