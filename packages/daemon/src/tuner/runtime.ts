import type { Clock, LogEntry, Objective, Step, TrialId, TrialRecord, Worker } from '@paramo/core';
import { readSeries } from '../store/effective-series.js';
import type { Store } from '../store/store.js';
import type { StudyStore } from '../store/study-store.js';
import type { StudyWrites } from '../store/study-writes.js';
import { openAttempt, type Attempt } from './attempt.js';
import { createAttemptMetrics, type AttemptMetrics } from './attempt-metrics.js';
import type { Journal } from './journal.js';
import type { Milestones } from './projection.js';
import type { UpdateBus } from './update-bus.js';

/** When the plugins of a study want to be told, for logging reports and for holding workers. */
export interface StudyMilestones {
  readonly strategy: Milestones;
  readonly stopper: Milestones;
  /** Workers wait as long as the daemon is connected. */
  readonly barrier: boolean;
}

/** What the parts of one study's tuner share. */
export interface StudyRuntime {
  readonly studyId: string;
  readonly journal: Journal;
  readonly store: Store;
  readonly studies: StudyStore;
  readonly clock: Clock;
  readonly bus: UpdateBus;
  /** Attempts that hold a lease, by trial. */
  readonly attempts: Map<TrialId, Attempt>;
  milestones: StudyMilestones;
  /** Appends to the log, then lets waiting workers and plugins see it. Resolves once on disk. */
  commit(entries: readonly LogEntry[], also?: (writes: StudyWrites) => void): Promise<void>;
  /** An attempt's worker was silent for its whole lease. */
  onExpired(attempt: Attempt): void;
}

/** The study's objectives as they stand. */
export function objectivesOf(runtime: StudyRuntime): readonly Objective[] {
  return runtime.journal.state.record.spec.objectives;
}

/** Whether the study only tracks: no strategy, params from the user, no trial ever issued twice. */
export function isTracking(runtime: StudyRuntime): boolean {
  return runtime.journal.state.record.spec.strategy === undefined;
}

/**
 * Puts an attempt under lease. One that goes on where it was is fed what the store already has; one that starts afresh
 * at `startsAt` steps only what lies below, since it hides the rest.
 */
export function leaseAttempt(runtime: StudyRuntime, trial: TrialId, number: number, worker: Worker, leaseMs: number, startsAt?: Step): Attempt {
  const { studyId, clock, attempts } = runtime;
  const attempt = openAttempt({ studyId, trial, number, worker, leaseMs, objectives: objectivesOf(runtime), clock, onExpired: (one) => runtime.onExpired(one) });
  if (startsAt !== 0) replaySeries(runtime, trial, attempt.metrics, startsAt);
  attempt.metrics.takeReports();
  attempts.set(trial, attempt);
  return attempt;
}

/** What a trial without a leased attempt has reported, read back from the store. */
export function storedMetrics(runtime: StudyRuntime, trial: TrialId): AttemptMetrics {
  const metrics = createAttemptMetrics(objectivesOf(runtime));
  replaySeries(runtime, trial, metrics);
  return metrics;
}

/** The trial as a reader should see it: with the partial value and metrics of a running attempt. */
export function withProgress(runtime: StudyRuntime, trial: TrialRecord): TrialRecord {
  const attempt = runtime.attempts.get(trial.number);
  if (!attempt || attempt.number !== trial.attempt) return trial;
  const { metrics } = attempt;
  const outcome = metrics.outcome();
  return {
    ...trial, done: Math.max(trial.done, metrics.done), metrics: metrics.last, values: outcome?.values ?? {},
    ...(outcome?.value === undefined ? {} : { value: outcome.value }), ...(outcome?.at === undefined ? {} : { at: outcome.at }),
  };
}

function replaySeries(runtime: StudyRuntime, trial: TrialId, metrics: AttemptMetrics, before = Number.MAX_SAFE_INTEGER): void {
  if ((runtime.journal.trial(trial)?.attempt ?? 0) === 0) return;
  for (const { name, steps, values } of readSeries(runtime.studies, runtime.studyId, trial, {})) {
    for (let i = 0; i < steps.length; i++) if (Number(steps[i]) < before) metrics.add(name, Number(steps[i]), values[i]!);
  }
}
