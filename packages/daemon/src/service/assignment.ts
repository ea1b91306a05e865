import { ParamoError, type Fidelity, type TrialRecord } from '@paramo/core';
import {
  checkedName, countFromMessage, countToMessage, NoTrialReason, trialRecordToMessage, trialSourceToMessage, Verdict,
  type AskRequest, type AskResponse, type Assignment, type AttemptKey, type AttemptUpdate, type Batch, type Milestones, type Numeric,
} from '@paramo/protocol';
import type { Ask, AskAnswer } from '../tuner/admission.js';
import type { ReceivedBatch } from '../tuner/reporting.js';
import type { MilestoneRule } from '../tuner/projection.js';
import type { StudyMilestones } from '../tuner/runtime.js';
import type { AttemptUpdate as Update, Verdict as VerdictName } from '../tuner/update-bus.js';
import { checkedWorker } from './check-content.js';
import { checkColumns } from './check-columns.js';

const longestWaitMs = 60_000;
const maxIdBytes = 128;

const verdicts: Readonly<Record<VerdictName, Verdict>> = {
  continue: Verdict.VERDICT_CONTINUE, stop: Verdict.VERDICT_STOP, pause: Verdict.VERDICT_PAUSE, fenced: Verdict.VERDICT_FENCED, ended: Verdict.VERDICT_ENDED,
};

const noTrialReasons: Readonly<Record<(AskAnswer & { kind: 'none' })['why'], NoTrialReason>> = {
  'not now': NoTrialReason.NO_TRIAL_REASON_NOT_NOW, ended: NoTrialReason.NO_TRIAL_REASON_ENDED, paused: NoTrialReason.NO_TRIAL_REASON_PAUSED, 'host held': NoTrialReason.NO_TRIAL_REASON_HOST_HELD,
};

/** An ask as the tuner takes it. */
export function askFromMessage({ revision, worker, requestId, waitMs }: AskRequest, signal: AbortSignal): Ask {
  if (!worker) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'worker is missing', hint: 'Say who asks: worker.id and worker.process.' });
  return { revision, worker: checkedWorker(worker), requestId: requestIdFrom(requestId), waitMs: Math.min(waitMs, longestWaitMs), signal };
}

/** A request id as given; empty: the call may not be repeated. */
export function requestIdFrom(requestId: string): string {
  return requestId === '' ? '' : checkedName(requestId, 'request_id', maxIdBytes);
}

/** The answer to an ask. */
export function askToMessage(answer: AskAnswer, milestones: StudyMilestones): AskResponse {
  if (answer.kind === 'none') return { assignment: undefined, none: noTrialReasons[answer.why], detail: answer.detail };
  return { assignment: assignmentToMessage(answer.trial, answer.attempt, answer.leaseMs, milestones), none: NoTrialReason.NO_TRIAL_REASON_UNSPECIFIED, detail: '' };
}

/** A trial with its lease. */
export function assignmentToMessage(trial: TrialRecord, attempt: number, leaseMs: number, { strategy, stopper, barrier, checkpoints }: StudyMilestones): Assignment {
  const source = trial.checkpoint ?? trial.from;
  return {
    trial: trialRecordToMessage(trial), attempt, leaseMs, resume: source && trialSourceToMessage(source), grantedThrough: undefined,
    milestones: milestonesToMessage([strategy, stopper], barrier),
    // A stopper's rungs are few, and where it pauses a trial there is something to go on from.
    checkpoints: milestonesToMessage([checkpoints ? strategy : 'none', stopper === 'every' ? 'none' : stopper], false),
  };
}

/** The milestones of several plugins in one. */
function milestonesToMessage(rules: readonly MilestoneRule[], barrier: boolean): Milestones {
  const every = rules.includes('every');
  const steps = new Set<number>();
  const intervals = new Set<number>();
  for (const rule of rules) {
    if (typeof rule === 'string' || every) continue;
    if ('interval' in rule) intervals.add(rule.interval);
    else for (const step of rule) steps.add(step);
  }
  return { every, steps: [...steps].sort((a, b) => a - b).map(BigInt), intervals: [...intervals].map(BigInt), barrier };
}

/** Names an attempt, checked. */
export function attemptFromMessage(key: Numeric<AttemptKey> | undefined): { readonly studyId: string; readonly trial: number; readonly attempt: number } {
  if (!key) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'attempt is missing', hint: 'Name study, trial and attempt as Ask answered them.' });
  return { studyId: key.studyId, trial: countFromMessage(key.trial, 'attempt.trial'), attempt: key.attempt };
}

/** A batch as the tuner takes it, every column checked. */
export function batchFromMessage(batch: Numeric<Batch>, writerId: string): ReceivedBatch {
  checkColumns(batch.series);
  return {
    trial: countFromMessage(batch.trial, 'batch.trial'), attempt: batch.attempt, writer: checkedName(writerId, 'writer_id', maxIdBytes),
    sequence: countFromMessage(batch.sequence, 'batch.sequence'), series: batch.series, ...(batch.done === undefined ? {} : { done: countFromMessage(batch.done, 'batch.done') }),
  };
}

/** News of an attempt. */
export function updateToMessage(update: Update): AttemptUpdate {
  return {
    studyId: update.studyId, trial: BigInt(update.trial), attempt: update.attempt, ackedSequence: countToMessage(update.ackedSequence, 'acked_sequence'),
    decidedDone: countToMessage(Math.max(0, update.decidedDone), 'decided_done'), verdict: verdicts[update.verdict], reason: update.reason,
    grantedThrough: update.grantedThrough === undefined ? undefined : BigInt(update.grantedThrough),
  };
}

/** Fidelity within its range. */
export function checkFidelity(fidelity: Fidelity | undefined): Fidelity | undefined {
  if (fidelity?.data !== undefined && !(fidelity.data > 0 && fidelity.data <= 1)) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `fidelity.data is ${fidelity.data}`, hint: 'Give the share of the data to use, above 0 and at most 1.' });
  }
  return fidelity;
}
