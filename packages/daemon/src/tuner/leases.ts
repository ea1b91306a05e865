import { isTerminal, ParamoError, type LogEntry, type TrialId, type TrialRecord, type Worker } from '@paramo/core';
import type { Attempt } from './attempt.js';
import { isTracking, leaseAttempt, storedMetrics, type StudyRuntime } from './runtime.js';
import type { LiveTrial } from './study-state.js';

/** Names an attempt of a study. */
export interface AttemptName {
  readonly trial: TrialId;
  readonly attempt: number;
}

/** A started attempt; `durable` resolves once its worker may be told. */
export interface StartedAttempt {
  readonly attempt: Attempt;
  readonly durable: Promise<void>;
}

/** Starts the next attempt of a waiting trial for a worker. Every earlier attempt is fenced from here on. */
export function startAttempt(runtime: StudyRuntime, live: LiveTrial, worker: Worker, requestId: string): StartedAttempt {
  const { studyId, journal } = runtime;
  const { number: trial, attempt: before, from } = live.record;
  const attempt = before + 1;
  const { leaseMs } = journal.state.record.spec.rules;
  const done = live.record.checkpoint?.done ?? from?.done ?? 0;
  const durable = runtime.commit([{ kind: 'trial_started', trial, attempt, done, worker, requestId, leaseMs }], (writes) => {
    if (before > 0) {
      const fenced = runtime.studies.attempts(studyId, trial).find((one) => one.attempt === before);
      writes.attempt({ studyId, trial }, { attempt: before, done: fenced?.done ?? 0, late: true });
    }
    writes.attempt({ studyId, trial }, { attempt, done, late: false });
    if (requestId !== '') writes.request(studyId, requestId, { trial, attempt });
  });
  return { attempt: leaseAttempt(runtime, trial, attempt, worker, leaseMs, done), durable };
}

/**
 * The leased attempt of this name. One whose lease ran out and whom nobody replaced takes its trial back: expiry frees,
 * only a re-issue fences.
 */
export function currentAttempt(runtime: StudyRuntime, name: AttemptName): Attempt | undefined {
  const { journal, attempts } = runtime;
  const leased = attempts.get(name.trial);
  if (leased) return leased.number === name.attempt ? leased : undefined;
  const live = journal.state.live.get(name.trial);
  if (!live?.lost || live.record.state !== 'waiting' || live.record.attempt !== name.attempt || !live.record.worker) return undefined;
  const { worker } = live.record;
  const { leaseMs } = journal.state.record.spec.rules;
  void runtime.commit([{ kind: 'trial_started', trial: name.trial, attempt: name.attempt, done: live.startedAt, worker, requestId: '', leaseMs }]);
  return leaseAttempt(runtime, name.trial, name.attempt, worker, leaseMs);
}

/** What becomes of a trial whose attempt was lost: its standing decision, another try, or failure. */
export function loseAttempt(runtime: StudyRuntime, attempt: Attempt, reason: string): Promise<void> {
  endAttempt(runtime, attempt);
  const live = runtime.journal.state.live.get(attempt.trial);
  if (!live) return Promise.resolve();
  const { trial, number } = attempt;
  const done = Math.max(live.record.done, attempt.metrics.done);
  if (live.standing?.action === 'stop') return runtime.commit([stoppedEntry(runtime, live.record, number, live.standing.reason)]);
  if (live.standing?.action === 'pause') {
    return runtime.commit([{ kind: 'trial_yielded', trial, attempt: number, to: 'paused', why: 'paused', done, reason: live.standing.reason }]);
  }
  const { retries } = runtime.journal.state.record.spec.rules;
  if (!isTracking(runtime) && live.record.lost < retries) {
    return runtime.commit([{ kind: 'trial_yielded', trial, attempt: number, to: 'waiting', why: 'lost', done, reason }]);
  }
  const tries = live.record.lost + 1;
  const full = isTracking(runtime) ? `lost: ${reason}` : `lost ${tries} ${tries === 1 ? 'time' : 'times'}: ${reason}`;
  const { last } = attempt.metrics;
  return runtime.commit([{ kind: 'trial_ended', trial, attempt: number, state: 'failed', done, reason: full, values: {}, metrics: last }]);
}

/** Ends the lease; the log says what becomes of the trial. */
export function endAttempt(runtime: StudyRuntime, attempt: Attempt): void {
  attempt.close();
  if (runtime.attempts.get(attempt.trial) === attempt) runtime.attempts.delete(attempt.trial);
}

/** The end of a trial that is stopped early, with the partial value it has. */
export function stoppedEntry(runtime: StudyRuntime, trial: TrialRecord, attempt: number, reason: string): LogEntry & { kind: 'trial_ended' } {
  const metrics = runtime.attempts.get(trial.number)?.metrics ?? storedMetrics(runtime, trial.number);
  const outcome = metrics.outcome();
  return {
    kind: 'trial_ended', trial: trial.number, attempt, state: 'stopped', reason, done: Math.max(trial.done, metrics.done), values: outcome?.values ?? {}, metrics: metrics.last,
    ...(outcome?.value === undefined ? {} : { value: outcome.value }), ...(outcome?.at === undefined ? {} : { at: outcome.at }),
  };
}

/** The error for an attempt nobody was given. */
export function unknownAttempt(runtime: StudyRuntime, name: AttemptName): ParamoError {
  const study = runtime.journal.state.record;
  return new ParamoError({
    code: 'TRIAL_NOT_FOUND', message: `study "${study.spec.name}" has no attempt ${name.attempt} of trial ${name.trial}`,
    hint: 'Use the trial and attempt that Ask answered.',
  });
}

/** Whether a trial was written off as lost and its own worker may still put that right: only tracked runs are never re-issued. */
export function isLostRun(runtime: StudyRuntime, trial: TrialRecord): boolean {
  return isTracking(runtime) && isTerminal(trial.state) && trial.state === 'failed' && trial.reason.startsWith('lost');
}
