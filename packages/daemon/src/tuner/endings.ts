import { isTerminal, nearMiss, ParamoError, type LogEntry, type TrialRecord, type Values } from '@paramo/core';
import type { AttemptMetrics } from './attempt-metrics.js';
import { currentAttempt, endAttempt, isLostRun, stoppedEntry, unknownAttempt, type AttemptName } from './leases.js';
import { receiveBatch, type ReceivedBatch } from './reporting.js';
import { objectivesOf, storedMetrics, type StudyRuntime } from './runtime.js';

/** What every message that ends an attempt carries. */
export interface Ending extends AttemptName {
  readonly batches: readonly ReceivedBatch[];
  readonly requestId: string;
}

/** Why and with what the training code failed. */
export interface TrialFailure {
  readonly message: string;
  readonly stack: string;
}

/**
 * Ends an attempt well. A trial that was to be stopped becomes stopped. `values` override the series.
 * @throws ParamoError OBJECTIVE_MISSING when an objective was never reported; the trial goes on. FENCED, TRIAL_NOT_FOUND.
 */
export function completeAttempt(runtime: StudyRuntime, ending: Ending, values: Values): Promise<void> {
  const trial = openEnding(runtime, ending);
  if (!trial) return runtime.store.commit([]);
  const metrics = runtime.attempts.get(ending.trial)?.metrics ?? storedMetrics(runtime, ending.trial);
  const standing = runtime.journal.state.live.get(ending.trial)?.standing;
  const overridden = override(runtime, metrics, values);
  if (!overridden && standing?.action !== 'stop') throw objectiveMissing(runtime, trial, { ...metrics.last, ...values });
  const { reason, ...entry } = stoppedEntry(runtime, trial, ending.attempt, standing?.reason ?? '');
  const merged = { ...entry, metrics: { ...metrics.last, ...values }, ...overridden };
  const { value, ...rest } = merged;
  return close(runtime, ending, {
    ...rest, ...(value === undefined ? {} : { value }), state: standing?.action === 'stop' ? 'stopped' : 'completed', reason: standing?.action === 'stop' ? reason : '', requestId: ending.requestId,
  });
}

/** Ends an attempt with an error: the trial is failed, or waits for another try where the study says so. */
export function failAttempt(runtime: StudyRuntime, ending: Ending, failure: TrialFailure): Promise<void> {
  const trial = openEnding(runtime, ending);
  if (!trial) return runtime.store.commit([]);
  const { rules } = runtime.journal.state.record.spec;
  const metrics = runtime.attempts.get(ending.trial)?.metrics ?? storedMetrics(runtime, ending.trial);
  const done = Math.max(trial.done, metrics.done);
  const { trial: number, attempt } = ending;
  if (rules.retryOnFailure && trial.lost < rules.retries && !isTerminal(trial.state)) {
    return close(runtime, ending, { kind: 'trial_yielded', trial: number, attempt, to: 'waiting', why: 'failed', done, reason: failure.message });
  }
  const outcome = metrics.outcome();
  return close(runtime, ending, {
    kind: 'trial_ended', trial: number, attempt, state: 'failed', done, reason: failure.message, values: outcome?.values ?? {}, metrics: metrics.last, error: failure, requestId: ending.requestId,
  });
}

/** Gives an attempt back: paused or stopped where that was decided, else waiting. Costs no retry. */
export function releaseAttempt(runtime: StudyRuntime, ending: Ending, reason: string): Promise<void> {
  const trial = openEnding(runtime, ending, 'release');
  if (!trial || trial.state === 'waiting' || trial.state === 'paused' || isTerminal(trial.state)) return runtime.store.commit([]);
  const live = runtime.journal.state.live.get(ending.trial)!;
  const metrics = runtime.attempts.get(ending.trial)?.metrics ?? storedMetrics(runtime, ending.trial);
  const done = Math.max(trial.done, metrics.done);
  const { standing } = live;
  if (standing?.action === 'stop') return close(runtime, ending, stoppedEntry(runtime, trial, ending.attempt, standing.reason));
  const paused = standing?.action === 'pause';
  return close(runtime, ending, {
    kind: 'trial_yielded', trial: ending.trial, attempt: ending.attempt, to: paused ? 'paused' : 'waiting', why: paused ? 'paused' : 'released', done, reason: standing?.reason ?? reason,
  });
}

/** Checks who ends what, and stores the batches that come along. Undefined: it ended before, the answer is the same. */
function openEnding(runtime: StudyRuntime, ending: Ending, how?: 'release'): TrialRecord | undefined {
  const { journal } = runtime;
  const known = journal.trial(ending.trial);
  if (!known || ending.attempt < 1 || ending.attempt > known.attempt) throw unknownAttempt(runtime, ending);
  if (ending.attempt < known.attempt) {
    throw new ParamoError({
      code: 'FENCED', message: `attempt ${ending.attempt} of trial ${ending.trial} was taken over by attempt ${known.attempt}`,
      hint: 'Let this attempt go and ask for another trial; its points were kept as late.',
    });
  }
  if (isTerminal(known.state) && !isLostRun(runtime, known)) return undefined;
  if (how !== 'release' || known.state === 'running') currentAttempt(runtime, ending);
  for (const batch of ending.batches) {
    // Resolved by the commit that ends the attempt, which is after it; a failure fails that one too.
    receiveBatch(runtime, batch).catch(() => undefined);
  }
  return journal.trial(ending.trial);
}

function close(runtime: StudyRuntime, ending: Ending, entry: LogEntry): Promise<void> {
  const attempt = runtime.attempts.get(ending.trial);
  if (attempt) endAttempt(runtime, attempt);
  return runtime.commit([entry], (writes) => {
    if (ending.requestId !== '') writes.request(runtime.studyId, ending.requestId, { trial: ending.trial, attempt: ending.attempt });
  });
}

/** The outcome with the given values in place of the series', or undefined while an objective is missing. */
function override(runtime: StudyRuntime, metrics: AttemptMetrics, values: Values): { values: Values; value: number | undefined } | undefined {
  const outcome = metrics.outcome();
  const objectives = objectivesOf(runtime);
  const merged: Record<string, number> = {};
  for (const { metric } of objectives) {
    const value = values[metric] ?? outcome?.values[metric];
    if (value === undefined) return undefined;
    merged[metric] = value;
  }
  const only = objectives.length === 1 ? merged[objectives[0]!.metric]! : undefined;
  return { values: merged, value: only !== undefined && Number.isFinite(only) ? only : undefined };
}

function objectiveMissing(runtime: StudyRuntime, trial: TrialRecord, metrics: Values): ParamoError {
  const seen = Object.keys(metrics);
  const missing = objectivesOf(runtime).find(({ metric }) => metrics[metric] === undefined) ?? objectivesOf(runtime)[0]!;
  const near = nearMiss(missing.metric, seen);
  const names = seen.length > 0 ? `it reported ${seen.join(', ')}` : 'it reported nothing';
  return new ParamoError({
    code: 'OBJECTIVE_MISSING', message: `trial ${trial.number} ends without its objective ${missing.metric}; ${names}`,
    hint: near ? `Did you mean ${near}? Log ${missing.metric}, or name ${near} in the objective.` : `Log ${missing.metric}, or return it.`,
  });
}
