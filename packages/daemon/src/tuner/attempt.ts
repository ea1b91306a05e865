import type { CancelTimer, Clock, Step, TrialId, Worker } from '@paramo/core';
import type { AttemptMetrics } from './attempt-metrics.js';
import type { AttemptUpdate, Verdict } from './update-bus.js';
import type { WorkWatch } from './worker-process.js';

/** A running attempt: its lease, its reports, and what its worker has to be told. Lives in memory only. */
export interface Attempt {
  readonly studyId: string;
  readonly trial: TrialId;
  readonly number: number;
  readonly worker: Worker;
  readonly leaseMs: number;
  readonly metrics: AttemptMetrics;
  /** What the worker may be told; set once the log that says so is on disk. */
  readonly verdict: Verdict;
  readonly reason: string;
  /** True once the lease has ended. */
  readonly over: boolean;
  tell(verdict: Verdict, reason: string): void;
  /** The processes to be told: its worker's, and one that reports beside it. */
  readonly processes: readonly string[];
  /** Takes `process` as the one that reports beside its worker; false: another does. */
  attach(process: string): boolean;
  /** The process is gone; another may take its place. */
  detach(process: string): void;
  /** Something came of `writer`. It renews the lease, unless it is from a process beside the worker: only who runs the trial holds that. */
  heard(writer: string): void;
  /** Renews the lease. */
  touch(): void;
  /** The connection of its worker broke: unless it is heard of within a grace, the lease ends. */
  disconnected(): void;
  /** Notes a report that plugins must see before `done` counts as decided. */
  awaitDecision(done: Step, position: number): void;
  /** Whether a report up to `position` is not decided about. */
  awaits(position: number): boolean;
  /** Plugins were asked at `position`, and what they said is on disk. */
  decided(position: number): void;
  /** What to tell the worker; `ackedSequence` is of the writer that is answered, 0: of none. */
  update(ackedSequence: number): AttemptUpdate;
  /** Calls `listener` when the lease ends; the returned function ends that. */
  onOver(listener: () => void): () => void;
  /** Ends the lease and its timer. */
  close(): void;
}

/** What an attempt starts with. */
export interface AttemptOptions {
  readonly studyId: string;
  readonly trial: TrialId;
  readonly number: number;
  readonly worker: Worker;
  readonly leaseMs: number;
  /** What it has reported already. */
  readonly metrics: AttemptMetrics;
  readonly clock: Clock;
  /** Tells whether its silent worker computes; undefined: nobody can see that. */
  readonly work: WorkWatch | undefined;
  /** Called once, with the reason, when the worker was silent for the whole lease and does not compute, or was silent for its grace after its connection broke. */
  readonly onExpired: (attempt: Attempt, reason: string) => void;
}

/** A timer that comes so much too late was held up with the whole daemon: suspended, or starved of its processor. */
const heldUpMs = 200;
/** What was sent meanwhile is read and worked off within so long. */
const catchUpMs = 1000;
/** How long a worker whose connection broke has to be heard of again; never longer than its lease. */
const graceMs = 10_000;

/** Starts the lease. */
export function openAttempt(options: AttemptOptions): Attempt {
  const { clock, leaseMs, metrics, studyId, trial, number, work } = options;
  let undecided: { readonly done: Step; readonly position: number }[] = [];
  let verdict: Verdict = 'continue';
  let reason = '';
  let over = false;
  const listeners = new Set<() => void>();
  let seenMs = clock.monotonicMs();
  /** How long it may be silent since then. */
  let silenceMs = leaseMs;
  let broken = false;
  /** When it was last heard before the worker's process was looked at in mid-silence. */
  let lookedAfterMs: number | undefined;
  /** The process that reports beside the worker, and all that ever asked to. */
  let beside: string | undefined;
  const attached = new Set<string>();
  let cancel: CancelTimer = arm(work ? leaseMs / 2 : leaseMs);

  // One timer a lease: it looks when it fires whether the worker was heard since, in place of being reset at each message. A worker that can
  // be seen is looked at after half of the silence, and at its end has the lease anew if it has computed in between.
  function arm(delayMs: number): CancelTimer {
    const dueMs = clock.monotonicMs() + delayMs;
    return clock.setTimer(delayMs, () => {
      const nowMs = clock.monotonicMs();
      // What the worker sent meanwhile lies unread: time in which the daemon stood still expires nothing.
      const lateMs = nowMs - dueMs;
      const moreMs = lateMs > heldUpMs ? Math.min(silenceMs, Math.max(lateMs, catchUpMs)) : 0;
      const leftMs = Math.max(seenMs + silenceMs - nowMs, moreMs);
      const halfMs = seenMs + silenceMs / 2 - nowMs;
      if (leftMs > 0) {
        // Once for a silence: a timer that comes a moment early would else be the look before the one at the end.
        if (halfMs <= 0 && lookedAfterMs !== seenMs) {
          work?.look();
          lookedAfterMs = seenMs;
        }
        cancel = arm(work && !broken && halfMs > 0 ? halfMs : leftMs);
      } else if (!broken && work?.look()) {
        // Code that lets no other thread run, of a worker that is connected: it is alive, and will be heard of again.
        seenMs = nowMs;
        cancel = arm(silenceMs / 2);
      } else options.onExpired(attempt, broken ? `the connection of its worker broke, and it was silent for ${silenceMs / 1000} s` : `its worker was silent for ${leaseMs / 1000} s`);
    });
  }

  const attempt: Attempt = {
    studyId, trial, number, leaseMs, metrics,
    worker: options.worker,
    get verdict() {
      return verdict;
    },
    get reason() {
      return reason;
    },
    get over() {
      return over;
    },
    tell(next, why) {
      verdict = next;
      reason = why;
    },
    get processes() {
      return beside === undefined ? [options.worker.process] : [options.worker.process, beside];
    },
    attach(process) {
      if (process === options.worker.process) return true;
      beside ??= process;
      if (beside !== process) return false;
      attached.add(process);
      return true;
    },
    detach(process) {
      if (beside === process) beside = undefined;
    },
    heard(writer) {
      if (!attached.has(writer)) return attempt.touch();
      // Its connection was lost for a while.
      beside ??= writer;
    },
    touch() {
      seenMs = clock.monotonicMs();
      silenceMs = leaseMs;
      broken = false;
    },
    disconnected() {
      if (over) return;
      seenMs = clock.monotonicMs();
      silenceMs = Math.min(leaseMs, graceMs);
      broken = true;
      cancel();
      cancel = arm(silenceMs);
    },
    awaitDecision(done, position) {
      undecided.push({ done, position });
    },
    awaits: (position) => undecided.length > 0 && undecided[0]!.position <= position,
    decided(position) {
      undecided = undecided.filter((report) => report.position > position);
    },
    update(ackedSequence) {
      const decidedDone = undecided.length > 0 ? undecided[0]!.done - 1 : metrics.done;
      return { studyId, trial, attempt: number, ackedSequence, decidedDone, verdict, reason };
    },
    onOver(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      over = true;
      cancel();
      for (const listener of [...listeners]) listener();
    },
  };
  return attempt;
}
