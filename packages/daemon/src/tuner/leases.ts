import { ParamoError, type LogEntry, type TrialId, type TrialRecord, type Worker } from '@paramo/core';
import type { Attempt } from './attempt.js';
import { lostRun } from './lost-run.js';
import { endLease, isTracking, leaseAttempt, metricsOf, type StudyRuntime } from './runtime.js';
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

/** Who starts an attempt, and the key under which the asking request is answered the same again. */
export interface Starter {
  readonly worker: Worker;
  readonly requestId: string;
  readonly requestKey: string | undefined;
}

/** Starts the next attempt of a waiting trial for a worker. Every earlier attempt is fenced from here on. */
export function startAttempt(runtime: StudyRuntime, live: LiveTrial, { worker, requestId, requestKey }: Starter): StartedAttempt {
  const { studyId, journal } = runtime;
  const { number: trial, attempt: before, from } = live.record;
  const number = before + 1;
  const { leaseMs } = journal.state.record.spec.rules;
  const fencedStart = live.startedAt;
  const done = live.record.checkpoint?.done ?? from?.done ?? 0;
  // Under lease before it is logged, so that whoever reacts to the log finds the attempt.
  const attempt = leaseAttempt(runtime, { trial, number, worker, leaseMs, startsAt: done });
  const answer = { trial, attempt: number };
  const durable = runtime.commit([{ kind: 'trial_started', trial, attempt: number, done, worker, requestId, leaseMs }], (writes) => {
    if (before > 0) writes.attempt({ studyId, trial }, { attempt: before, done: fencedStart, late: true });
    writes.attempt({ studyId, trial }, { attempt: number, done, late: false });
    if (requestKey !== undefined) writes.request(studyId, requestKey, answer);
  });
  if (requestKey !== undefined) runtime.requests.add(requestKey, answer, durable);
  return { attempt, durable };
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
  const attempt = leaseAttempt(runtime, { trial: name.trial, number: name.attempt, worker, leaseMs });
  void runtime.commit([{ kind: 'trial_started', trial: name.trial, attempt: name.attempt, done: live.startedAt, worker, requestId: '', leaseMs }]);
  return attempt;
}

/** What becomes of a trial whose attempt was lost: its standing decision, another try, or failure. */
export function loseAttempt(runtime: StudyRuntime, attempt: Attempt, reason: string): Promise<void> {
  endLease(runtime, attempt);
  const { record: study, live: trials } = runtime.journal.state;
  const live = trials.get(attempt.trial);
  if (!live) return Promise.resolve();
  const { trial, number } = attempt;
  const done = Math.max(live.record.done, attempt.metrics.done);
  if (live.standing?.action === 'stop') return runtime.commit([stoppedEntry(runtime, live.record, number, live.standing.reason)]);
  if (live.standing?.action === 'pause') {
    return runtime.commit([{ kind: 'trial_yielded', trial, attempt: number, to: 'paused', why: 'paused', done, reason: live.standing.reason }]);
  }
  // Nobody would ever take it up in a study that is over.
  if (study.state === 'ended' && !isTracking(runtime)) return runtime.commit([stoppedEntry(runtime, live.record, number, `${reason}, and the study had ended`)]);
  if (!isTracking(runtime) && live.record.lost < study.spec.rules.retries) {
    return runtime.commit([{ kind: 'trial_yielded', trial, attempt: number, to: 'waiting', why: 'lost', done, reason }]);
  }
  const tries = live.record.lost + 1;
  const full = isTracking(runtime) ? `${lostRun}${reason}` : `lost ${tries} ${tries === 1 ? 'time' : 'times'}: ${reason}`;
  const { last } = attempt.metrics;
  return runtime.commit([{ kind: 'trial_ended', trial, attempt: number, state: 'failed', done, reason: full, values: {}, metrics: last }]);
}

/** The end of a trial that is stopped early, with the partial value it has. */
export function stoppedEntry(runtime: StudyRuntime, trial: TrialRecord, attempt: number, reason: string): LogEntry & { kind: 'trial_ended' } {
  const metrics = metricsOf(runtime, trial.number);
  const outcome = metrics.outcome();
  return {
    kind: 'trial_ended', trial: trial.number, attempt, state: 'stopped', reason, done: Math.max(trial.done, metrics.done), values: outcome?.values ?? {}, metrics: metrics.last,
    ...(outcome?.value === undefined ? {} : { value: outcome.value }), ...(outcome?.at === undefined ? {} : { at: outcome.at }),
  };
}

/** The end of a waiting trial that nobody is to start: cancelled where it never ran, stopped where it had. */
export function voidedEntry(runtime: StudyRuntime, trial: TrialRecord, reason: string): LogEntry {
  if (trial.attempt > 0) return stoppedEntry(runtime, trial, trial.attempt, reason);
  return { kind: 'trial_ended', trial: trial.number, attempt: 0, state: 'cancelled', done: trial.done, reason, values: {}, metrics: {} };
}

/** The error for an attempt nobody was given. */
export function unknownAttempt(runtime: StudyRuntime, name: AttemptName): ParamoError {
  const study = runtime.journal.state.record;
  return new ParamoError({
    code: 'TRIAL_NOT_FOUND', message: `study "${study.spec.name}" has no attempt ${name.attempt} of trial ${name.trial}`,
    hint: 'Use the trial and attempt that Ask answered.',
  });
}
