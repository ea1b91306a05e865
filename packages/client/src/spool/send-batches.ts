import { isParamoError, ParamoError } from '@paramo/core';
import { TrialServiceService, Verdict } from '@paramo/protocol';
import type { AttemptKey, AttemptUpdate, Batch } from '@paramo/protocol';
import { batchSize, messageBytes } from '../carrier/batch-size.js';
import { isLost } from '../link.js';
import type { Link } from '../link.js';
import type { Delivery } from './delivery.js';
import { openReportCall } from './report-call.js';
import type { ReportCall } from './report-call.js';
import { attemptName } from './spool-files.js';

/** Sends the batches of a writer that is gone. */
export interface BatchSender {
  /** Sends those that the daemon does not have; `batches` holds those of an attempt in order. */
  send(batches: readonly Batch[]): Promise<void>;
  /** Ends the stream; `withGoodbye` frees at once what the writer still holds. */
  close(withGoodbye: boolean): Promise<void>;
  /** Why the daemon takes nothing of an attempt; undefined: it does, or has not been asked. */
  refusal(attempt: AttemptKey): ParamoError | undefined;
}

/** What it runs on. */
export interface BatchSenderOptions {
  readonly link: Link;
  readonly writerId: string;
  readonly delivery: Delivery;
  readonly signal: AbortSignal;
}

/** The attempt is unknown to this daemon, now and for ever. */
const unknown = ['STUDY_NOT_FOUND', 'TRIAL_NOT_FOUND'] as const;
/** These points will never be stored; others of the attempt may. */
const invalid = ['INVALID_METRIC', 'INVALID_ARGUMENT', 'LIMIT_EXCEEDED'] as const;

/** A sender that has asked nothing yet. It gives up with the error of the first call that finds no daemon. */
export function createBatchSender({ link, writerId, delivery, signal }: BatchSenderOptions): BatchSender {
  /** By attempt, the sequence up to which the daemon has all. */
  const known = new Map<string, number>();
  const refusals = new Map<string, ParamoError>();
  /** One for all of them: at the end of a stream of a process that is gone the daemon frees its trials, and whoever waits could take one whose end is about to come. */
  let call: ReportCall | undefined;

  const report = async (batch: Batch): Promise<AttemptUpdate> => {
    const { update } = await link.unary(TrialServiceService.reportOnce, { writerId, batch, waitMs: 0 }, { signal });
    if (!update) throw new ParamoError({ code: 'INTERNAL', message: 'the daemon answered without an update', hint: 'Bring client and daemon to the same version.' });
    return update;
  };
  const learn = async (attempt: AttemptKey): Promise<void> => {
    const name = attemptName(attempt);
    if (known.has(name) || refusals.has(name)) return;
    try {
      known.set(name, Number((await report(empty(attempt, 0))).ackedSequence));
    } catch (error) {
      if (!unknown.some((code) => isParamoError(error, code))) throw error;
      refusals.set(name, ParamoError.from(error));
    }
  };
  const isNew = (batch: Batch): boolean => Number(batch.sequence) > (known.get(attemptName(batch)) ?? Number.POSITIVE_INFINITY);
  const note = (batch: Batch, update: Pick<AttemptUpdate, 'ackedSequence' | 'verdict'>): void => {
    if (!isNew(batch) || batch.sequence > update.ackedSequence) return;
    known.set(attemptName(batch), Number(batch.sequence));
    delivery.stored(batch, pointsOf(batch), update.verdict === Verdict.VERDICT_FENCED);
  };
  /** All in one message, whose answers come in any order; what was not taken is still new afterwards. */
  const sendTogether = async (batches: readonly Batch[]): Promise<void> => {
    let updates: ReadonlyMap<string, AttemptUpdate>;
    try {
      call ??= openReportCall(link, writerId, signal);
      updates = await call.send(batches);
    } catch (error) {
      call = undefined;
      // One of them is refused, and those behind it with it: which one is seen when they go one by one.
      if (isLost(error) || signal.aborted) throw error;
      return;
    }
    for (const batch of batches) {
      const update = updates.get(attemptName(batch));
      if (update) note(batch, update);
    }
  };
  const sendAlone = async (batch: Batch): Promise<void> => {
    if (!isNew(batch)) return;
    const name = attemptName(batch);
    try {
      if (!refusals.has(name)) note(batch, await report(batch));
    } catch (error) {
      if (invalid.some((code) => isParamoError(error, code)) && batch.series.length > 0) {
        delivery.refused(batch, pointsOf(batch), ParamoError.from(error));
        note(empty(batch, Number(batch.sequence)), await report(empty(batch, Number(batch.sequence))));
      } else if (unknown.some((code) => isParamoError(error, code))) refusals.set(name, ParamoError.from(error));
      else throw error;
    }
    const refusal = refusals.get(name);
    if (refusal) delivery.refused(batch, pointsOf(batch), refusal);
  };
  /** With an empty batch in place of each that is missing before it. */
  const filled = function* (batches: readonly Batch[]): Generator<Batch, void, undefined> {
    const next = new Map<string, number>();
    for (const batch of batches) {
      const name = attemptName(batch);
      const expected = next.get(name) ?? (known.get(name) ?? 0) + 1;
      const sequence = Number(batch.sequence);
      // Written twice, after a write that failed in part.
      if (sequence < expected) continue;
      if (sequence > expected) delivery.missing(batch, sequence - expected);
      for (let missing = expected; missing < sequence; missing++) yield empty(batch, missing);
      next.set(name, sequence + 1);
      yield batch;
    }
  };

  return {
    async send(batches) {
      for (const batch of batches) await learn(batch);
      for (const batch of batches) {
        const refusal = refusals.get(attemptName(batch));
        if (refusal) delivery.refused(batch, pointsOf(batch), refusal);
      }
      let message: Batch[] = [];
      let bytes = 0;
      const flush = async (): Promise<void> => {
        if (message.length > 0) await sendTogether(message);
        for (const batch of message) await sendAlone(batch);
        message = [];
        bytes = 0;
      };
      for (const batch of filled(batches.filter(isNew))) {
        message.push(batch);
        bytes += batchSize(batch);
        if (bytes >= messageBytes) await flush();
      }
      await flush();
    },
    async close(withGoodbye) {
      if (withGoodbye) call ??= openReportCall(link, writerId, signal);
      await call?.close(withGoodbye);
    },
    refusal: (attempt) => refusals.get(attemptName(attempt)),
  };
}

function empty({ studyId, trial, attempt }: AttemptKey, sequence: number): Batch {
  return { studyId, trial, attempt, sequence: BigInt(sequence), series: [] };
}

function pointsOf({ series }: Batch): number {
  return series.reduce((sum, { steps }) => sum + steps.length, 0);
}
