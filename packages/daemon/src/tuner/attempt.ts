import type { CancelTimer, Clock, Objective, Step, TrialId, Worker } from '@paramo/core';
import { createAttemptMetrics, type AttemptMetrics } from './attempt-metrics.js';
import type { AttemptUpdate, Verdict } from './update-bus.js';

/** A running attempt: its lease, its reports, and what its worker has to be told. Lives in memory only. */
export interface Attempt {
  readonly studyId: string;
  readonly trial: TrialId;
  readonly number: number;
  readonly worker: Worker;
  readonly leaseMs: number;
  readonly metrics: AttemptMetrics;
  /** The last sequence taken from each writer, durable or not. */
  readonly sequences: Map<string, number>;
  verdict: Verdict;
  reason: string;
  /** Renews the lease. */
  touch(): void;
  /** Notes a report that plugins must see before `done` counts as decided. */
  awaitDecision(done: Step, position: number): void;
  /** Tells that plugins were asked at `position`; true when that decided anything. */
  decided(position: number): boolean;
  /** What to tell the worker; `ackedSequence` is of the writer that is answered. */
  update(ackedSequence: number): AttemptUpdate;
  /** Ends the lease's timer. */
  close(): void;
}

/** What an attempt starts with. */
export interface AttemptOptions {
  readonly studyId: string;
  readonly trial: TrialId;
  readonly number: number;
  readonly worker: Worker;
  readonly leaseMs: number;
  readonly objectives: readonly Objective[];
  readonly clock: Clock;
  /** Called once, when the worker was silent for the whole lease. */
  readonly onExpired: (attempt: Attempt) => void;
}

/** Starts the lease. */
export function openAttempt(options: AttemptOptions): Attempt {
  const { clock, leaseMs } = options;
  const metrics = createAttemptMetrics(options.objectives);
  let undecided: { readonly done: Step; readonly position: number }[] = [];
  let seenMs = clock.monotonicMs();
  let cancel: CancelTimer = arm(leaseMs);

  // One timer a lease: it looks when it fires whether the worker was heard since, in place of being reset at each message.
  function arm(delayMs: number): CancelTimer {
    return clock.setTimer(delayMs, () => {
      const leftMs = seenMs + leaseMs - clock.monotonicMs();
      if (leftMs > 0) cancel = arm(leftMs);
      else options.onExpired(attempt);
    });
  }

  const attempt: Attempt = {
    studyId: options.studyId,
    trial: options.trial,
    number: options.number,
    worker: options.worker,
    leaseMs,
    metrics,
    sequences: new Map(),
    verdict: 'continue',
    reason: '',
    touch() {
      seenMs = clock.monotonicMs();
    },
    awaitDecision(done, position) {
      undecided.push({ done, position });
    },
    decided(position) {
      const before = undecided.length;
      undecided = undecided.filter((report) => report.position > position);
      return undecided.length < before;
    },
    update(ackedSequence) {
      const decidedDone = undecided.length > 0 ? undecided[0]!.done - 1 : metrics.done;
      return { studyId: options.studyId, trial: options.trial, attempt: options.number, ackedSequence, decidedDone, verdict: attempt.verdict, reason: attempt.reason };
    },
    close() {
      cancel();
    },
  };
  return attempt;
}
