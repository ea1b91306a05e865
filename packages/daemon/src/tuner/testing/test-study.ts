import { createHash } from 'node:crypto';
import type { Clock, LogEvent, Params, TrialRecord, TrialSource, Values } from '@paramo/core';
import {
  AskRequest, CheckpointServiceService, comparePaths, CompleteRequest, ControlRequest, EnqueueRequest, FailRequest, logEventFromMessage, paramsToMessage, ReleaseRequest, ReportOnceRequest, StudyServiceService, trialRecordFromMessage, TrialServiceService, trialSourceToMessage,
  UpdateStudyRequest, valuesToMessage, Verdict,
} from '@paramo/protocol';
import type { AskResponse, Assignment, AttemptUpdate, Budget, CheckpointHeader, CheckpointManifest, CompleteResponse, ControlAction, PutCheckpointRequest, StoredCheckpoint, Study, StudyState, Transport } from '@paramo/protocol';

/** The daemon that a study is reached at. */
export interface StudyDaemon {
  readonly clock: Clock;
  readonly transport: Transport;
  record(studyId: string): Promise<Study>;
}

/** A leased trial as the worker of a test holds it. */
export interface HeldTrial {
  readonly number: number;
  readonly attempt: number;
  readonly worker: string;
  readonly trial: TrialRecord;
  readonly assignment: Assignment;
  /** The sequence of the last batch sent. */
  sequence: number;
}

/** The files of a checkpoint, by path. */
export type Files = Readonly<Record<string, Buffer>>;

/** A checkpoint that was stored, and how many chunks had to be sent. */
export interface SavedCheckpoint extends StoredCheckpoint {
  readonly sent: number;
}

/** A study as the workers of a test see it: every call goes over the (local) wire. */
export interface TestStudy {
  readonly studyId: string;
  readonly opened: Study;
  readonly created: boolean;
  /** The same study at another daemon. */
  at(daemon: StudyDaemon): TestStudy;
  /** The raw answer to an Ask. */
  tryAsk(worker?: string, request?: Partial<AskRequest>): Promise<AskResponse>;
  /** The next trial; throws when there is none. */
  ask(worker?: string, request?: Partial<AskRequest>): Promise<HeldTrial>;
  held(response: AskResponse, worker: string): HeldTrial;
  /** Reports `loss` at these steps, numbered on from the last batch. */
  report(held: HeldTrial, points: Readonly<Record<number, number>>, extra?: { readonly metric?: string; readonly waitMs?: number; readonly sequence?: number; readonly done?: number }): Promise<AttemptUpdate>;
  heartbeat(held: HeldTrial): Promise<AttemptUpdate>;
  /** Saves files as the checkpoint of step `done`. */
  checkpoint(held: HeldTrial, done: number, files: Files, changes?: Partial<CheckpointHeader>): Promise<SavedCheckpoint>;
  /** The files of a checkpoint. */
  restore(source: TrialSource): Promise<Files>;
  /** The checkpoints that are kept, by their steps done. */
  kept(trial: number): Promise<number[]>;
  /** Completes with values, or with what was reported. */
  complete(held: HeldTrial, values?: Values, request?: Partial<CompleteRequest>): Promise<CompleteResponse>;
  fail(held: HeldTrial, message?: string, request?: Partial<FailRequest>): Promise<TrialRecord>;
  release(held: HeldTrial, request?: Partial<ReleaseRequest>): Promise<TrialRecord>;
  control(trial: number, action: ControlAction): Promise<TrialRecord>;
  enqueue(params: Params, request?: Partial<EnqueueRequest>): Promise<{ readonly trial: TrialRecord; readonly held: HeldTrial | undefined }>;
  update(changes: { readonly budget?: Budget; readonly state?: StudyState; readonly reason?: string }): Promise<Study>;
  record(): Promise<Study>;
  trial(number: number): Promise<TrialRecord>;
  trials(filter?: string): Promise<TrialRecord[]>;
  /** The whole log as it is on disk. */
  log(): Promise<LogEvent[]>;
  /** Works until the study is over or `limit` trials are: asks, reports twice, completes. */
  work(options?: { readonly worker?: string; readonly limit?: number; readonly loss?: (trial: TrialRecord) => number }): Promise<number>;
}

/** Small, so that small files have several. */
const chunkBytes = 65_536;

/** Every request of every test has an id of its own. */
let requests = 0;

/** A study by its record. */
export function createTestStudy(daemon: StudyDaemon, opened: Study, created: boolean): TestStudy {
  const { studyId } = opened;
  const { transport } = daemon;
  const key = ({ number, attempt }: HeldTrial): { studyId: string; trial: bigint; attempt: number } => ({ studyId, trial: BigInt(number), attempt });
  const workerOf = (id: string): { id: string; process: string; host: string; pid: number; labels: Map<string, string> } => ({ id, process: id, host: 'here', pid: 1, labels: new Map() });

  const study: TestStudy = {
    studyId, opened, created,
    at: (other) => createTestStudy(other, opened, created),
    tryAsk: (worker = 'w', request = {}) =>
      transport.unary(TrialServiceService.ask, AskRequest.fromPartial({ studyId, revision: 1, worker: workerOf(worker), requestId: `${worker}-${daemon.clock.monotonicMs()}-${++requests}`, waitMs: 1000, ...request })),
    held(response, worker) {
      const { assignment } = response;
      if (!assignment) throw new Error(`no trial: ${response.none} ${response.detail}`);
      const trial = trialRecordFromMessage(assignment.trial!);
      return { number: trial.number, attempt: assignment.attempt, worker, trial, assignment, sequence: 0 };
    },
    ask: async (worker = 'w', request = {}) => study.held(await study.tryAsk(worker, request), worker),
    async report(held, points, { metric = 'loss', waitMs = 0, sequence = ++held.sequence, done } = {}) {
      const series = [{ name: metric, steps: Object.keys(points).map(BigInt), values: Object.values(points), timesMs: [] }];
      const request = ReportOnceRequest.fromPartial({ writerId: held.worker, waitMs, batch: { ...key(held), sequence: BigInt(sequence), series, ...(done === undefined ? {} : { done: BigInt(done) }) } });
      return (await transport.unary(TrialServiceService.reportOnce, request)).update!;
    },
    async heartbeat(held) {
      const request = ReportOnceRequest.fromPartial({ writerId: held.worker, batch: { ...key(held), sequence: 0n, series: [] } });
      return (await transport.unary(TrialServiceService.reportOnce, request)).update!;
    },
    async checkpoint(held, done, files, changes = {}) {
      const chunks = new Map<string, Buffer>();
      const paths = Object.keys(files).sort(comparePaths);
      const manifest = {
        chunkBytes,
        files: paths.map((path) => {
          const content = files[path]!;
          const pieces = Array.from({ length: Math.ceil(content.length / chunkBytes) }, (_, i) => content.subarray(i * chunkBytes, (i + 1) * chunkBytes));
          const hashes = pieces.map((piece) => createHash('sha256').update(piece).digest());
          hashes.forEach((hash, i) => chunks.set(hash.toString('hex'), pieces[i]!));
          return { path, size: BigInt(content.length), chunks: hashes };
        }),
      };
      let ask: (missing: readonly Buffer[]) => void = () => undefined;
      const asked = new Promise<readonly Buffer[]>((resolve) => (ask = resolve));
      let sent = 0;
      async function* requests(): AsyncGenerator<PutCheckpointRequest, void, undefined> {
        yield { part: { $case: 'header', value: { attempt: key(held), done: BigInt(done), manifest, ...changes } } };
        for (const hash of await asked) {
          sent++;
          const chunk = chunks.get(Buffer.from(hash).toString('hex'))!;
          for (let at = 0; at < chunk.length; at += 262_144) yield { part: { $case: 'content', value: chunk.subarray(at, at + 262_144) } };
        }
      }
      let stored: StoredCheckpoint | undefined;
      for await (const { part } of transport.duplex(CheckpointServiceService.putCheckpoint, requests())) {
        if (part?.$case === 'missing') ask(part.value.chunks);
        else stored = part!.value;
      }
      return { ...stored!, sent };
    },
    async restore(source) {
      const content: Buffer[] = [];
      let manifest: CheckpointManifest | undefined;
      for await (const { part } of transport.serverStream(CheckpointServiceService.getCheckpoint, { studyId, source: trialSourceToMessage(source), content: true })) {
        if (part?.$case === 'listing') ({ manifest } = part.value);
        else content.push(part!.value);
      }
      const all = Buffer.concat(content);
      let at = 0;
      return Object.fromEntries(manifest!.files.map(({ path, size }) => [path, all.subarray(at, (at += Number(size)))]));
    },
    async kept(trial) {
      const { checkpoints } = await transport.unary(CheckpointServiceService.listCheckpoints, { studyId, trial: BigInt(trial), pageSize: 0, pageToken: '' });
      return checkpoints.map(({ source }) => Number(source!.done));
    },
    complete: (held, values = {}, request = {}) =>
      transport.unary(TrialServiceService.complete, CompleteRequest.fromPartial({ attempt: key(held), writerId: held.worker, values: valuesToMessage(values), requestId: `c${held.number}.${held.attempt}`, ...request })),
    async fail(held, message = 'broke', request = {}) {
      const { trial } = await transport.unary(TrialServiceService.fail, FailRequest.fromPartial({ attempt: key(held), writerId: held.worker, error: { message, stack: '' }, requestId: `f${held.number}.${held.attempt}`, ...request }));
      return trialRecordFromMessage(trial!);
    },
    async release(held, request = {}) {
      const { trial } = await transport.unary(TrialServiceService.release, ReleaseRequest.fromPartial({ attempt: key(held), writerId: held.worker, reason: 'given back', ...request }));
      return trialRecordFromMessage(trial!);
    },
    async control(trial, action) {
      const response = await transport.unary(TrialServiceService.control, ControlRequest.fromPartial({ studyId, trial: BigInt(trial), action, reason: 'a person' }));
      return trialRecordFromMessage(response.trial!);
    },
    async enqueue(params, request = {}) {
      const { startFor, ...rest } = request;
      const response = await transport.unary(TrialServiceService.enqueue, EnqueueRequest.fromPartial({ studyId, params: paramsToMessage(params), ...rest, ...(startFor && { startFor }) }));
      const trial = trialRecordFromMessage(response.trial!);
      const { assignment } = response;
      return { trial, held: assignment && { number: trial.number, attempt: assignment.attempt, worker: startFor!.process ?? '', trial, assignment, sequence: 0 } };
    },
    async update({ budget, state, reason = '' }) {
      const response = await transport.unary(StudyServiceService.updateStudy, UpdateStudyRequest.fromPartial({ studyId, ...(budget && { budget }), ...(state === undefined ? {} : { state }), reason }));
      return response.study!;
    },
    record: () => daemon.record(studyId),
    async trial(number) {
      return trialRecordFromMessage((await transport.unary(TrialServiceService.getTrial, { studyId, number: BigInt(number) })).trial!);
    },
    async trials(filter = '') {
      const { trials } = await transport.unary(TrialServiceService.listTrials, { studyId, filter, order: '', pageSize: 1000, pageToken: '' });
      return trials.map((trial) => trialRecordFromMessage(trial));
    },
    async log() {
      const events: LogEvent[] = [];
      for await (const { events: block } of transport.serverStream(StudyServiceService.watch, { studyId, after: 0n, untilHead: true })) events.push(...block.map(logEventFromMessage));
      return events;
    },
    async work({ worker = 'w', limit = Infinity, loss = (trial: TrialRecord): number => trial.params['x'] as number } = {}) {
      let count = 0;
      while (count < limit) {
        const response = await study.tryAsk(worker);
        if (!response.assignment) return count;
        const held = study.held(response, worker);
        const value = loss(held.trial);
        const update = await study.report(held, { 0: value + 1, 1: value }, { waitMs: 1000 });
        if (update.verdict === Verdict.VERDICT_PAUSE) await study.release(held);
        else await study.complete(held);
        count++;
      }
      return count;
    },
  };
  return study;
}
