import { isTerminal, ParamoError, type LogEntry, type TrialRecord, type Values } from '@paramo/core';
import type { AttemptMetrics } from './attempt-metrics.js';
import { currentAttempt, stoppedEntry, unknownAttempt, type AttemptName } from './leases.js';
import { isLostRun } from './lost-run.js';
import { objectiveMissing } from './objective-missing.js';
import { receiveBatch, type ReceivedBatch } from './reporting.js';
import { endingKey, findRequest } from './request-keys.js';
import { endLease, metricsOf, objectivesOf, type StudyRuntime } from './runtime.js';

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
  const opened = openEnding(runtime, ending, 'complete');
  if (!opened) return runtime.journal.settled();
  const { trial, metrics } = opened;
  const standing = runtime.journal.state.live.get(ending.trial)?.standing;
  const given = override(runtime, metrics, values);
  if (!given && standing?.action !== 'stop') throw objectiveMissing(trial, objectivesOf(runtime), { ...metrics.last, ...values });
  const { value, values: all, overridden } = given ?? { ...partialOutcome(metrics), overridden: false };
  const at = metrics.outcome()?.at;
  const stopped = standing?.action === 'stop';
  return close(runtime, ending, {
    kind: 'trial_ended', trial: ending.trial, attempt: ending.attempt, state: stopped ? 'stopped' : 'completed', reason: stopped ? standing.reason : '',
    done: Math.max(trial.done, metrics.done), values: all, metrics: { ...metrics.last, ...values }, ...(value === undefined ? {} : { value }),
    // A value that was handed in stands at no step.
    ...(at === undefined || overridden ? {} : { at }), requestId: ending.requestId,
  });
}

/** Ends an attempt with an error: the trial is failed, or waits for another try where the study says so. */
export function failAttempt(runtime: StudyRuntime, ending: Ending, failure: TrialFailure): Promise<void> {
  const opened = openEnding(runtime, ending, 'fail');
  if (!opened) return runtime.journal.settled();
  const { trial, metrics } = opened;
  const { record, live } = runtime.journal.state;
  const { rules } = record.spec;
  const done = Math.max(trial.done, metrics.done);
  const { trial: number, attempt } = ending;
  const mayRetry = rules.retryOnFailure && trial.lost < rules.retries && record.state !== 'ended' && live.get(number)?.standing?.action !== 'stop';
  if (mayRetry && !isTerminal(trial.state)) {
    return close(runtime, ending, { kind: 'trial_yielded', trial: number, attempt, to: 'waiting', why: 'failed', done, reason: failure.message });
  }
  const outcome = metrics.outcome();
  return close(runtime, ending, {
    kind: 'trial_ended', trial: number, attempt, state: 'failed', done, reason: failure.message, values: outcome?.values ?? {}, metrics: metrics.last, error: failure, requestId: ending.requestId,
  });
}

/** Gives an attempt back: paused or stopped where that was decided, else waiting. Costs no retry. */
export function releaseAttempt(runtime: StudyRuntime, ending: Ending, reason: string): Promise<void> {
  const opened = openEnding(runtime, ending, 'release');
  if (!opened) return runtime.journal.settled();
  const { trial, metrics } = opened;
  const { record, live } = runtime.journal.state;
  const standing = live.get(ending.trial)?.standing;
  if (standing?.action === 'stop') return close(runtime, ending, stoppedEntry(runtime, trial, ending.attempt, standing.reason));
  if (record.state === 'ended' && !standing) return close(runtime, ending, stoppedEntry(runtime, trial, ending.attempt, reason || 'given back after the study had ended'));
  const paused = standing?.action === 'pause';
  return close(runtime, ending, {
    kind: 'trial_yielded', trial: ending.trial, attempt: ending.attempt, to: paused ? 'paused' : 'waiting', why: paused ? 'paused' : 'released',
    done: Math.max(trial.done, metrics.done), reason: standing?.reason ?? reason,
  });
}

/**
 * Checks who ends what, and stores the batches that come along. Undefined: this attempt ended before, the answer is the
 * same.
 */
function openEnding(runtime: StudyRuntime, ending: Ending, how: 'complete' | 'fail' | 'release'): { readonly trial: TrialRecord; readonly metrics: AttemptMetrics } | undefined {
  const { journal } = runtime;
  const known = journal.trial(ending.trial);
  if (!known || ending.attempt < 1 || ending.attempt > known.attempt) throw unknownAttempt(runtime, ending);
  if (ending.requestId !== '' && findRequest(runtime, endingKey(ending))) return undefined;
  if (ending.attempt < known.attempt) {
    storeBatches(runtime, ending.batches);
    throw new ParamoError({
      code: 'FENCED', message: `attempt ${ending.attempt} of trial ${ending.trial} was taken over by attempt ${known.attempt}`,
      hint: 'Let this attempt go and ask for another trial; its points were kept as late.',
    });
  }
  if (isTerminal(known.state)) {
    if (!isLostRun(known) || how === 'release') return kept(runtime, ending);
    const metrics = metricsOf(runtime, ending.trial);
    for (const { series, done = 0 } of storeBatches(runtime, ending.batches)) {
      metrics.addColumns(series);
      metrics.advance(done);
    }
    return { trial: known, metrics };
  }
  // Without a lease it was given back before. A result is a result all the same; anything else changes nothing.
  if (!currentAttempt(runtime, ending) && how !== 'complete') return kept(runtime, ending);
  storeBatches(runtime, ending.batches);
  return { trial: journal.trial(ending.trial)!, metrics: metricsOf(runtime, ending.trial) };
}

/** The end changes nothing, but its answer says that what came along is on disk. */
function kept(runtime: StudyRuntime, ending: Ending): undefined {
  storeBatches(runtime, ending.batches);
}

/** Stores what came along. The commit that ends the attempt comes after it, so a failure fails that one too. */
function storeBatches(runtime: StudyRuntime, batches: readonly ReceivedBatch[]): readonly ReceivedBatch[] {
  for (const batch of batches) receiveBatch(runtime, batch).catch(() => undefined);
  return batches;
}

function close(runtime: StudyRuntime, ending: Ending, entry: LogEntry): Promise<void> {
  const attempt = runtime.attempts.get(ending.trial);
  if (attempt) endLease(runtime, attempt);
  const key = ending.requestId === '' ? undefined : endingKey(ending);
  const answer = { trial: ending.trial, attempt: ending.attempt };
  const durable = runtime.commit([entry], (writes) => {
    if (key !== undefined) writes.request(runtime.studyId, key, answer);
  });
  if (key !== undefined) runtime.requests.add(key, answer, durable);
  return durable;
}

function partialOutcome(metrics: AttemptMetrics): { readonly values: Values; readonly value: number | undefined } {
  return metrics.outcome() ?? { values: {}, value: undefined };
}

interface Outcome {
  readonly values: Values;
  readonly value: number | undefined;
  /** Some of it was handed in and is not from the series. */
  readonly overridden: boolean;
}

/** The outcome with the given values in place of the series', or undefined while an objective is missing. */
function override(runtime: StudyRuntime, metrics: AttemptMetrics, values: Values): Outcome | undefined {
  const outcome = metrics.outcome();
  const objectives = objectivesOf(runtime);
  const merged: Record<string, number> = {};
  let overridden = false;
  for (const { metric } of objectives) {
    const given = values[metric];
    const value = given ?? outcome?.values[metric];
    if (value === undefined) return undefined;
    overridden ||= given !== undefined;
    merged[metric] = value;
  }
  const only = objectives.length === 1 ? merged[objectives[0]!.metric]! : undefined;
  return { values: merged, value: only !== undefined && Number.isFinite(only) ? only : undefined, overridden };
}
