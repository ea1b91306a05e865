import { isParamoError, ParamoError } from '@paramo/core';
import { checkedName, type AttemptKey, type Batch, type Numeric, type ReportRequest, type ReportResponse } from '@paramo/protocol';
import type { Tuner } from '../tuner/tuner.js';
import { attemptFromMessage, batchFromMessage, updateToMessage } from './assignment.js';
import { countPoints } from './check-columns.js';
import type { Intake } from './intake.js';
import { createOutbox, type Outbox } from './outbox.js';

/** One worker process's stream: stores its batches, acks what is durable, and tells it what its attempts should do. */
export async function* reportStream(tuner: Tuner, intake: Intake, requests: AsyncIterable<Numeric<ReportRequest>>, signal: AbortSignal): AsyncIterable<ReportResponse> {
  const outbox = createOutbox<ReportResponse>(signal);
  void read(tuner, intake, requests, outbox).then(outbox.end, outbox.fail);
  try {
    yield* outbox.messages();
  } finally {
    outbox.end();
  }
}

async function read(tuner: Tuner, intake: Intake, requests: AsyncIterable<Numeric<ReportRequest>>, outbox: Outbox<ReportResponse>): Promise<void> {
  const iterator = requests[Symbol.asyncIterator]();
  const pending = new Set<Promise<void>>();
  let writer = '';
  let said = false;
  let broken = true;
  let underWay = 0;
  let unsubscribe = (): void => undefined;
  try {
    for (;;) {
      // A stream that has failed or whose reader has gone takes no more, however long its writer stays.
      const next = await nextUnlessOver(iterator.next(), outbox);
      if (next.done) {
        broken = next.value === 'over';
        break;
      }
      const { writerId, batches, heartbeats, goodbye } = next.value;
      if (writer === '') {
        writer = checkedName(writerId, 'writer_id', 128);
        unsubscribe = tuner.bus.subscribe(writer, (update) => outbox.send({ updates: [updateToMessage(update)], refusals: [] }));
      }
      const points = batches.reduce((sum, { series }) => sum + countPoints(series), 0);
      try {
        intake.charge(writer, points);
      } catch (error) {
        // It is not the connection that failed. What came before is acked first, as far as it goes.
        broken = false;
        await Promise.all(pending);
        throw error;
      }
      await intake.enter(points);
      underWay += points;
      const work = answer(tuner, writer, batches, heartbeats).then(
        (response) => {
          if (response.updates.length + response.refusals.length > 0) outbox.send(response);
        },
        outbox.fail,
      );
      pending.add(work);
      void work.finally(() => {
        pending.delete(work);
        underWay -= points;
        intake.leave(points);
      });
      if (goodbye) {
        await Promise.all(pending);
        said = true;
        tuner.goodbye(writer);
      }
      while (pending.size >= intake.limits.messagesUnderWay || underWay >= intake.limits.pointsUnderWay) await Promise.race(pending);
    }
    await Promise.all(pending);
  } finally {
    unsubscribe();
    // Not awaited: it may be waiting for a writer that is silent.
    void iterator.return?.()?.catch(() => undefined);
    if (writer !== '' && !said) tuner.disconnected(writer, broken);
  }
}

/** The next request, or the end when the outbox is over. */
function nextUnlessOver(next: Promise<IteratorResult<Numeric<ReportRequest>>>, outbox: Outbox<ReportResponse>): Promise<IteratorResult<Numeric<ReportRequest>, unknown>> {
  return new Promise((resolve, reject) => {
    const forget = outbox.onOver(() => resolve({ done: true, value: 'over' }));
    next.finally(forget).then(resolve, reject);
  });
}

/** Stores the batches of one message and answers once all of them are on disk. */
async function answer(tuner: Tuner, writer: string, batches: readonly Numeric<Batch>[], heartbeats: readonly Numeric<AttemptKey>[]): Promise<ReportResponse> {
  const response: ReportResponse = { updates: [], refusals: [] };
  await Promise.all([
    ...batches.map(async (batch) => {
      try {
        const study = tuner.study(batch.studyId);
        response.updates.push(updateToMessage(await study.report({ ...batchFromMessage(batch, writer), mayWait: true })));
      } catch (error) {
        refuse(response, batch, ParamoError.from(error));
      }
    }),
    ...heartbeats.map(async (key) => {
      const { studyId, trial, attempt } = attemptFromMessage(key);
      try {
        response.updates.push(updateToMessage(await tuner.study(studyId).report({ trial, attempt, writer, sequence: 0, series: [] })));
      } catch (error) {
        // A trial that is gone needs no heartbeat; its worker learns of it from its next batch.
        if (!isParamoError(error, 'TRIAL_NOT_FOUND') && !isParamoError(error, 'STUDY_NOT_FOUND')) throw error;
      }
    }),
  ]);
  return response;
}

/** Codes of batches that stay wrong however often they come. Anything else ends the stream, and the worker sends again. */
const hopeless: readonly string[] = ['TRIAL_NOT_FOUND', 'STUDY_NOT_FOUND', 'INVALID_METRIC', 'INVALID_ARGUMENT', 'LIMIT_EXCEEDED'];

function refuse(response: ReportResponse, batch: Numeric<Batch>, error: ParamoError): void {
  if (!hopeless.includes(error.code)) throw error;
  response.refusals.push({
    attempt: { studyId: batch.studyId, trial: BigInt(batch.trial), attempt: batch.attempt }, sequence: BigInt(batch.sequence),
    error: { code: error.code, message: error.summary, hint: error.hint, retryAfterMs: 0, detailsJson: '' },
  });
}
