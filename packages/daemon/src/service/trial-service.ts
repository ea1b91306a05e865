import { ParamoError, type TrialRecord, type Values } from '@paramo/core';
import {
  bindService, checkedName, ControlAction, countFromMessage, fidelityFromMessage, jsonObjectFromMessage, Trial, trialRecordToMessage,
  readReport, TrialServiceService, valuesFromMessage, type AskRequest, type AskResponse, type AttemptKey, type Batch, type CompleteRequest, type EnqueueResponse, type FailRequest, type ServiceBinding, type ServiceHandlers,
} from '@paramo/protocol';
import { contentLimits } from '../limits.js';
import { listTrials } from '../store/list-trials.js';
import type { TrialControl } from '../tuner/control.js';
import type { Ending, TrialFailure } from '../tuner/endings.js';
import type { Study } from '../tuner/study.js';
import type { Tuner } from '../tuner/tuner.js';
import { askFromMessage, askToMessage, assignmentToMessage, attemptFromMessage, batchFromMessage, checkFidelity, requestIdFrom, updateToMessage } from './assignment.js';
import { countPoints } from './check-columns.js';
import { checkedParams, checkedWorker, checkJson, checkValueCount, cutText } from './check-content.js';
import { importTrials } from './import-trials.js';
import type { Intake } from './intake.js';
import { fitting } from './paging.js';
import { reportStream } from './report-stream.js';

const controls: Readonly<Record<number, TrialControl | 'delete'>> = {
  [ControlAction.CONTROL_ACTION_STOP]: 'stop', [ControlAction.CONTROL_ACTION_PAUSE]: 'pause', [ControlAction.CONTROL_ACTION_RESUME]: 'resume',
  [ControlAction.CONTROL_ACTION_CANCEL]: 'cancel', [ControlAction.CONTROL_ACTION_RETRACT]: 'retract', [ControlAction.CONTROL_ACTION_DELETE]: 'delete',
};

const longestReportWaitMs = 10_000;

/** What every request that ends an attempt carries. */
interface EndingRequest {
  readonly attempt: AttemptKey | undefined;
  readonly writerId: string;
  readonly batches: readonly Batch[];
  readonly requestId: string;
  readonly askNext: AskRequest | undefined;
}

function valuesOf({ values }: CompleteRequest): Values {
  checkValueCount(values, 'values', contentLimits.values);
  return valuesFromMessage(values);
}

function failureOf({ error }: FailRequest): TrialFailure {
  return error ? { message: cutText(error.message), stack: cutText(error.stack, contentLimits.stackBytes) } : { message: 'failed without a message', stack: '' };
}

/** TrialService over the tuner. */
export function trialService(tuner: Tuner, intake: Intake): ServiceBinding {

  async function ask(request: AskRequest, signal: AbortSignal): Promise<AskResponse> {
    const study = tuner.study(request.studyId);
    return askToMessage(await study.ask(askFromMessage(request, signal)), study.milestones);
  }

  /** Ends an attempt, and asks for the next trial in the same turn, so that both are one commit when a trial is ready. */
  async function end(request: EndingRequest, signal: AbortSignal, how: (study: Study, ending: Ending) => Promise<TrialRecord>): Promise<{ trial: ReturnType<typeof trialRecordToMessage>; next: AskResponse | undefined }> {
    const { studyId, trial, attempt } = attemptFromMessage(request.attempt);
    const study = tuner.study(studyId);
    await study.ready;
    const batches = request.batches.map((batch) => batchFromMessage(batch, request.writerId));
    const stray = batches.find((batch) => batch.trial !== trial || batch.attempt !== attempt);
    if (stray) {
      throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `a batch of trial ${stray.trial}, attempt ${stray.attempt} comes with the end of trial ${trial}, attempt ${attempt}`, hint: 'Send batches of other attempts with Report or ReportOnce.' });
    }
    let ended: Promise<TrialRecord>;
    intake.charge(request.writerId, batches.reduce((sum, { series }) => sum + countPoints(series), 0));
    try {
      // Throws at once where it refuses, so that a worker that still holds its trial is not leased another.
      ended = how(study, { trial, attempt, batches, requestId: requestIdFrom(request.requestId) });
    } catch (error) {
      // The batches were taken all the same; a refusal says so, and its caller lets them go.
      await study.journal.settled();
      throw error;
    }
    const next = request.askNext && ask(request.askNext, signal);
    next?.catch(() => undefined);
    return { trial: trialRecordToMessage(await ended), next: await next };
  }

  /** The trials with what their running attempts have reported, told once all of that is on disk. */
  async function durableProgress(studyId: string, trials: readonly TrialRecord[]): Promise<readonly TrialRecord[]> {
    const study = tuner.loaded(studyId);
    if (!study || !trials.some(({ state }) => state === 'running')) return trials;
    const now = trials.map((trial) => study.withProgress(trial));
    await study.journal.settled();
    return now;
  }

  const handlers: ServiceHandlers<typeof TrialServiceService> = {
    ask: (request, { signal }) => ask(request, signal),
    async enqueue({ studyId, params, requestId, fidelity, seed, attributesJson, retryOf, startFor, resume }) {
      const study = tuner.study(studyId);
      await study.ready;
      const { leaseMs } = study.journal.state.record.spec.rules;
      const answer = ({ trial, attempt }: Awaited<ReturnType<Study['enqueue']>>): EnqueueResponse => ({ trial: trialRecordToMessage(trial), assignment: attempt === undefined ? undefined : assignmentToMessage(trial, attempt, leaseMs, study.milestones) });
      if (resume !== undefined) {
        if (!startFor) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'resume is given without start_for', hint: 'Name the worker that goes on with the run.' });
        return answer(await study.resumeRun({ trial: countFromMessage(resume, 'resume'), worker: checkedWorker(startFor, 'start_for'), requestId: requestIdFrom(requestId) }));
      }
      checkJson(attributesJson, 'attributes_json');
      const asked = fidelity && checkFidelity(fidelityFromMessage(fidelity));
      return answer(await study.enqueue({
        params: checkedParams(params), requestId: requestIdFrom(requestId), attributes: jsonObjectFromMessage(attributesJson, 'attributes_json'),
        ...(asked && { fidelity: asked }), ...(seed === undefined ? {} : { seed: countFromMessage(seed, 'seed') }),
        ...(retryOf === undefined ? {} : { retryOf: countFromMessage(retryOf, 'retry_of') }), ...(startFor && { startFor: checkedWorker(startFor, 'start_for') }),
      }));
    },
    async attach({ attempt: key, writerId }) {
      const { studyId, ...name } = attemptFromMessage(key);
      const study = tuner.study(studyId);
      await study.ready;
      const { trial, leaseMs, taken } = study.attach(name, writerId === '' ? '' : checkedName(writerId, 'writer_id', 128));
      return { assignment: assignmentToMessage(trial, name.attempt, leaseMs, study.milestones), taken };
    },
    async getTrial({ studyId, number }) {
      const trial = countFromMessage(number, 'number');
      const record = tuner.studies.trial(studyId, trial);
      if (!record) {
        const { spec, counts } = tuner.study(studyId).journal.state.record;
        const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
        throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `study "${spec.name}" has no trial ${trial}`, hint: total === 0 ? 'It has none yet.' : `It has 0 to ${total - 1}.` });
      }
      return { trial: trialRecordToMessage((await durableProgress(studyId, [record]))[0]!) };
    },
    async listTrials({ studyId, filter, order, pageSize: size, pageToken }) {
      const list = (pageSize: number): ReturnType<typeof listTrials> => listTrials(tuner.studies, studyId, { filter, order, pageSize, pageToken });
      const asked = list(size);
      const trials = (await durableProgress(studyId, asked.trials)).map(trialRecordToMessage);
      const room = fitting(trials, (trial) => Trial.encode(trial).finish().length);
      // With large trials a page ends sooner; its token is the one of that shorter page.
      return { trials: trials.slice(0, room), nextPageToken: room < trials.length ? list(room).nextPageToken : asked.nextPageToken };
    },
    import: (requests) => importTrials(tuner, requests),
    report: (requests, { signal }) => reportStream(tuner, intake, requests, signal),
    async reportOnce({ writerId, batch, waitMs }, { signal }) {
      if (!batch) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'batch is missing', hint: 'Send a batch; one with sequence 0 and no series is a heartbeat.' });
      const study = tuner.study(batch.studyId);
      await study.ready;
      const received = batchFromMessage(batch, writerId);
      intake.charge(writerId, countPoints(batch.series));
      const update = await study.report(received);
      return { update: updateToMessage(await study.decided(update, Math.min(waitMs, longestReportWaitMs), signal)) };
    },
    complete: (request, { signal }) => end(request, signal, (study, ending) => study.complete(ending, valuesOf(request))),
    fail: (request, { signal }) => end(request, signal, (study, ending) => study.fail(ending, failureOf(request))),
    release: (request, { signal }) => end(request, signal, (study, ending) => study.release(ending, cutText(request.reason))),
    async control({ studyId, trial, action, reason }) {
      const wanted = controls[action];
      if (!wanted) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `action ${action} is unknown`, hint: 'Give a value of ControlAction.' });
      const study = tuner.study(studyId);
      await study.ready;
      const number = countFromMessage(trial, 'trial');
      return { trial: trialRecordToMessage(await (wanted === 'delete' ? study.deleteTrial(number) : study.control(number, wanted, cutText(reason)))) };
    },
    async updateTrial({ studyId, trial, attributesJson }) {
      const study = tuner.study(studyId);
      await study.ready;
      checkJson(attributesJson, 'attributes_json');
      const number = countFromMessage(trial, 'trial');
      const change = jsonObjectFromMessage(attributesJson, 'attributes_json');
      // What was noted bit by bit is no larger than what is noted at once.
      checkJson(JSON.stringify({ ...study.journal.trial(number)?.attributes, ...change }), 'attributes');
      return { trial: trialRecordToMessage(await study.annotate(number, change)) };
    },
  };
  // `reportStream` takes numbers for bigints.
  const report = { ...TrialServiceService.report, requestDeserialize: readReport as unknown as typeof TrialServiceService.report.requestDeserialize };
  return bindService({ ...TrialServiceService, report }, handlers);
}
