import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import { float, space } from '@paramo/core';
import {
  AskRequest, CompleteRequest, FailRequest, GetStudyRequest, GetTrialRequest, Goal, ListTrialsRequest, OpenStudyRequest, ReplayOutcome, ReplayRequest, ReportOnceRequest, ReportRequest, ServerServiceClient,
  spaceToMessage, StudyServiceClient, TrialServiceClient, TrialState,
} from '@paramo/protocol';
import type { AskResponse, CheckHealthResponse, CompleteResponse, GetStudyResponse, GetTrialResponse, ListTrialsResponse, OpenStudyResponse, ReplayResponse, ReportOnceResponse, ShutdownResponse } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon } from './daemon.js';
import type { Daemon } from './daemon.js';
import { fixtureStopper, fixtureStrategy, installFixtures } from './host/testing/fixture-plugins.js';

function createHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'paramo-daemon-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

async function start(home: string, options: { readonly idleMs?: number } = {}): Promise<Daemon> {
  const fixtures = installFixtures({ '@paramo/strategy-fixture': fixtureStrategy({}), '@paramo/stopper-fixture': fixtureStopper });
  const daemon = await startDaemon({ home, version: '0.0.0', plugins: fixtures.sources, pluginLimits: { dropChance: 0.2 }, ...options });
  onTestFinished(async () => {
    await daemon.close(0);
    fixtures.remove();
  });
  return daemon;
}

function connect({ socket }: Daemon): { readonly studies: StudyServiceClient; readonly trials: TrialServiceClient; readonly server: ServerServiceClient } {
  const open = [`unix:${socket}`, ChannelCredentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }] as const;
  const clients = { studies: new StudyServiceClient(...open), trials: new TrialServiceClient(...open), server: new ServerServiceClient(...open) };
  onTestFinished(() => Object.values(clients).forEach((client) => client.close()));
  return clients;
}

function answered<T>(call: (callback: (error: unknown, response: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, response) => (error ? reject(error as Error) : resolve(response))));
}

async function openStudy({ studies }: ReturnType<typeof connect>, trials: number): Promise<string> {
  const plan = {
    space: spaceToMessage(space({ x: float(0, 1) }).spec), objectives: [{ metric: 'loss', goal: Goal.GOAL_MIN }], strategy: { name: 'fixture', optionsJson: '' }, stopper: { name: 'fixture', optionsJson: '' },
  };
  const response = await answered<OpenStudyResponse>((done) => studies.openStudy(OpenStudyRequest.fromPartial({ spec: { name: 'study', plan, budget: { trials: BigInt(trials) } } }), done));
  return response.study!.studyId;
}

function askOf(studyId: string, worker: string, request: number, pid = process.pid): AskRequest {
  return AskRequest.fromPartial({ studyId, revision: 1, worker: { id: worker, process: worker, host: hostname(), pid }, requestId: `${worker}-${request}`, waitMs: 5000 });
}

async function work(clients: ReturnType<typeof connect>, studyId: string, worker: string): Promise<number> {
  let request = 0;
  let count = 0;
  let next = await answered<AskResponse>((done) => clients.trials.ask(askOf(studyId, worker, ++request), done));
  while (next.assignment) {
    const { trial, attempt } = next.assignment;
    const key = { studyId, trial: trial!.number, attempt };
    const loss = trial!.number % 5n === 0n ? 50 : Number(trial!.number) / 10;
    const batch = { ...key, sequence: 1n, series: [{ name: 'loss', steps: [0n], values: [loss], timesMs: [] }] };
    await answered<ReportOnceResponse>((done) => clients.trials.reportOnce(ReportOnceRequest.fromPartial({ writerId: worker, batch, waitMs: 5000 }), done));
    const request_ = CompleteRequest.fromPartial({ attempt: key, writerId: worker, requestId: `end-${worker}-${request}`, askNext: askOf(studyId, worker, ++request) });
    ({ next } = (await answered<CompleteResponse>((done) => clients.trials.complete(request_, done))) as { next: AskResponse });
    count++;
  }
  return count;
}

function replay(clients: ReturnType<typeof connect>, studyId: string): Promise<ReplayResponse | undefined> {
  return new Promise((resolve, reject) => {
    let last: ReplayResponse | undefined;
    const stream = clients.server.replay(ReplayRequest.fromPartial({ studyId }));
    stream.on('data', (message: ReplayResponse) => (last = message)).on('end', () => resolve(last)).on('error', reject);
  });
}

test('three workers share a study over gRPC and LMDB; a second daemon on the home finds all of it and reproduces it', async () => {
  const home = createHome();
  const daemon = await start(home);
  const clients = connect(daemon);
  const studyId = await openStudy(clients, 30);
  const counts = await Promise.all(['a', 'b', 'c'].map((worker) => work(clients, studyId, worker)));
  expect(counts.reduce((sum, count) => sum + count)).toBe(30);
  expect(await replay(clients, studyId)).toMatchObject({ outcome: ReplayOutcome.REPLAY_OUTCOME_REPRODUCED });
  const { study } = await answered<GetStudyResponse>((done) => clients.studies.getStudy(GetStudyRequest.fromPartial({ key: { $case: 'studyId', value: studyId } }), done));
  await daemon.close();

  const again = connect(await start(home));
  const { study: there } = await answered<GetStudyResponse>((done) => again.studies.getStudy(GetStudyRequest.fromPartial({ key: { $case: 'name', value: 'study' } }), done));
  expect(there).toEqual(study);
  const { trials } = await answered<ListTrialsResponse>((done) => again.trials.listTrials(ListTrialsRequest.fromPartial({ studyId, pageSize: 1000 }), done));
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, i) => BigInt(i)));
  expect(trials.filter(({ state }) => state === TrialState.TRIAL_STATE_STOPPED).map(({ number }) => Number(number) % 5)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(await replay(again, studyId)).toMatchObject({ outcome: ReplayOutcome.REPLAY_OUTCOME_REPRODUCED });
});

test('a trial goes on over the restart of its daemon', async () => {
  const home = createHome();
  const first = await start(home);
  const clients = connect(first);
  const studyId = await openStudy(clients, 1);
  const { assignment } = await answered<AskResponse>((done) => clients.trials.ask(askOf(studyId, 'a', 1), done));
  const key = { studyId, trial: 0n, attempt: 1 };
  const report = (to: ReturnType<typeof connect>, sequence: bigint): Promise<ReportOnceResponse> => answered((done) => to.trials.reportOnce(ReportOnceRequest.fromPartial({ writerId: 'a', batch: { ...key, sequence, series: [{ name: 'loss', steps: [sequence], values: [1], timesMs: [] }] } }), done));
  await report(clients, 1n);
  await first.close();

  const again = connect(await start(home));
  const repeated = await answered<AskResponse>((done) => again.trials.ask(askOf(studyId, 'a', 1), done));
  expect(repeated.assignment).toMatchObject({ attempt: 1, trial: { number: assignment!.trial!.number } });
  expect((await report(again, 1n)).update!.ackedSequence).toBe(1n);
  expect((await report(again, 2n)).update!.ackedSequence).toBe(2n);
  const { trial } = await answered<CompleteResponse>((done) => again.trials.complete(CompleteRequest.fromPartial({ attempt: key, writerId: 'a' }), done));
  expect(trial).toMatchObject({ state: TrialState.TRIAL_STATE_COMPLETED, attempt: 1, value: 1 });
});

test('a worker process that is killed loses its trial long before the lease', async () => {
  const clients = connect(await start(createHome()));
  const studyId = await openStudy(clients, 1);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  await answered<AskResponse>((done) => clients.trials.ask(askOf(studyId, 'doomed', 1, child.pid!), done));
  const stream = clients.trials.report(new Metadata());
  stream.on('error', () => undefined).on('data', () => undefined);
  stream.write(ReportRequest.fromPartial({ writerId: 'doomed', heartbeats: [{ studyId, trial: 0n, attempt: 1 }] }));
  await once(stream, 'data');
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  stream.cancel();
  const { assignment } = await answered<AskResponse>((done) => clients.trials.ask(askOf(studyId, 'next', 1), done));
  expect(assignment).toMatchObject({ attempt: 2 });
  const { trial } = await answered<GetTrialResponse>((done) => clients.trials.getTrial(GetTrialRequest.fromPartial({ studyId, number: 0n }), done));
  expect(trial).toMatchObject({ lost: 1, state: TrialState.TRIAL_STATE_RUNNING });
});

test('a daemon ends when a client asks it to, and by itself when nobody needs it', async () => {
  const daemon = await start(createHome());
  await answered<ShutdownResponse>((done) => connect(daemon).server.shutdown({}, done));
  expect(await daemon.ended).toBeUndefined();
  const idle = await start(createHome(), { idleMs: 50 });
  expect(await idle.ended).toBeUndefined();
});

test('every folder that a new home consists of is durable before the daemon answers', async () => {
  if (spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0) return void process.stderr.write('strace cannot trace here, so the syncs of folders were not looked at\n');
  const root = createHome();
  const home = join(root, 'new', 'home');
  const trace = join(root, 'trace');
  const script = `
    import { startDaemon } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const daemon = await startDaemon({ home: ${JSON.stringify(home)}, version: '0.0.0', plugins: [] });
    console.log('answers');
    await daemon.close(0);`;
  const { status } = spawnSync('strace', ['-f', '-qq', '-y', '-o', trace, '-e', 'trace=mkdir,fsync,write', process.execPath, '--input-type=module', '-e', script], { stdio: 'ignore' });
  expect(status).toBe(0);
  const lines = readFileSync(trace, 'utf8').split('\n');
  const started = lines.slice(0, lines.findIndex((line) => line.includes('answers')));
  for (const made of [join(root, 'new'), home, join(home, 'store'), join(home, 'store', 'blobs')]) {
    const at = started.findIndex((line) => line.includes(`mkdir("${made}"`) && line.endsWith('= 0'));
    expect(at, made).toBeGreaterThan(-1);
    expect(started.slice(at).some((line) => line.includes('fsync(') && line.includes(`<${dirname(made)}>`)), made).toBe(true);
  }
});

test('the check of health names a host that a study holds back, with the reason and what to do', async () => {
  const clients = connect(await start(createHome()));
  const studyId = await openStudy(clients, 50);
  const ask = async (host: string, request: number): Promise<AskResponse> => {
    const asked = askOf(studyId, host, request);
    return answered((done) => clients.trials.ask({ ...asked, worker: { ...asked.worker!, host } }, done));
  };
  await ask('good', 1);
  for (let i = 1; i <= 3; i++) {
    const { trial, attempt } = (await ask('bad', i)).assignment!;
    await answered((done) => clients.trials.fail(FailRequest.fromPartial({ attempt: { studyId, trial: trial!.number, attempt }, error: { message: 'no GPU' } }), done));
  }
  const { findings } = await answered<CheckHealthResponse>((done) => clients.server.checkHealth({}, done));
  expect(findings.find(({ subject }) => subject === 'study study')).toMatchObject({
    ok: false, detail: expect.stringMatching(/^host bad gets no trial for \d+ s: its last 3 trials failed or were lost/), hint: expect.stringContaining('`paramo resume study`'),
  });
});
