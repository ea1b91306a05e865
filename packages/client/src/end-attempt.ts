import { isParamoError, ParamoError } from '@paramo/core';
import type { TrialRecord, Values } from '@paramo/core';
import { TrialServiceService, trialRecordFromMessage, valuesToMessage } from '@paramo/protocol';
import type { AskRequest, AskResponse, Trial as TrialMessage } from '@paramo/protocol';
import { readAnswer } from './ask.js';
import type { AskAnswer } from './ask.js';
import type { Attempt } from './attempt.js';
import type { Connection } from './connect.js';
import { missingObjective } from './missing-objective.js';
import { waitForNews } from './wait-for-news.js';

/** How an attempt ends. */
export type Ending =
  | { readonly kind: 'complete'; readonly values: Values }
  | { readonly kind: 'fail'; readonly message: string; readonly stack: string }
  | { readonly kind: 'release'; readonly reason: string };

/** What came of it. */
export interface EndedAttempt {
  /** The trial as it stands. */
  readonly record: TrialRecord;
  /** The answer to the ask that went along. */
  readonly next?: AskAnswer;
}

/** What an attempt's end needs to know. */
export interface EndAttemptOptions {
  readonly connection: Connection;
  readonly attempt: Attempt;
  readonly objectives: readonly string[];
  /** Metrics logged, for the error of a trial without its objective. */
  readonly names: ReadonlySet<string>;
  /** Asks for the next trial in the same call. */
  readonly askNext?: () => AskRequest;
}

/** A result is worth more patience than a question. */
const patienceMs = 600_000;
/** A call that waits for a commit and perhaps a suggestion. */
const callMs = 60_000;
/** The most unacked points a last call carries; what is beyond goes by the stream first. */
const carriedBytes = 512 * 1024;
const maxStackBytes = 64 * 1024 - 1;

/**
 * Ends an attempt, its last points in the same call. One completed without its objective fails instead, with an error that
 * names what was logged; one that lost its trial to another worker ends without a word.
 */
export async function endAttempt(ending: Ending, options: EndAttemptOptions): Promise<EndedAttempt> {
  const { connection, attempt } = options;
  const { reporter, clock } = connection;
  const enough = (): boolean => attempt.bytes <= carriedBytes;
  if (!enough()) {
    reporter.flush();
    await waitForNews({ attempt, reporter, clock, until: enough, timeoutMs: patienceMs, goOnWhenAway: false, signal: new AbortController().signal });
  }
  attempt.finishing = true;
  attempt.cut();
  try {
    try {
      return await send(ending, options);
    } catch (error) {
      if (ending.kind !== 'complete' || !isParamoError(error, 'OBJECTIVE_MISSING')) throw error;
      return await send({ kind: 'fail', message: missingObjective({ trial: attempt.trial, objectives: options.objectives, seen: [...options.names, ...Object.keys(ending.values)] }).message, stack: '' }, options);
    }
  } catch (error) {
    if (!isParamoError(error, 'FENCED') && !isParamoError(error, 'TRIAL_ENDED')) throw error;
    return { record: await readTrial(connection, attempt) };
  } finally {
    reporter.forget(attempt);
  }
}

/** A trial as it stands. */
export async function readTrial({ link }: Connection, { studyId, trial }: { readonly studyId: string; readonly trial: number }): Promise<TrialRecord> {
  return recordOf((await link.unary(TrialServiceService.getTrial, { studyId, number: BigInt(trial) })).trial);
}

async function send(ending: Ending, { connection, attempt, askNext }: EndAttemptOptions): Promise<EndedAttempt> {
  const { link, writerId, nextRequestId } = connection;
  const common = { attempt: attempt.key, writerId, batches: attempt.unacked(), requestId: nextRequestId(), askNext: askNext?.() };
  const call = { patienceMs, tryTimeoutMs: callMs };
  switch (ending.kind) {
    case 'complete':
      return ended(await link.unary(TrialServiceService.complete, { ...common, values: valuesToMessage(ending.values) }, call));
    case 'fail':
      return ended(await link.unary(TrialServiceService.fail, { ...common, error: { message: ending.message, stack: ending.stack.slice(0, maxStackBytes) } }, call));
    case 'release':
      return ended(await link.unary(TrialServiceService.release, { ...common, reason: ending.reason }, call));
  }
}

function ended({ trial, next }: { readonly trial: TrialMessage | undefined; readonly next: AskResponse | undefined }): EndedAttempt {
  return { record: recordOf(trial), ...(next && { next: readAnswer(next) }) };
}

function recordOf(trial: TrialMessage | undefined): TrialRecord {
  if (!trial) throw new ParamoError({ code: 'INTERNAL', message: 'the daemon answered without the trial', hint: 'Bring client and daemon to the same version.' });
  return trialRecordFromMessage(trial);
}
