import type { Clock } from '@paramo/core';
import { ControlAction, MetricServiceService, Verdict } from '@paramo/protocol';
import type { ReportRequest } from '@paramo/protocol';
import { ReportRequest as ReportMessage, TrialServiceService } from '@paramo/protocol';
import { createSimulatedClock } from '@paramo/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';
import type { HeldTrial, TestStudy } from './testing/test-study.js';

const leaseMs = 30_000;

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

async function effective(daemon: TestDaemon, study: TestStudy, trial: number, attempt = 0): Promise<[number, number][]> {
  const points: [number, number][] = [];
  const request = { studyId: study.studyId, trial: BigInt(trial), names: ['loss'], fromStep: 0n, toStep: undefined, maxPoints: 0, attempt };
  for await (const { series } of daemon.transport.serverStream(MetricServiceService.streamSeries, request)) series!.steps.forEach((step, i) => points.push([Number(step), series!.values[i]!]));
  return points;
}

test('a silent worker loses its trial after the lease, and another takes it up under a higher attempt', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  await daemon.pass(leaseMs - 1);
  expect((await study.trial(0)).state).toBe('running');
  await daemon.pass(1);
  expect(await study.trial(0)).toMatchObject({ state: 'waiting', lost: 1, reason: 'its worker was silent for 30 s' });
  expect(await study.ask('b')).toMatchObject({ number: held.number, attempt: 2 });
});

test('heartbeats and reports renew the lease', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  for (let i = 0; i < 5; i++) {
    await daemon.pass(20_000);
    await (i % 2 ? study.heartbeat(held) : study.report(held, { [i]: 1 }));
  }
  expect((await study.trial(0)).state).toBe('running');
});

test('a trial whose retries are used up fails and says why', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(await study.ask(`w${attempt}`)).toMatchObject({ number: 0, attempt });
    await daemon.pass(leaseMs);
  }
  expect(await study.trial(0)).toMatchObject({ state: 'failed', reason: 'lost 3 times: its worker was silent for 30 s', attempt: 3 });
});

test('a worker that comes back before its trial was taken keeps it and loses nothing', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  await study.report(held, { 0: 5 });
  await daemon.pass(leaseMs);
  expect((await study.trial(0)).lost).toBe(1);
  expect((await study.report(held, { 1: 4 })).verdict).toBe(Verdict.VERDICT_CONTINUE);
  expect(await study.trial(0)).toMatchObject({ state: 'running', lost: 0, attempt: 1, done: 2 });
  const { trial } = await study.complete(held);
  expect(trial).toMatchObject({ attempt: 1, value: 4 });
  expect(await effective(daemon, study, 0)).toEqual([[0, 5], [1, 4]]);
  expect((await study.record()).spent!.trials).toBe(1n);
});

test('a lost worker may complete its trial as long as nobody has taken it', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  await study.report(held, { 0: 5 });
  await daemon.pass(leaseMs);
  await study.complete(held);
  expect(await study.trial(0)).toMatchObject({ state: 'completed', value: 5, lost: 0 });
});

test('after a re-issue the earlier attempt is fenced: its points are kept apart and its end is refused', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const old = await study.ask('a');
  await study.report(old, { 0: 5, 1: 4 });
  await daemon.pass(leaseMs);
  const held = await study.ask('b');
  expect((await study.report(old, { 2: 0.1 })).verdict).toBe(Verdict.VERDICT_FENCED);
  await study.report(held, { 0: 7 });
  await expect(study.complete(old, { loss: 0 }, { batches: [batch(study, old, 3, 3, 0.2)] })).rejects.toMatchObject({ code: 'FENCED', message: expect.stringContaining('attempt 2') });
  expect(await effective(daemon, study, 0)).toEqual([[0, 7]]);
  expect(await effective(daemon, study, 0, 1)).toEqual([[0, 5], [1, 4], [2, 0.1], [3, 0.2]]);
  await study.complete(held);
  expect(await study.trial(0)).toMatchObject({ value: 7, attempt: 2, lost: 1 });
  expect((await study.record()).spent!.steps).toBe(2n);
});

test('many batches of a fenced attempt under way at once are all stored', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const old = await study.ask('a');
  await daemon.pass(leaseMs);
  await study.ask('b');
  const updates = await Promise.all(Array.from({ length: 50 }, (_, i) => study.report(old, { [i]: i })));
  expect(updates.every(({ verdict }) => verdict === Verdict.VERDICT_FENCED)).toBe(true);
  expect(await effective(daemon, study, 0, 1)).toHaveLength(50);
});

test('a daemon that was killed gives running attempts a whole new lease, whatever time it was down', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  await study.report(held, { 0: 3 });
  await daemon.pass(leaseMs - 1);
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  await next.pass(leaseMs - 1);
  const there = study.at(next);
  expect((await there.trial(0)).state).toBe('running');
  await there.complete(held);
  expect(await there.trial(0)).toMatchObject({ state: 'completed', attempt: 1, value: 3, lost: 0 });
});

test('time in which the daemon was held up expires nothing', async () => {
  const clock = createSimulatedClock();
  let standstillMs = 0;
  const heldUp: Clock = { ...clock, monotonicMs: () => clock.monotonicMs() + standstillMs, wallMs: clock.wallMs, setTimer: clock.setTimer };
  const daemon = await start({ clock: { ...heldUp, advance: clock.advance, jumpWall: clock.jumpWall } });
  const study = await daemon.open({ budget: { trials: 1 } });
  await study.ask('a');
  await daemon.pass(10_000);
  standstillMs = 3_600_000;
  await daemon.pass(leaseMs - 10_000);
  expect((await study.trial(0)).state).toBe('running');
  await daemon.pass(leaseMs);
  expect((await study.trial(0)).state).toBe('waiting');
});

test('a daemon that stood still for less than a lease reads what lies there before it writes anybody off', async () => {
  const clock = createSimulatedClock();
  let standstillMs = 0;
  const heldUp: Clock = { ...clock, monotonicMs: () => clock.monotonicMs() + standstillMs, wallMs: clock.wallMs, setTimer: clock.setTimer };
  const daemon = await start({ clock: { ...heldUp, advance: clock.advance, jumpWall: clock.jumpWall } });
  const study = await daemon.open({ budget: { trials: 1 }, rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 1000, keepCheckpoints: 2 } });
  const held = await study.ask('a');
  await daemon.pass(900);
  standstillMs = 700;
  await daemon.pass(100);
  expect(await study.heartbeat(held)).toMatchObject({ verdict: Verdict.VERDICT_CONTINUE });
  expect(await study.trial(0)).toMatchObject({ state: 'running', lost: 0 });
  await daemon.pass(999);
  expect((await study.log()).filter(({ kind }) => kind === 'trial_yielded')).toEqual([]);
  await daemon.pass(1);
  expect((await study.trial(0)).state).toBe('waiting');
});

test('jumps of the wall clock change no lease', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  await study.ask('a');
  for (const ms of [10 * 365 * 86_400_000, -20 * 365 * 86_400_000, 3_600_000]) {
    daemon.clock.jumpWall(ms);
    await daemon.pass(9_000);
    expect((await study.trial(0)).state).toBe('running');
  }
  await daemon.pass(3_000);
  expect((await study.trial(0)).state).toBe('waiting');
});

test('a standing stop survives the loss of the attempt, and so does a pause', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const [stopped, paused] = [await study.ask('a'), await study.ask('b')];
  await study.report(stopped, { 0: 3 });
  await study.control(stopped.number, ControlAction.CONTROL_ACTION_STOP);
  await study.control(paused.number, ControlAction.CONTROL_ACTION_PAUSE);
  await daemon.pass(leaseMs);
  expect(await study.trial(stopped.number)).toMatchObject({ state: 'stopped', value: 3, reason: 'a person' });
  expect(await study.trial(paused.number)).toMatchObject({ state: 'paused', reason: 'a person' });
});

test('a worker that comes back to a trial that was paused and resumed without it is told to leave, and the next attempt has the trial', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 2 } });
  // One is paused while its worker is silent but holds its lease, the other when that is over.
  const away = [await study.ask('a'), await study.ask('b')];
  await study.control(away[0]!.number, ControlAction.CONTROL_ACTION_PAUSE);
  await daemon.pass(leaseMs);
  await study.control(away[1]!.number, ControlAction.CONTROL_ACTION_PAUSE);
  for (const held of away) {
    expect(await study.heartbeat(held)).toMatchObject({ verdict: Verdict.VERDICT_PAUSE });
    await study.control(held.number, ControlAction.CONTROL_ACTION_RESUME);
    expect(await study.heartbeat(held)).toMatchObject({ verdict: Verdict.VERDICT_PAUSE, reason: expect.stringContaining('waits for its next attempt') as unknown });
    expect(await study.report(held, { 0: 1 })).toMatchObject({ verdict: Verdict.VERDICT_PAUSE, ackedSequence: 1n });
    expect(await study.release(held)).toMatchObject({ state: 'waiting', attempt: 1 });
    expect(await study.ask(held.worker)).toMatchObject({ number: held.number, attempt: 2 });
  }
});

test('a standing stop survives the death of the daemon', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask('a');
  await study.control(held.number, ControlAction.CONTROL_ACTION_STOP);
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  expect(await study.at(next).heartbeat(held)).toMatchObject({ verdict: Verdict.VERDICT_STOP, reason: 'a person' });
});

test('a worker that says goodbye gives its trials back at once', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 2 } });
  await Promise.all([study.ask('a'), study.ask('b')]);
  await stream(daemon, [{ writerId: 'a', goodbye: true }]);
  await daemon.settle();
  expect((await study.record()).counts).toMatchObject({ running: 1n, waiting: 1n });
});

test('a worker of this host that died is noticed when its stream ends, and nobody else is harmed', async () => {
  const gone = new Set<number>();
  const daemon = await start({ processes: { host: 'here', isGone: (pid) => gone.has(pid), look: () => undefined } });
  const study = await daemon.open({ budget: { trials: 2 } });
  const dead = await study.ask('a', { worker: { id: 'a', process: 'a', host: 'here', pid: 11, labels: new Map() } });
  const other = await study.ask('b', { worker: { id: 'b', process: 'b', host: 'elsewhere', pid: 12, labels: new Map() } });
  gone.add(12);
  await stream(daemon, [{ writerId: 'a', heartbeats: [] }]);
  await stream(daemon, [{ writerId: 'b', heartbeats: [] }]);
  await daemon.settle();
  expect((await study.trial(dead.number)).state).toBe('running');
  gone.add(11);
  await daemon.pass(500);
  expect(await study.trial(dead.number)).toMatchObject({ state: 'waiting', reason: 'its process died' });
  await daemon.pass(5000);
  expect((await study.trial(other.number)).state).toBe('running');
});

test('a worker whose connection broke has a grace of ten seconds, or of its lease if that is shorter; one that ended its stream well has its lease', async () => {
  for (const [leaseMs, graceMs] of [[30_000, 10_000], [4_000, 4_000]] as const) {
    const daemon = await start();
    const study = await daemon.open({ budget: { trials: 3 }, rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs, keepCheckpoints: 2 } });
    const [well, broken, back] = [await study.ask('a'), await study.ask('b'), await study.ask('c')];
    await stream(daemon, [{ writerId: 'a', heartbeats: [] }]);
    for (const writerId of ['b', 'c']) await breakStream(daemon, { writerId });
    await daemon.pass(graceMs / 2);
    await study.heartbeat(back);
    await daemon.pass(graceMs / 2 - 1);
    expect((await study.trial(broken.number)).state).toBe('running');
    await daemon.pass(1);
    expect(await study.trial(broken.number)).toMatchObject({ state: 'waiting', reason: expect.stringContaining(`${graceMs / 1000} s`) as unknown });
    expect((await study.trial(back.number)).state).toBe('running');
    if (leaseMs > graceMs) expect((await study.trial(well.number)).state).toBe('running');
    // Expiry frees, only a re-issue fences: who comes back before that goes on.
    expect(await study.report(broken, { 0: 1 })).toMatchObject({ verdict: Verdict.VERDICT_CONTINUE });
    expect(await study.trial(broken.number)).toMatchObject({ state: 'running', attempt: 1, lost: 0 });
  }
});

/** Opens a stream and lets go of it in the middle, as a broken connection does. */
async function breakStream(daemon: TestDaemon, message: Partial<ReportRequest>): Promise<void> {
  const controller = new AbortController();
  async function* requests(): AsyncGenerator<ReportRequest> {
    yield ReportMessage.fromPartial(message);
    await new Promise(() => undefined);
  }
  const reading = (async () => {
    for await (const _response of daemon.transport.duplex(TrialServiceService.report, requests(), { signal: controller.signal })) continue;
  })().catch(() => undefined);
  await daemon.settle();
  controller.abort();
  await reading;
  await daemon.settle();
}

async function stream(daemon: TestDaemon, messages: readonly Partial<ReportRequest>[]): Promise<void> {
  async function* requests(): AsyncGenerator<ReportRequest> {
    for (const message of messages) yield ReportMessage.fromPartial(message);
  }
  for await (const _response of daemon.transport.duplex(TrialServiceService.report, requests())) continue;
}

function batch(study: TestStudy, held: HeldTrial, sequence: number, step: number, value: number): { studyId: string; trial: bigint; attempt: number; sequence: bigint; series: { name: string; steps: bigint[]; values: number[]; timesMs: bigint[] }[] } {
  return { studyId: study.studyId, trial: BigInt(held.number), attempt: held.attempt, sequence: BigInt(sequence), series: [{ name: 'loss', steps: [BigInt(step)], values: [value], timesMs: [] }] };
}
