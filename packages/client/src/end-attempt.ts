import { isParamoError, ParamoError } from '@paramo/core';
import type { TrialRecord, Values } from '@paramo/core';
import { TrialServiceService, trialRecordFromMessage, valuesToMessage } from '@paramo/protocol';
import type { AskRequest, Trial as TrialMessage } from '@paramo/protocol';
import { readAnswer } from './ask.js';
import type { AskAnswer } from './ask.js';
import type { Attempt } from './attempt.js';
import type { Connection } from './connect.js';
import { missingObjective } from './missing-objective.js';
import type { AttemptEnd } from './spool/attempt-end.js';

/** How an attempt ends. */
export type Ending =
  | { readonly kind: 'complete'; readonly values: Values }
  | { readonly kind: 'fail'; readonly message: string; readonly stack: string }
  | { readonly kind: 'release'; readonly reason: string };

/** What came of it. */
export interface EndedAttempt {
  /** The trial as it stands; while the daemon is away, as it is told to stand. */
  readonly record: TrialRecord;
  /** The answer to the ask that went along. */
  readonly next?: AskAnswer;
}

/** What an attempt's end needs to know. */
export interface EndAttemptOptions {
  readonly connection: Connection;
  readonly attempt: Attempt;
  /** The trial as it was handed out. */
  readonly record: TrialRecord;
  readonly objectives: readonly string[];
  /** Metrics logged, for the error of a trial without its objective. */
  readonly names: ReadonlySet<string>;
  /** Steps that were done in the checkpoint it went on from. */
  readonly from?: number | undefined;
  /** Asks for the next trial in the same call. */
  readonly askNext?: () => AskRequest;
}

const maxStackBytes = 64 * 1024 - 1;

/**
 * Ends an attempt, its last points in the same call. One completed without its objective fails instead, with an error that
 * names what was logged; one that lost its trial to another worker ends without a word.
 */
export async function endAttempt(ending: Ending, options: EndAttemptOptions): Promise<EndedAttempt> {
  const { connection, attempt } = options;
  try {
    return await send(ending, options);
  } catch (error) {
    if (ending.kind === 'complete' && isParamoError(error, 'OBJECTIVE_MISSING')) {
      const { message } = missingObjective({ trial: attempt.trial, objectives: options.objectives, seen: [...options.names, ...Object.keys(ending.values)], from: options.from });
      return endAttempt({ kind: 'fail', message, stack: '' }, options);
    }
    if (!isParamoError(error, 'FENCED') && !isParamoError(error, 'TRIAL_ENDED')) throw error;
    return { record: await readTrial(connection, attempt) };
  }
}

/** A trial as it stands. */
export async function readTrial({ link }: Connection, { studyId, trial }: { readonly studyId: string; readonly trial: number }): Promise<TrialRecord> {
  return recordOf((await link.unary(TrialServiceService.getTrial, { studyId, number: BigInt(trial) })).trial);
}

async function send(ending: Ending, options: EndAttemptOptions): Promise<EndedAttempt> {
  const { connection, attempt, askNext } = options;
  const answer = await connection.reporter.end(attempt, endMessage(ending, connection, attempt), askNext?.());
  if (!answer) return { record: foreseen(ending, options) };
  return { record: recordOf(answer.trial), ...(answer.next && { next: readAnswer(answer.next) }) };
}

function endMessage(ending: Ending, { writerId, nextRequestId }: Connection, attempt: Attempt): AttemptEnd {
  const common = { attempt: attempt.key, writerId, batches: [], requestId: nextRequestId(), askNext: undefined };
  switch (ending.kind) {
    case 'complete':
      return { $case: 'complete', value: { ...common, values: valuesToMessage(ending.values) } };
    case 'fail':
      return { $case: 'fail', value: { ...common, error: { message: ending.message, stack: ending.stack.slice(0, maxStackBytes) } } };
    case 'release':
      return { $case: 'release', value: { ...common, reason: ending.reason } };
  }
}

/** What a trial comes to when the daemon hears of its end, as far as that is known here. */
function foreseen(ending: Ending, { connection, record, objectives }: EndAttemptOptions): TrialRecord {
  const endedMs = connection.clock.wallMs();
  switch (ending.kind) {
    case 'complete': {
      const { values } = ending;
      const value = objectives.length === 1 ? values[objectives[0]!] : undefined;
      return { ...record, state: 'completed', values, metrics: { ...record.metrics, ...values }, endedMs, ...(value !== undefined && Number.isFinite(value) && { value }) };
    }
    case 'fail':
      return { ...record, state: 'failed', reason: ending.message, error: { message: ending.message, stack: ending.stack }, endedMs };
    case 'release':
      return { ...record, state: 'waiting', reason: ending.reason };
  }
}

function recordOf(trial: TrialMessage | undefined): TrialRecord {
  if (!trial) throw new ParamoError({ code: 'INTERNAL', message: 'the daemon answered without the trial', hint: 'Bring client and daemon to the same version.' });
  return trialRecordFromMessage(trial);
}
