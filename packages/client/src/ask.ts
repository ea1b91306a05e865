import type { StudyRecord, TrialRecord, Worker } from '@paramo/core';
import { NoTrialReason, trialRecordFromMessage, TrialServiceService, trialSourceFromMessage, workerToMessage } from '@paramo/protocol';
import type { AskRequest, AskResponse, Assignment } from '@paramo/protocol';
import type { Connection } from './connect.js';
import { decisionPoints } from './decision-points.js';
import type { TrialTerms } from './trial.js';

/** What a study says to a worker that asks: a trial, or why there is none. */
export type AskAnswer =
  | { readonly kind: 'trial'; readonly assignment: Assignment }
  | { readonly kind: 'not now' | 'ended' | 'paused' | 'host held'; readonly detail: string };

/** The study a worker works for. */
export interface AskedStudy {
  readonly studyId: string;
  /** The newest revision this process knows. */
  readonly revision: number;
}

/** The longest one Ask waits; a longer wait is made of several. */
export const longestAskMs = 30_000;
/** How long an answer may take beyond the wait that was asked for. */
const graceMs = 15_000;

/** Slots of this process, numbered: each one evaluates one trial at a time. */
export function createWorker({ writerId, host }: Connection, slot: number | string): Worker {
  return { id: `${writerId}.${slot}`, process: writerId, host, pid: process.pid, labels: {} };
}

/** A request for the next trial, with an id of its own. */
export function askRequest(connection: Connection, study: AskedStudy, worker: Worker, waitMs: number): AskRequest {
  return { studyId: study.studyId, revision: study.revision, worker: workerToMessage(worker), requestId: connection.nextRequestId(), waitMs };
}

/** Asks once, waiting `waitMs` at most in the daemon. @throws ParamoError what the daemon refuses with, or ABORTED. */
export async function askOnce(connection: Connection, study: AskedStudy, worker: Worker, waitMs: number, signal?: AbortSignal): Promise<AskAnswer> {
  const request = askRequest(connection, study, worker, Math.min(Math.max(0, Math.floor(waitMs)), longestAskMs));
  const asked = connection.link.unary(TrialServiceService.ask, request, { tryTimeoutMs: request.waitMs + graceMs, ...(signal && { signal }) });
  // No trial begins before what it logs is safe.
  const [response] = await Promise.all([asked, connection.reporter.start()]);
  const answer = readAnswer(response);
  // People wonder why nothing happens.
  if (answer.kind === 'paused' || answer.kind === 'host held') connection.warnings.once(answer.kind, `waiting for trials: ${answer.detail}`);
  return answer;
}

/** The answer in an Ask's response. */
export function readAnswer({ assignment, none, detail }: AskResponse): AskAnswer {
  if (assignment?.trial) return { kind: 'trial', assignment };
  if (none === NoTrialReason.NO_TRIAL_REASON_ENDED) return { kind: 'ended', detail };
  if (none === NoTrialReason.NO_TRIAL_REASON_HOST_HELD) return { kind: 'host held', detail };
  return { kind: none === NoTrialReason.NO_TRIAL_REASON_PAUSED ? 'paused' : 'not now', detail };
}

/** Takes an assignment over: from here on its lease is renewed. */
export function takeOver(connection: Connection, study: Pick<StudyRecord, 'spec'>, assignment: Assignment, held: boolean): Pick<TrialTerms, 'record' | 'attempt' | 'milestones' | 'checkpoints' | 'source'> {
  const record: TrialRecord = trialRecordFromMessage(assignment.trial!);
  const attempt = connection.reporter.register({
    studyId: record.studyId,
    trial: record.number,
    attempt: assignment.attempt,
    leaseMs: assignment.leaseMs,
    ...(assignment.grantedThrough !== undefined && { grantedThrough: Number(assignment.grantedThrough) }),
    held,
    study: study.spec.name,
  });
  return { record, attempt, milestones: decisionPoints(assignment.milestones), checkpoints: decisionPoints(assignment.checkpoints), source: assignment.resume && trialSourceFromMessage(assignment.resume) };
}
