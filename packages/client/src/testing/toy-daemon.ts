import { defaultRules, ParamoError } from '@paramo/core';
import type { ErrorCode, Params, StudyRecord, TrialRecord, TrialState } from '@paramo/core';
import {
  bindService, CheckpointServiceService, MetricServiceService, NoTrialReason, OpenMode, paramsFromMessage, ServerServiceService, studyRecordToMessage, studySpecFromMessage, StudyServiceService,
  trialRecordToMessage, TrialServiceService, valuesFromMessage, Verdict, workerFromMessage,
} from '@paramo/protocol';
import type { AskRequest, AskResponse, Assignment, AttemptKey, AttemptUpdate, Batch, ServiceBinding } from '@paramo/protocol';
import { createToyReports } from './toy-reports.js';

/** What a toy daemon does. */
export interface ToyOptions {
  /** The configurations it hands out, one after the other; then the study ends. */
  readonly params: readonly Params[];
  readonly every?: boolean;
  readonly steps?: readonly number[];
  readonly barrier?: boolean;
  /** Where checkpoints are wanted. */
  readonly checkpointSteps?: readonly number[];
  /** What it refuses every checkpoint with; absent: it says that it has stored it. */
  readonly checkpointError?: ErrorCode;
  readonly leaseMs?: number;
  readonly grantedThrough?: number;
  /** Called with the name of every call, before it is answered. */
  readonly onCall?: (name: string) => void;
  /** What to decide about a report; asked at every point of the objective. */
  readonly decide?: (trial: number, done: number, value: number) => 'continue' | 'stop' | 'pause' | 'wait';
}

/** What the toy knows of one trial. */
export interface ToyTrial {
  record: TrialRecord;
  /** Points by metric: step to value, as stored. */
  readonly series: Map<string, Map<number, number>>;
  sequence: number;
  done: number;
  decidedDone: number;
  verdict: Verdict;
  reason: string;
  granted: number | undefined;
}

/** A small daemon in memory, for one study at a time: honest about what the client relies on, and about nothing else. */
export interface ToyDaemon {
  readonly bindings: readonly ServiceBinding[];
  readonly trials: readonly ToyTrial[];
  readonly study: StudyRecord | undefined;
  /** What it was called with, oldest first: method names, and for reports what they carried. */
  readonly calls: string[];
  /** While true, every call and stream fails with UNAVAILABLE. */
  down: boolean;
  /** What every ask is answered with, in place of a trial. */
  refusal: AskResponse | undefined;
  /** Changes what a running trial is told. */
  tell(trial: number, change: Partial<Pick<ToyTrial, 'verdict' | 'reason' | 'decidedDone' | 'granted'>>): void;
}

const verdicts = { stop: Verdict.VERDICT_STOP, pause: Verdict.VERDICT_PAUSE, continue: Verdict.VERDICT_CONTINUE } as const;

/** A toy daemon with nothing opened yet. */
export function createToyDaemon(options: ToyOptions): ToyDaemon {
  const trials: ToyTrial[] = [];
  const answered = new Map<string, AskResponse>();
  const calls: string[] = [];
  const instanceId = '01TOY0000000000000000000ID';
  let study: StudyRecord | undefined;
  let down = false;

  const check = (name: string): void => {
    calls.push(name);
    options.onCall?.(name);
    if (down) throw new ParamoError({ code: 'UNAVAILABLE', message: 'the toy is down' });
  };
  const find = (number: bigint | number): ToyTrial => {
    const trial = trials[Number(number)];
    if (!trial) throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `no trial ${number}` });
    return trial;
  };
  const objective = (): string | undefined => study?.spec.objectives[0]?.metric;
  const isOver = ({ record }: ToyTrial): boolean => ['completed', 'stopped', 'failed', 'cancelled'].includes(record.state);
  const updateOf = (trial: ToyTrial, attempt: number): AttemptUpdate => {
    const fenced = attempt < trial.record.attempt;
    return {
      studyId: trial.record.studyId,
      trial: BigInt(trial.record.number),
      attempt,
      ackedSequence: BigInt(trial.sequence),
      decidedDone: BigInt(trial.decidedDone),
      verdict: fenced ? Verdict.VERDICT_FENCED : isOver(trial) ? Verdict.VERDICT_ENDED : trial.verdict,
      reason: fenced ? 'taken over' : trial.reason,
      grantedThrough: trial.granted === undefined ? undefined : BigInt(trial.granted),
    };
  };
  const decideAt = (trial: ToyTrial, step: number, value: number): void => {
    const choice = options.decide?.(trial.record.number, step + 1, value) ?? 'continue';
    if (choice === 'wait') return;
    trial.decidedDone = Math.max(trial.decidedDone, step + 1);
    if (choice === 'continue') return;
    trial.verdict = verdicts[choice];
    trial.reason = `decided at ${step + 1}`;
  };
  const store = (batch: Batch): ToyTrial => {
    const trial = find(batch.trial);
    const sequence = Number(batch.sequence);
    if (sequence <= trial.sequence) return trial;
    if (sequence !== trial.sequence + 1) throw new ParamoError({ code: 'ABORTED', message: `batch ${sequence} came before batch ${trial.sequence + 1}` });
    trial.sequence = sequence;
    trial.done = Math.max(trial.done, Number(batch.done ?? 0n));
    for (const { name, steps, values } of batch.series) {
      const series = trial.series.get(name) ?? new Map<number, number>();
      trial.series.set(name, series);
      steps.forEach((step, i) => {
        series.set(Number(step), values[i]!);
        trial.done = Math.max(trial.done, Number(step) + 1);
        if (name === objective()) decideAt(trial, Number(step), values[i]!);
      });
    }
    return trial;
  };
  const lastOf = (trial: ToyTrial): Record<string, number> => Object.fromEntries([...trial.series].map(([name, points]) => [name, [...points].sort((a, b) => a[0] - b[0]).at(-1)![1]]));
  const create = (params: Params, started: boolean, worker?: AskRequest['worker']): ToyTrial => {
    const record: TrialRecord = {
      studyId: study!.studyId, number: trials.length, state: started ? 'running' : 'waiting', params, revision: 1, by: 'strategy', because: { kind: 'default' }, attributes: {},
      attempt: started ? 1 : 0, done: 0, values: {}, metrics: {}, reason: '', lost: 0, createdMs: 1, startedMs: started ? 1 : 0, endedMs: 0, retracted: false,
      ...(worker && { worker: workerFromMessage(worker) }),
    };
    const trial: ToyTrial = { record, series: new Map(), sequence: 0, done: 0, decidedDone: 0, verdict: Verdict.VERDICT_CONTINUE, reason: '', granted: options.grantedThrough };
    trials.push(trial);
    return trial;
  };
  const assignmentOf = (trial: ToyTrial): Assignment => ({
    trial: trialRecordToMessage(trial.record),
    attempt: trial.record.attempt,
    leaseMs: options.leaseMs ?? 30_000,
    grantedThrough: trial.granted === undefined ? undefined : BigInt(trial.granted),
    resume: undefined,
    milestones: { every: options.every ?? false, steps: (options.steps ?? []).map(BigInt), barrier: options.barrier ?? false, intervals: [] },
    checkpoints: { every: false, steps: (options.checkpointSteps ?? []).map(BigInt), barrier: false, intervals: [] },
  });
  const ask = (request: AskRequest | undefined): AskResponse | undefined => {
    if (!request) return undefined;
    const known = answered.get(request.requestId);
    if (known) return known;
    if (toy.refusal) return toy.refusal;
    const waiting = trials.find(({ record }) => record.state === 'waiting');
    const params = options.params[trials.length];
    let response: AskResponse;
    if (study?.state === 'ended') response = { assignment: undefined, none: NoTrialReason.NO_TRIAL_REASON_ENDED, detail: '' };
    else if (waiting) {
      waiting.record = { ...waiting.record, state: 'running', attempt: waiting.record.attempt + 1 };
      waiting.sequence = 0;
      response = { assignment: assignmentOf(waiting), none: NoTrialReason.NO_TRIAL_REASON_UNSPECIFIED, detail: '' };
    } else if (params) response = { assignment: assignmentOf(create(params, true, request.worker)), none: NoTrialReason.NO_TRIAL_REASON_UNSPECIFIED, detail: '' };
    else if (trials.every(isOver)) {
      study = { ...study!, state: 'ended', endReason: 'budget', endDetail: 'no trials are left' };
      response = { assignment: undefined, none: NoTrialReason.NO_TRIAL_REASON_ENDED, detail: '' };
    } else response = { assignment: undefined, none: NoTrialReason.NO_TRIAL_REASON_NOT_NOW, detail: '' };
    answered.set(request.requestId, response);
    return response;
  };
  const end = (key: AttemptKey | undefined, batches: readonly Batch[], state: TrialState, change: (metrics: Record<string, number>) => Partial<TrialRecord>): TrialRecord => {
    const trial = find(key!.trial);
    if (key!.attempt < trial.record.attempt) throw new ParamoError({ code: 'FENCED', message: 'taken over' });
    if (isOver(trial)) return trial.record;
    for (const batch of batches) store(batch);
    const metrics = lastOf(trial);
    const changed = change(metrics);
    const stopped = state === 'completed' && trial.verdict === Verdict.VERDICT_STOP;
    const paused = state === 'waiting' && trial.verdict === Verdict.VERDICT_PAUSE;
    trial.record = { ...trial.record, metrics, done: trial.done, state: stopped ? 'stopped' : paused ? 'paused' : state, reason: trial.reason, ...changed };
    rank();
    return trial.record;
  };
  const rank = (): void => {
    const [first] = trials.filter(({ record }) => record.state === 'completed' && record.value !== undefined).sort((a, b) => a.record.value! - b.record.value!);
    const counts = { waiting: 0, running: 0, paused: 0, completed: 0, stopped: 0, failed: 0, cancelled: 0 };
    for (const { record } of trials) counts[record.state]++;
    study = { ...study!, counts, ...(first && { bestTrial: first.record.number, bestValue: first.record.value! }) };
  };
  const record = (): StudyRecord => {
    if (!study) throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: 'nothing is open' });
    return study;
  };

  const reports = createToyReports({ calls, isDown: () => down, check, store: (batch) => updateOf(store(batch), batch.attempt), beat: (key) => updateOf(find(key.trial), key.attempt) });

  const toy: ToyDaemon = {
    refusal: undefined,
    bindings: [
      bindService(ServerServiceService, {
        async getServerInfo() {
          check('getServerInfo');
          return { version: '0.0.0', protocol: 1, storeFormat: 1, instanceId, pid: process.pid, startedMs: 0n, features: [], maxMessageBytes: 1 << 20 };
        },
      }),
      bindService(StudyServiceService, {
        async openStudy({ spec, mode }) {
          check('openStudy');
          if (study && mode !== OpenMode.OPEN_MODE_FRESH) return { study: studyRecordToMessage(study), created: false };
          const counts = { waiting: 0, running: 0, paused: 0, completed: 0, stopped: 0, failed: 0, cancelled: 0 };
          const known = studySpecFromMessage(spec!, { seed: () => 7 });
          study = {
            studyId: '01TOYSTUDY0000000000000000', spec: { ...known, rules: { ...defaultRules, ...known.rules } }, revision: 1, era: 1, state: 'open', endDetail: '', errorCode: '', position: 1, counts,
            spent: { trials: 0, steps: 0, wallMs: 0, cost: 0 }, createdMs: 1, updatedMs: 1,
          };
          return { study: studyRecordToMessage(study), created: true };
        },
        async getStudy() {
          check('getStudy');
          return { study: studyRecordToMessage(record()) };
        },
        async updateStudy() {
          check('updateStudy');
          return { study: studyRecordToMessage(record()) };
        },
      }),
      bindService(TrialServiceService, {
        async ask(request) {
          check('ask');
          const response = ask(request)!;
          // A real daemon waits; a worker that asks again at once would keep a simulated clock from ever moving.
          if (response.none === NoTrialReason.NO_TRIAL_REASON_NOT_NOW) await new Promise((resolve) => setTimeout(resolve, 5));
          return response;
        },
        async enqueue({ params, startFor }) {
          check('enqueue');
          const trial = create(paramsFromMessage(params!), startFor !== undefined, startFor);
          return { trial: trialRecordToMessage(trial.record), assignment: startFor ? assignmentOf(trial) : undefined };
        },
        async getTrial({ number }) {
          check('getTrial');
          return { trial: trialRecordToMessage(find(number).record) };
        },
        async listTrials({ filter, order, pageSize, pageToken }) {
          check(`listTrials ${filter}`);
          const state = /state = (\w+)/.exec(filter)?.[1];
          const found = trials.map(({ record: one }) => one).filter((one) => !state || one.state === state);
          if (order.startsWith('-')) found.reverse();
          const from = Number(pageToken || 0);
          return { trials: found.slice(from, from + pageSize).map(trialRecordToMessage), nextPageToken: from + pageSize < found.length ? String(from + pageSize) : '' };
        },
        report: reports.report,
        async reportOnce({ batch }) {
          check(batch!.sequence === 0n ? `ask ${batch!.trial}` : `once ${batch!.trial}#${batch!.sequence}`);
          return { update: batch!.sequence === 0n ? updateOf(find(batch!.trial), batch!.attempt) : updateOf(store(batch!), batch!.attempt) };
        },
        async complete({ attempt, batches, values, askNext }) {
          check('complete');
          const ended = end(attempt, batches, 'completed', (metrics) => {
            Object.assign(metrics, valuesFromMessage(values));
            const goals = record().spec.objectives.map(({ metric }) => metric);
            if (find(attempt!.trial).verdict !== Verdict.VERDICT_STOP && goals.some((name) => metrics[name] === undefined)) throw new ParamoError({ code: 'OBJECTIVE_MISSING', message: 'no objective' });
            const value = metrics[objective() ?? ''];
            return { values: Object.fromEntries(goals.flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]]]))), ...(value !== undefined && Number.isFinite(value) && { value }) };
          });
          return { trial: trialRecordToMessage(ended), next: ask(askNext) };
        },
        async fail({ attempt, batches, error, askNext }) {
          check('fail');
          const ended = end(attempt, batches, 'failed', () => ({ error: { message: error!.message, stack: error!.stack }, reason: error!.message }));
          return { trial: trialRecordToMessage(ended), next: ask(askNext) };
        },
        async release({ attempt, batches, reason, askNext }) {
          check('release');
          const ended = end(attempt, batches, 'waiting', () => ({ reason }));
          return { trial: trialRecordToMessage(ended), next: ask(askNext) };
        },
      }),
      bindService(CheckpointServiceService, {
        async *putCheckpoint(requests) {
          for await (const { part } of requests) {
            if (part?.$case !== 'header') continue;
            const { attempt, done } = part.value;
            check(`putCheckpoint ${done}`);
            if (options.checkpointError) throw new ParamoError({ code: options.checkpointError, message: 'the toy has no disk' });
            const trial = find(attempt!.trial);
            if (isOver(trial)) throw new ParamoError({ code: 'TRIAL_ENDED', message: 'it is over' });
            yield { part: { $case: 'stored' as const, value: { checkpoint: 'toy', size: 0n, storedBytes: 0n, update: updateOf(trial, attempt!.attempt) } } };
            return;
          }
        },
      }),
      bindService(MetricServiceService, {
        async listSeries({ trial }) {
          return { series: [...find(trial).series].map(([name, points]) => ({ name, points: BigInt(points.size), hiddenPoints: 0n })) };
        },
        async *streamSeries({ trial, names }) {
          const points = find(trial).series.get(names[0]!);
          if (points) yield { series: { name: names[0]!, steps: [...points.keys()].map(BigInt), values: [...points.values()], timesMs: [] } };
        },
      }),
    ],
    trials,
    get study() {
      return study;
    },
    calls,
    get down() {
      return down;
    },
    set down(next) {
      down = next;
      if (next) reports.cut();
    },
    tell(number, change) {
      const trial = find(number);
      Object.assign(trial, change);
      reports.push(updateOf(trial, trial.record.attempt));
    },
  };
  return toy;
}
