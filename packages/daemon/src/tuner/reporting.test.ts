import { ParamoError } from '@paramo/core';
import { createSimulatedClock } from '@paramo/core/testing';
import { Batch, CompleteRequest, ControlAction, MetricServiceService, ReportRequest, TrialServiceService, Verdict } from '@paramo/protocol';
import type { ReportResponse } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { createMemoryStore } from '../store/memory-store.js';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';
import type { HeldTrial, TestStudy } from './testing/test-study.js';

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

function batch(study: TestStudy, held: HeldTrial, sequence: number, points: Readonly<Record<number, number>>): Batch {
  const series = [{ name: 'loss', steps: Object.keys(points).map(BigInt), values: Object.values(points), timesMs: [] }];
  return Batch.fromPartial({ studyId: study.studyId, trial: BigInt(held.number), attempt: held.attempt, sequence: BigInt(sequence), series });
}

async function points(daemon: TestDaemon, study: TestStudy, trial: number): Promise<number[][]> {
  const found: number[][] = [];
  const request = { studyId: study.studyId, trial: BigInt(trial), names: ['loss'], fromStep: 0n, toStep: undefined, maxPoints: 0, attempt: 0 };
  for await (const { series } of daemon.transport.serverStream(MetricServiceService.streamSeries, request)) series!.steps.forEach((step, i) => found.push([Number(step), series!.values[i]!]));
  return found;
}

/** A stream whose messages are sent by hand. */
function openStream(daemon: TestDaemon): { send(message: Partial<ReportRequest>): void; end(): void; readonly responses: ReportResponse[]; readonly over: Promise<ParamoError | undefined> } {
  const queue: (ReportRequest | undefined)[] = [];
  let wake = (): void => undefined;
  const push = (message: ReportRequest | undefined): void => {
    queue.push(message);
    wake();
  };
  async function* requests(): AsyncGenerator<ReportRequest> {
    for (;;) {
      while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const next = queue.shift();
      if (!next) return;
      yield next;
    }
  }
  const responses: ReportResponse[] = [];
  const over = (async () => {
    try {
      for await (const response of daemon.transport.duplex(TrialServiceService.report, requests())) responses.push(response);
      return undefined;
    } catch (error) {
      return ParamoError.from(error);
    }
  })();
  return { send: (message) => push(ReportRequest.fromPartial(message)), end: () => push(undefined), responses, over };
}

test('a batch sent twice changes nothing and is acked twice', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 }, { sequence: 1 });
  const again = await study.report(held, { 0: 999 }, { sequence: 1 });
  expect(again.ackedSequence).toBe(1n);
  expect(await points(daemon, study, held.number)).toEqual([[0, 1]]);
  expect((await study.trial(held.number)).metrics).toEqual({ loss: 1 });
});

test('a batch before which one is missing is refused, and the missing one still fits', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 }, { sequence: 1 });
  await expect(study.report(held, { 2: 3 }, { sequence: 3 })).rejects.toMatchObject({ code: 'ABORTED', message: expect.stringContaining('before batch 2') });
  await study.report(held, { 1: 2 }, { sequence: 2 });
  expect((await study.report(held, { 2: 3 }, { sequence: 3 })).ackedSequence).toBe(3n);
  expect(await points(daemon, study, held.number)).toEqual([[0, 1], [1, 2], [2, 3]]);
});

test('the sequence goes on over the death of the daemon', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 });
  await study.report(held, { 1: 2 });
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const there = study.at(next);
  expect((await there.heartbeat(held)).ackedSequence).toBe(2n);
  await there.report(held, { 1: 999 }, { sequence: 2 });
  await there.report(held, { 2: 3 }, { sequence: 3 });
  expect(await points(next, there, held.number)).toEqual([[0, 1], [1, 2], [2, 3]]);
});

test('an ack leaves only after the commit of its batch', async () => {
  const clock = createSimulatedClock();
  const daemon = await start({ clock, store: createMemoryStore({ clock, delayMs: 100 }) });
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let done = false;
    void work.finally(() => (done = true)).catch(() => undefined);
    while (!done) await daemon.pass(50);
    return work;
  };
  const study = await run(daemon.open());
  const held = await run(study.ask());
  const stream = openStream(daemon);
  stream.send({ writerId: 'w', batches: [batch(study, held, 1, { 0: 1 })] });
  await daemon.pass(99);
  expect(stream.responses).toEqual([]);
  await daemon.pass(1);
  await daemon.pass(100);
  expect(stream.responses.flatMap(({ updates }) => updates.map(({ ackedSequence }) => ackedSequence))).toContain(1n);
  stream.end();
  expect(await run(stream.over)).toBeUndefined();
});

test('what a crash took was never acked, and what was acked is there', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 });
  const lost = study.report(held, { 1: 2 }).then(() => 'acked', () => 'not acked');
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const there = study.at(next);
  const stored = await points(next, there, held.number);
  expect(stored[0]).toEqual([0, 1]);
  expect(await lost).toBe('not acked');
  expect((await there.heartbeat(held)).ackedSequence).toBe(BigInt(stored.length));
});

test('many batches in one stream are acked in order, and their points count once', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  const stream = openStream(daemon);
  for (let i = 1; i <= 200; i++) stream.send({ writerId: i === 1 ? 'w' : '', batches: [batch(study, held, i, { [i - 1]: i })] });
  stream.end();
  // Batches of a stream may wait for one another.
  while ((await study.trial(held.number)).done < 200) await daemon.pass(5);
  await daemon.pass(5);
  expect(await stream.over).toBeUndefined();
  const acked = stream.responses.flatMap(({ updates }) => updates.map(({ ackedSequence }) => Number(ackedSequence)));
  expect(Math.max(...acked)).toBe(200);
  expect(await points(daemon, study, held.number)).toHaveLength(200);
  expect((await study.trial(held.number)).done).toBe(200);
});

test('a batch that can never be stored is refused, and the stream goes on', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  const bad = Batch.fromPartial({ ...batch(study, held, 1, { 0: 1 }), series: [{ name: 'loss', steps: [0n, 1n], values: [1], timesMs: [] }] });
  const stream = openStream(daemon);
  stream.send({ writerId: 'w', batches: [bad] });
  stream.send({ batches: [{ ...batch(study, held, 1, {}), trial: 77n }] });
  stream.send({ batches: [{ ...batch(study, held, 1, {}), series: [] }] });
  stream.send({ batches: [batch(study, held, 2, { 0: 1 })] });
  stream.end();
  expect(await stream.over).toBeUndefined();
  expect(stream.responses.flatMap(({ refusals }) => refusals.map(({ error }) => error!.code))).toEqual(['INVALID_METRIC', 'TRIAL_NOT_FOUND']);
  expect(await points(daemon, study, held.number)).toEqual([[0, 1]]);
});

test('a stream that fails ends although its writer goes on', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  const stream = openStream(daemon);
  stream.send({ writerId: 'w', batches: [batch(study, held, 5, { 0: 1 })] });
  expect(await stream.over).toMatchObject({ code: 'ABORTED', message: expect.stringContaining('before batch 1') });
});

test('the first heartbeat after a reconnect tells what is on disk', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 });
  const stream = openStream(daemon);
  stream.send({ writerId: 'w', heartbeats: [{ studyId: study.studyId, trial: BigInt(held.number), attempt: 1 }] });
  stream.end();
  await stream.over;
  expect(stream.responses[0]!.updates[0]).toMatchObject({ ackedSequence: 1n, verdict: Verdict.VERDICT_CONTINUE, decidedDone: 1n });
});

test('steps done count although no point shows them', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 }, { done: 40 });
  await study.complete(held);
  expect((await study.trial(held.number)).done).toBe(40);
  expect((await study.record()).spent!.steps).toBe(40n);
});

test('a metric of the machine is a series of its trial and nothing else', async () => {
  const daemon = await start();
  const study = await daemon.open({ stopper: { name: 'cutting', options: {} } });
  const held = await study.ask();
  await study.report(held, { 0: 5 });
  const before = (await study.log()).length;
  const update = await study.report(held, { 60: 1e9, 75: 2e9 }, { metric: 'system/memory' });
  await daemon.settle();
  expect(update.decidedDone).toBe(1n);
  expect(await study.trial(held.number)).toMatchObject({ done: 1, metrics: { loss: 5 } });
  expect(await study.log()).toHaveLength(before);
  await study.complete(held);
  expect(await study.trial(held.number)).toMatchObject({ state: 'completed', done: 1, metrics: { loss: 5 } });
  const { series } = await daemon.transport.unary(MetricServiceService.listSeries, { studyId: study.studyId, trial: BigInt(held.number) });
  expect(series.map(({ name, points: count, lastValue }) => [name, count, lastValue])).toEqual([['loss', 1n, 5], ['system/memory', 2n, 2e9]]);
  await expect(daemon.open({ name: 'of memory', objectives: [{ metric: 'system/memory', goal: 'min', at: 'last' }] })).rejects.toThrow('INVALID_ARGUMENT: the objective system/memory tells of the machine');
});

test('a reader never sees points that a crash could take', async () => {
  const clock = createSimulatedClock();
  const daemon = await start({ clock, store: createMemoryStore({ clock, delayMs: 100 }) });
  const opening = daemon.open();
  for (let i = 0; i < 20; i++) await daemon.pass(50);
  const study = await opening;
  const asking = study.ask();
  for (let i = 0; i < 20; i++) await daemon.pass(50);
  const held = await asking;
  const reporting = study.report(held, { 0: 1 });
  await daemon.settle();
  let read = false;
  const reading = study.trial(held.number).finally(() => (read = true));
  await daemon.pass(99);
  expect(read).toBe(false);
  await daemon.pass(101);
  expect((await reading).metrics).toEqual({ loss: 1 });
  await reporting;
});

test('any number of points of a metric nobody decides on leaves the study log as it was', async () => {
  const daemon = await start();
  const study = await daemon.open({ stopper: { name: 'cutting', options: {} } });
  const held = await study.ask();
  await daemon.settle();
  const before = (await study.log()).length;
  for (let block = 0; block < 2; block++) {
    const at = block * 100_000;
    await study.report(held, Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [at + i, i])), { metric: 'speed' });
  }
  await daemon.settle();
  expect((await study.log()).length).toBe(before);
});

test('while the disk is nearly full points are refused for now, leases live on, and a trial ends with its last points', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('w');
  await study.report(held, { 0: 1 });
  daemon.store.setScarce(true);
  // Longer than the lease, in which nothing but refused points is heard.
  for (let seconds = 0; seconds < 60; seconds += 10) {
    await daemon.pass(10_000);
    await expect(study.report(held, { 1: 0.5 }, { sequence: 2 })).rejects.toMatchObject({ code: 'STORE_FULL' });
  }
  expect(await points(daemon, study, 0)).toEqual([[0, 1]]);
  await study.heartbeat(held);
  await daemon.transport.unary(TrialServiceService.complete, CompleteRequest.fromPartial({
    attempt: { studyId: study.studyId, trial: 0n, attempt: 1 }, writerId: held.worker, batches: [batch(study, held, 2, { 1: 0.5 })], requestId: 'end',
  }));
  expect(await points(daemon, study, 0)).toEqual([[0, 1], [1, 0.5]]);
  expect(daemon.services.tuner.studies.trial(study.studyId, 0)).toMatchObject({ state: 'completed', value: 0.5, attempt: 1 });
});

test('points that come along with an end that changes nothing are kept, since its answer acks them', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const [cancelled, given] = [await study.ask('a'), await study.ask('b')];
  await study.control(cancelled.number, ControlAction.CONTROL_ACTION_CANCEL);
  await study.complete(cancelled, {}, { batches: [batch(study, cancelled, 1, { 0: 4 })] });
  expect(await points(daemon, study, cancelled.number)).toEqual([[0, 4]]);
  await study.release(given);
  await study.release(given, { batches: [batch(study, given, 1, { 0: 4 })] });
  expect(await points(daemon, study, given.number)).toEqual([[0, 4]]);
});
