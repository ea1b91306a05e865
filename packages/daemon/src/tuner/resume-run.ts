import { isTerminal, ParamoError, type TrialId, type Worker } from '@paramo/core';
import { checkOpen, type AddedTrial } from './enqueue.js';
import { startAttempt } from './leases.js';
import { enqueueKey, findRequest } from './request-keys.js';
import { isTracking, type StudyRuntime } from './runtime.js';

/** Which run to take up again, and for whom. */
export interface ResumedRun {
  readonly trial: TrialId;
  readonly worker: Worker;
  readonly requestId: string;
}

/**
 * Takes a tracked run up as its next attempt, from its newest checkpoint: whatever it came to, unless it runs. Resolves once it is on disk.
 * @throws ParamoError TRIAL_RUNNING, TRIAL_NOT_FOUND; STUDY_MISMATCH for a search; INVALID_ARGUMENT for one that was taken back or deleted;
 * BUDGET_EXHAUSTED, STUDY_ENDED.
 */
export async function resumeRun(runtime: StudyRuntime, { trial, worker, requestId }: ResumedRun): Promise<AddedTrial> {
  const { journal, studies, studyId } = runtime;
  const { spec } = journal.state.record;
  const key = enqueueKey(requestId);
  const answered = key === undefined ? undefined : findRequest(runtime, key);
  if (answered) {
    await journal.settled();
    return { trial: answered.trial, attempt: answered.attempt };
  }
  if (!isTracking(runtime)) {
    throw new ParamoError({ code: 'STUDY_MISMATCH', message: `study "${spec.name}" is a search, whose trials are not resumed one by one`, hint: 'Add a trial with the same params to try one again; lost ones are tried again by themselves.' });
  }
  const record = journal.trial(trial);
  if (!record) throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `study "${spec.name}" has no trial ${trial}`, hint: 'List its runs with `paramo trials`.' });
  if (record.state === 'running') {
    const { host = '', pid = 0 } = record.worker ?? {};
    throw new ParamoError({
      code: 'TRIAL_RUNNING', message: `trial ${trial} runs already, as attempt ${record.attempt} in ${pid > 0 ? `process ${pid}` : 'a process'} on ${host || 'an unknown host'}`,
      hint: `End that one first. If it is gone, the trial is free when its lease has run out, in ${spec.rules.leaseMs / 1000} s at most.`,
    });
  }
  if (record.retracted || studies.isDeleting(studyId, trial)) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `trial ${trial} was ${record.retracted ? 'taken back' : 'deleted'}`, hint: 'Track a new run.' });
  checkOpen(runtime);
  const because = { kind: 'user', detail: 'resumed' } as const;
  // Appended and started in one turn, so that nobody else is served in between; both are one transaction.
  let durable = Promise.resolve();
  if (isTerminal(record.state)) {
    const from = studies.attempts(studyId, trial).find(({ attempt }) => attempt === record.attempt)?.done ?? 0;
    durable = journal.append([{ kind: 'trial_resumed', trial, by: 'user', because, seen: 0, over: { trial: record, from } }]);
  } else if (record.state === 'paused') durable = journal.append([{ kind: 'trial_resumed', trial, by: 'user', because, seen: 0 }]);
  const started = startAttempt(runtime, journal.state.live.get(trial)!, { worker, requestId, requestKey: key });
  await Promise.all([durable, started.durable]);
  return { trial, attempt: started.attempt.number };
}
