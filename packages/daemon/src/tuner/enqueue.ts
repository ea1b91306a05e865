import { createSpace, ParamoError, type Fidelity, type Json, type LogEntry, type Params, type TrialId, type Worker } from '@paramo/core';
import { startAttempt } from './leases.js';
import { reachedLimit } from './limits.js';
import { enqueueKey, findRequest } from './request-keys.js';
import type { StudyRuntime } from './runtime.js';
import { trialSeed } from './study-state.js';

/** A trial whose params somebody brings along. */
export interface GivenTrial {
  readonly params: Params;
  readonly requestId: string;
  readonly fidelity?: Fidelity;
  readonly seed?: number;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly retryOf?: TrialId;
  /** Lease it to this worker at once. */
  readonly startFor?: Worker;
}

/** The added trial; `attempt` is set when it was leased at once. */
export interface AddedTrial {
  readonly trial: TrialId;
  readonly attempt: number | undefined;
}

/**
 * Adds a trial, and starts it where it is tracked. A repeated request adds nothing. Resolves once it is on disk.
 * @throws ParamoError INVALID_PARAMS, BUDGET_EXHAUSTED, STUDY_ENDED, TRIAL_NOT_FOUND.
 */
export async function enqueue(runtime: StudyRuntime, given: GivenTrial): Promise<AddedTrial> {
  const { journal, studyId } = runtime;
  const { params, fidelity, attributes, retryOf, startFor, requestId } = given;
  const key = enqueueKey(requestId);
  const answered = key === undefined ? undefined : findRequest(runtime, key);
  if (answered) {
    await journal.settled();
    return { trial: answered.trial, attempt: answered.attempt || undefined };
  }
  const { spec, revision } = journal.state.record;
  checkOpen(runtime);
  if (spec.space) createSpace(spec.space).validate(params);
  if (retryOf !== undefined && !journal.trial(retryOf)) {
    throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `retry_of names trial ${retryOf}, which study "${spec.name}" does not have`, hint: 'Name the trial to try again, or leave it out.' });
  }
  const trial = journal.state.nextTrial;
  const created: LogEntry = {
    kind: 'trial_created', trial, by: 'user', params, revision, seen: 0, because: { kind: 'user', detail: startFor ? 'tracked' : 'enqueued' }, attributes,
    seed: given.seed ?? trialSeed(spec.seed, trial), ...(fidelity && { fidelity }), ...(retryOf === undefined ? {} : { retryOf }),
  };
  if (startFor) {
    // Appended and started in one turn, so that nobody else is served in between; both are one transaction.
    const durable = journal.append([created]);
    const started = startAttempt(runtime, journal.state.live.get(trial)!, { worker: startFor, requestId, requestKey: key });
    await Promise.all([durable, started.durable]);
    return { trial, attempt: started.attempt.number };
  }
  const answer = { trial, attempt: 0 };
  const durable = runtime.commit([created], (writes) => {
    if (key !== undefined) writes.request(studyId, key, answer);
  });
  if (key !== undefined) runtime.requests.add(key, answer, durable);
  await durable;
  return { trial, attempt: undefined };
}

/** @throws ParamoError BUDGET_EXHAUSTED, STUDY_ENDED when a study takes no further trial. */
export function checkOpen({ journal: { state } }: StudyRuntime): void {
  const { record, closed } = state;
  const limit = reachedLimit(state);
  if (record.state !== 'ended' && !closed && !limit) return;
  const reason = record.endReason ?? closed?.reason ?? limit!.reason;
  const detail = record.endDetail || closed?.detail || limit?.detail;
  throw new ParamoError({
    code: reason === 'budget' ? 'BUDGET_EXHAUSTED' : 'STUDY_ENDED', message: `study "${record.spec.name}" takes no further trial (${reason}: ${detail})`,
    hint: reason === 'budget' ? 'Raise the budget, or give { fresh: true } to start over.' : 'Open it again, or give { fresh: true } to start over.',
  });
}
