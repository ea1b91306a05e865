import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import { AskRequest, EnqueueRequest, FailRequest, fromServiceError, GetStudyResponse, ListTrialsRequest, MetricServiceClient, OpenStudyRequest, ReportOnceRequest, ReportRequest, StudyServiceClient, TrialServiceClient, WatchRequest } from '@paramo/protocol';
import type { EnqueueResponse, FailResponse, ListSeriesResponse, ListTrialsResponse, ReportOnceResponse, ReportResponse, SeriesColumns, WatchResponse } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { contentLimits } from './limits.js';
import { serveGrpc } from './server/grpc-server.js';
import { answered, failure } from './server/testing/serve-handlers.js';
import { systemClock } from './system-clock.js';
import { startTestDaemon } from './tuner/testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './tuner/testing/test-daemon.js';
import type { HeldTrial, TestStudy } from './tuner/testing/test-study.js';

/** A daemon in this process behind a real socket, with stock clients, and a study with a running trial. */
async function start(options: TestDaemonOptions = {}) {
  const daemon = await startTestDaemon(options);
  const directory = mkdtempSync(join(tmpdir(), 'paramo-limits-'));
  const socket = join(directory, 's');
  const server = await serveGrpc({ bindings: daemon.services.bindings, addresses: { socket, loopback: { port: 0 } }, token: 't', clock: systemClock });
  const open = [`unix:${socket}`, ChannelCredentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }] as const;
  const clients = { studies: new StudyServiceClient(...open), trials: new TrialServiceClient(...open), metrics: new MetricServiceClient(...open) };
  onTestFinished(async () => {
    Object.values(clients).forEach((client) => client.close());
    await server.close(0);
    await daemon.close();
    rmSync(directory, { recursive: true });
  });
  const study = await daemon.open();
  return { daemon, study, held: await study.ask(), ...clients };
}

/** Waits for what batches have part in, which wait for one another: the daemon's clock is a simulated one. */
async function passing<T>(daemon: TestDaemon, work: Promise<T>): Promise<T> {
  let settled = false;
  const done = work.finally(() => (settled = true));
  while (!settled) await daemon.pass(5);
  return done;
}

function batch(study: TestStudy, held: HeldTrial, sequence: number, series: readonly SeriesColumns[]): ReportRequest {
  return ReportRequest.fromPartial({ writerId: held.worker, batches: [{ studyId: study.studyId, trial: BigInt(held.number), attempt: held.attempt, sequence: BigInt(sequence), series: [...series] }] });
}

function columns(name: string, count: number, first = 0): SeriesColumns {
  return { name, steps: Array.from({ length: count }, (_, i) => BigInt(first + i)), values: Array.from({ length: count }, (_, i) => first + i), timesMs: [] };
}

test('texts, labels, params and attributes above their limits are refused by name', async () => {
  const { study, studies, trials } = await start();
  const long = 'x'.repeat(70_000);
  const deep = `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`;
  const openings: [object, string][] = [
    [{ attributesJson: JSON.stringify({ long }) }, 'spec.attributes_json takes 70011 bytes'],
    [{ attributesJson: deep }, 'spec.attributes_json has more than 64 objects and lists within one another'],
    [{ labels: new Map([['a', long]]) }, 'spec.labels take 70001 bytes'],
    [{ plan: { objectives: [], phases: [], strategy: { name: 'drawing', optionsJson: JSON.stringify({ long }) } } as never }, 'spec.plan.strategy.options_json'],
    [{ plan: { objectives: [], phases: [], space: { parameters: Array.from({ length: 5 }, (_, i) => ({ name: `p${i}`, when: [], kind: { $case: 'choice', value: { values: [{ kind: { $case: 'text', value: long } }], defaultValue: undefined } } })) } } as never }, 'spec.plan.space takes'],
  ];
  for (const [spec, message] of openings) {
    expect(await failure(answered((done) => studies.openStudy(OpenStudyRequest.fromPartial({ spec: { name: 'large', ...spec } }), done)))).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining(message) });
  }
  expect(await failure(answered((done) => studies.openStudy(OpenStudyRequest.fromPartial({ spec: { name: 'large' }, requestId: long }), done)))).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('request_id is 70000 bytes') });
  const { studyId } = study;
  const params = { values: new Map([['opt', { kind: { $case: 'text' as const, value: long } }]]) };
  for (const [request, message] of [[{ params }, 'params take'], [{ attributesJson: deep }, 'attributes_json has more']] as const) {
    expect(await failure(answered<EnqueueResponse>((done) => trials.enqueue(EnqueueRequest.fromPartial({ studyId, ...request }), done)))).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining(message) });
  }
  const worker = { id: 'w', process: 'w', host: long, pid: 1, labels: new Map() };
  expect(await failure(answered((done) => trials.ask(AskRequest.fromPartial({ studyId, worker }), done)))).toMatchObject({ message: expect.stringContaining('worker.host is 70000 bytes') });
});

test('a message above a megabyte is refused for good, and one of ten too', async () => {
  const { trials, study } = await start();
  for (const bytes of [1_048_577, 10_000_000]) {
    const error = await failure(answered<EnqueueResponse>((done) => trials.enqueue(EnqueueRequest.fromPartial({ studyId: study.studyId, attributesJson: 'x'.repeat(bytes) }), done)));
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('larger than max') });
  }
});

test('the story of a failure is cut where it is too long, and the trial fails all the same', async () => {
  const { study, held, trials } = await start();
  const request = FailRequest.fromPartial({ attempt: { studyId: study.studyId, trial: BigInt(held.number), attempt: held.attempt }, error: { message: '€'.repeat(300_000), stack: '' } });
  const { trial } = await answered<FailResponse>((done) => trials.fail(request, done));
  expect(trial!.error!.message).toMatch(/^€+…$/);
  expect(Buffer.byteLength(trial!.error!.message)).toBeLessThanOrEqual(contentLimits.reasonBytes);
});

test('bytes that are no message end their call and nothing else', async () => {
  const { studies, study } = await start();
  const raw = (bytes: Buffer): Promise<unknown> => answered((done) => studies.makeUnaryRequest('/paramo.v1.StudyService/GetStudy', (given: Buffer) => given, GetStudyResponse.decode, bytes, done));
  // Groups within groups, half a million deep, and a name that is not UTF-8.
  expect((await failure(raw(Buffer.alloc(500_000, 0x0b)))).code).toBe('INTERNAL');
  expect(await failure(raw(Buffer.from([0x12, 2, 0x61, 0xff])))).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('not valid UTF-8') });
  expect((await study.record()).spec!.name).toBe('study');
});

test('steps and times beyond 2^53 are refused, and the largest step is kept', async () => {
  const { study, held, trials } = await start();
  const report = (series: Partial<SeriesColumns>, sequence: bigint): Promise<ReportOnceResponse> =>
    answered((done) => trials.reportOnce(ReportOnceRequest.fromPartial({ writerId: 'w', batch: { studyId: study.studyId, trial: BigInt(held.number), attempt: held.attempt, sequence, series: [{ name: 'loss', values: [1], ...series }] } }), done));
  for (const series of [{ steps: [2n ** 53n - 1n] }, { steps: [2n ** 64n - 1n] }, { steps: [0n], timesMs: [2n ** 53n] }, { steps: [0n], timesMs: [-(2n ** 62n)] }]) {
    expect(await failure(report(series, 1n))).toMatchObject({ code: 'INVALID_METRIC' });
  }
  expect((await report({ steps: [2n ** 53n - 2n] }, 1n)).update!.ackedSequence).toBe(1n);
});

test('a trial has ten thousand series: points of more are refused, those of the others are stored, and it goes on', async () => {
  const { daemon, study, held, trials } = await start();
  const stream = trials.report();
  const next = async (request: ReportRequest): Promise<ReportResponse> => {
    stream.write(request);
    return ((await passing(daemon, once(stream, 'data'))) as [ReportResponse])[0];
  };
  const named = (from: number, count: number): SeriesColumns[] => Array.from({ length: count }, (_, i) => columns(`m${from + i}`, 1));
  await next(batch(study, held, 1, [columns('loss', 1)]));
  expect((await next(batch(study, held, 2, named(0, 9998)))).updates[0]!.ackedSequence).toBe(2n);
  const { refusals } = await next(batch(study, held, 3, [columns('loss', 1, 7), ...named(9998, 3)]));
  expect(refusals).toMatchObject([{ sequence: 3n, error: { code: 'LIMIT_EXCEEDED', message: expect.stringContaining('"m9999" and 1 others') } }]);
  // The worker gives up the points of that batch, and goes on with its number.
  expect((await next(batch(study, held, 3, []))).updates[0]!.ackedSequence).toBe(3n);
  expect((await next(batch(study, held, 4, [columns('loss', 1, 8)]))).updates[0]!.ackedSequence).toBe(4n);
  stream.end();
  await once(stream.resume(), 'end');
  const { metrics } = await study.trial(held.number);
  expect(Object.keys(metrics)).toHaveLength(10_000);
  expect(metrics).toMatchObject({ loss: 8, m9998: 0 });
  expect(await study.complete(held)).toMatchObject({ trial: { value: 8 } });
});

test('a writer that floods is told to wait, sends the same again then, and everything is there once', async () => {
  const { daemon, study, held, trials, metrics } = await start({ writerLimits: { pointsPerSecond: 1000, burstPoints: 5000 } });
  const send = async (from: number): Promise<{ acked: number; error: ReturnType<typeof fromServiceError> | undefined }> => {
    const stream = trials.report();
    let acked = 0;
    stream.on('data', ({ updates }: ReportResponse) => updates.forEach(({ ackedSequence }) => (acked = Math.max(acked, Number(ackedSequence)))));
    const over = new Promise<unknown>((resolve) => stream.once('error', resolve).once('end', () => resolve(undefined)));
    for (let sequence = from; sequence <= 10; sequence++) stream.write(batch(study, held, sequence, [columns('loss', 1000, (sequence - 1) * 1000)]));
    stream.end();
    const error = await over;
    return { acked, error: error === undefined ? undefined : fromServiceError(error) };
  };
  const first = await passing(daemon, send(1));
  expect(first.error).toMatchObject({ code: 'OVERLOADED' });
  // A second for a batch, less the moments that have passed, and one more where those have let one more in.
  const { retryAfterMs } = first.error!.details as { retryAfterMs: number };
  expect(retryAfterMs).toBeGreaterThan(900);
  expect(retryAfterMs).toBeLessThanOrEqual(2000);
  // Another process is not held up, and the lease of this one is not put in doubt.
  expect((await passing(daemon, study.report({ ...held, worker: 'other', sequence: 0 }, { 20_000: 1 }))).ackedSequence).toBe(1n);
  let { acked, error } = first;
  for (let tries = 0; error && tries < 20; tries++) {
    await daemon.pass(1000);
    ({ acked, error } = await passing(daemon, send(acked + 1)));
  }
  expect(error).toBeUndefined();
  const { series } = await answered<ListSeriesResponse>((done) => metrics.listSeries({ studyId: study.studyId, trial: BigInt(held.number) }, done));
  expect(series).toMatchObject([{ name: 'loss', points: 10_001n }]);
});

test('pages end where they would grow too large, and nothing is left out', async () => {
  const { study, studies, trials } = await start();
  const { studyId } = study;
  const attributesJson = JSON.stringify({ note: 'x'.repeat(60_000) });
  for (let i = 0; i < 40; i++) await answered((done) => trials.enqueue(EnqueueRequest.fromPartial({ studyId, params: { values: new Map([['x', { kind: { $case: 'number', value: 0.5 } }], ['opt', { kind: { $case: 'text', value: 'a' } }]]) }, attributesJson }), done));
  const numbers: number[] = [];
  let pages = 0;
  for (let pageToken = '', more = true; more; pages++) {
    const page: ListTrialsResponse = await answered((done) => trials.listTrials(ListTrialsRequest.fromPartial({ studyId, pageSize: 1000, pageToken }), done));
    numbers.push(...page.trials.map(({ number }) => Number(number)));
    pageToken = page.nextPageToken;
    more = pageToken !== '';
  }
  expect(pages).toBe(3);
  expect(numbers).toEqual(Array.from({ length: 42 }, (_, i) => i));
  const positions: number[] = [];
  for await (const { events } of studies.watch(WatchRequest.fromPartial({ studyId, untilHead: true })) as AsyncIterable<WatchResponse>) positions.push(...events.map(({ position }) => Number(position)));
  expect(positions).toEqual(Array.from({ length: positions.length }, (_, i) => i + 1));
});
