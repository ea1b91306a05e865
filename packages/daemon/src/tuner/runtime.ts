import type { Clock, LogEntry, Objective, Step, TrialId, TrialRecord, Worker } from '@paramo/core';
import type { RequestRecord } from '../store/layout.js';
import { readSeries } from '../store/effective-series.js';
import type { StudyStore } from '../store/study-store.js';
import type { StudyWrites } from '../store/study-writes.js';
import { openAttempt, type Attempt } from './attempt.js';
import { createAttemptMetrics, type AttemptMetrics } from './attempt-metrics.js';
import type { InFlight } from './in-flight.js';
import type { Journal } from './journal.js';
import type { MilestoneRule } from './projection.js';
import type { UpdateBus } from './update-bus.js';
import { watchWork, type ProcessCheck } from './worker-process.js';

/** When the plugins of a study want to be told, for logging reports and for holding workers. */
export interface StudyMilestones {
  readonly strategy: MilestoneRule;
  readonly stopper: MilestoneRule;
  /** Workers wait as long as the daemon is connected. */
  readonly barrier: boolean;
  /** The strategy cannot do without a checkpoint at each of its milestones. */
  readonly checkpoints: boolean;
}

/** What the parts of one study's tuner share. */
export interface StudyRuntime {
  readonly studyId: string;
  readonly journal: Journal;
  readonly studies: StudyStore;
  readonly clock: Clock;
  readonly bus: UpdateBus;
  readonly processes: ProcessCheck | undefined;
  /** Attempts that hold a lease, by trial. */
  readonly attempts: Map<TrialId, Attempt>;
  /** What live trials without a leased attempt have reported, points on their way to disk included. */
  readonly idle: Map<TrialId, AttemptMetrics>;
  /** Answers on their way to disk, by request key. */
  readonly requests: InFlight<RequestRecord>;
  /** Batches on their way to disk: the newest sequence by `trial/attempt/writer`. */
  readonly sequences: InFlight<number>;
  /** Imported trials on their way to disk, by origin id. */
  readonly origins: InFlight<TrialId>;
  milestones: StudyMilestones;
  /** Appends to the log, then lets waiting workers and plugins see it. Resolves once on disk. */
  commit(entries: readonly LogEntry[], also?: (writes: StudyWrites) => void): Promise<void>;
  /** Resolves once all that was committed so far is on disk, and workers are told of it. */
  settled(): Promise<void>;
  /** An attempt's worker was silent for too long. */
  onExpired(attempt: Attempt, reason: string): void;
}

/** Which attempt to put under lease. */
export interface LeaseTerms {
  readonly trial: TrialId;
  readonly number: number;
  readonly worker: Worker;
  readonly leaseMs: number;
  /** Steps behind it when it starts afresh; it hides what lies above. Absent: it goes on where it was. */
  readonly startsAt?: Step;
}

/** The study's objectives as they stand. */
export function objectivesOf(runtime: StudyRuntime): readonly Objective[] {
  return runtime.journal.state.record.spec.objectives;
}

/** Whether the study only tracks: no strategy, params from the user, no trial ever issued twice. */
export function isTracking(runtime: StudyRuntime): boolean {
  return runtime.journal.state.record.spec.strategy === undefined;
}

/** Puts an attempt under lease, with what it has reported already or starts from. */
export function leaseAttempt(runtime: StudyRuntime, { trial, number, worker, leaseMs, startsAt }: LeaseTerms): Attempt {
  const { studyId, clock, attempts, idle, processes } = runtime;
  const metrics = startsAt === undefined ? metricsOf(runtime, trial) : createAttemptMetrics(objectivesOf(runtime));
  // A checkpoint is committed after the reports up to it, so what lies below one is on disk.
  if (startsAt !== undefined && startsAt > 0) replaySeries(runtime, trial, metrics, startsAt);
  metrics.takeReports();
  const attempt = openAttempt({ studyId, trial, number, worker, leaseMs, metrics, clock, work: watchWork(processes, worker, clock), onExpired: (one, reason) => runtime.onExpired(one, reason) });
  idle.delete(trial);
  attempts.set(trial, attempt);
  return attempt;
}

/** Ends the lease; the log says what becomes of the trial. */
export function endLease(runtime: StudyRuntime, attempt: Attempt): void {
  attempt.close();
  if (runtime.attempts.get(attempt.trial) !== attempt) return;
  runtime.attempts.delete(attempt.trial);
  runtime.idle.set(attempt.trial, attempt.metrics);
}

/** What a trial has reported in its effective series. */
export function metricsOf(runtime: StudyRuntime, trial: TrialId): AttemptMetrics {
  const known = runtime.attempts.get(trial)?.metrics ?? runtime.idle.get(trial);
  if (known) return known;
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

function replaySeries(runtime: StudyRuntime, trial: TrialId, metrics: AttemptMetrics, before?: Step): void {
  if ((runtime.journal.trial(trial)?.attempt ?? 0) === 0) return;
  metrics.addColumns(readSeries(runtime.studies, runtime.studyId, trial, before === undefined ? {} : { toStep: before - 1 }));
}
