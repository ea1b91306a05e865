import { NoTrialReason, OpenMode } from '@paramo/protocol';
import { createSimulatedClock } from '@paramo/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createMemoryStore } from '../store/memory-store.js';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const { NO_TRIAL_REASON_ENDED, NO_TRIAL_REASON_NOT_NOW, NO_TRIAL_REASON_PAUSED } = NoTrialReason;

test('many asks at once get numbers without gaps, each one another', async () => {
  const study = await (await start()).open();
  const held = await Promise.all(Array.from({ length: 100 }, (_, i) => study.ask(`w${i}`)));
  expect(held.map(({ number }) => number).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(held.every(({ attempt }) => attempt === 1)).toBe(true);
});

test('the same request gets the same trial, before it is on disk and after', async () => {
  const clock = createSimulatedClock();
  const daemon = await start({ clock, store: createMemoryStore({ clock, delayMs: 5 }) });
  const opening = daemon.open();
  for (let i = 0; i < 20; i++) await daemon.pass(5);
  const study = await opening;
  const both = [study.ask('w', { requestId: 'one' }), study.ask('w', { requestId: 'one' })];
  for (let i = 0; i < 20; i++) await daemon.pass(5);
  const [first, second] = await Promise.all(both);
  const late = study.ask('w', { requestId: 'one' });
  await daemon.pass(10);
  const third = await late;
  expect([second!.number, third.number]).toEqual([first!.number, first!.number]);
  expect(daemon.services.tuner.study(study.studyId).journal.state.record.counts.running).toBe(1);
});

test('the same request gets the same trial after the daemon was killed', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask('w', { requestId: 'one' });
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const again = await study.at(next).ask('w', { requestId: 'one' });
  expect(again).toMatchObject({ number: held.number, attempt: held.attempt });
});

test('the same request id of two processes names two requests', async () => {
  const study = await (await start()).open();
  const [a, b] = await Promise.all([study.ask('a', { requestId: '1' }), study.ask('b', { requestId: '1' })]);
  expect(a!.number).not.toBe(b!.number);
});

test('a request sent again while it waits leases one trial, to the later caller', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  const waiting = [study.tryAsk('b', { requestId: 'one', waitMs: 60_000 }), study.tryAsk('b', { requestId: 'one', waitMs: 60_000 })];
  await daemon.settle();
  await study.release(held);
  const [first, second] = await Promise.all(waiting);
  expect(first!.none).toBe(NO_TRIAL_REASON_NOT_NOW);
  expect(study.held(second!, 'b')).toMatchObject({ number: 0, attempt: 2 });
});

test('a worker that waits gets a trial as soon as there is one', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  const waiting = study.ask('b', { waitMs: 60_000 });
  await daemon.pass(10_000);
  await study.release(held);
  expect(await waiting).toMatchObject({ number: 0, attempt: 2 });
});

test('a worker that waits in vain is told so when its time is up', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  await study.ask('a');
  let answered = false;
  const waiting = study.tryAsk('b', { waitMs: 5000 }).finally(() => (answered = true));
  await daemon.pass(4999);
  expect(answered).toBe(false);
  await daemon.pass(1);
  expect((await waiting).none).toBe(NO_TRIAL_REASON_NOT_NOW);
});

test('whoever waits is told at once that the study has ended', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  const waiting = study.tryAsk('b', { waitMs: 60_000 });
  await daemon.settle();
  await study.complete(held, { loss: 1 });
  const { none, detail } = await waiting;
  expect(none).toBe(NO_TRIAL_REASON_ENDED);
  expect(detail).toBe('budget: 1 trials');
});

test('a paused study hands out nothing and says so; opened again it serves whoever waits, each one trial', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await study.update({ state: 2 });
  expect((await study.tryAsk('a', { waitMs: 0 })).none).toBe(NO_TRIAL_REASON_PAUSED);
  for (const x of [0.1, 0.2, 0.3]) await study.enqueue({ x, opt: 'a' });
  const waiting = Array.from({ length: 3 }, (_, i) => study.ask(`w${i}`, { waitMs: 60_000 }));
  await daemon.settle();
  await study.update({ state: 1 });
  const held = await Promise.all(waiting);
  expect(new Set(held.map(({ number }) => number)).size).toBe(3);
  await daemon.settle();
  expect((await study.record()).counts!.running).toBe(3n);
});

test('a caller that has gone leases nothing', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('a');
  const { tuner } = daemon.services;
  const gone = new AbortController();
  const worker = { id: 'b', process: 'b', host: 'here', pid: 1, labels: {} };
  const waiting = tuner.study(study.studyId).ask({ revision: 1, worker, requestId: '', waitMs: 60_000, signal: gone.signal });
  await daemon.settle();
  gone.abort();
  expect(await waiting).toMatchObject({ kind: 'none', why: 'not now' });
  expect(await tuner.study(study.studyId).ask({ revision: 1, worker, requestId: '', waitMs: 60_000, signal: gone.signal })).toMatchObject({ kind: 'none' });
  await study.release(held);
  await daemon.settle();
  expect((await study.trial(0)).state).toBe('waiting');
});

test('requeued trials are served first, then enqueued ones, then resumed ones, then prepared ones', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const [released, paused] = [await study.ask('a'), await study.ask('b')];
  await study.control(paused.number, 2);
  expect((await study.release(paused)).state).toBe('paused');
  await study.control(paused.number, 3);
  const { trial: enqueued } = await study.enqueue({ x: 0.5, opt: 'a' });
  await study.release(released);
  const order = [];
  for (let i = 0; i < 4; i++) order.push((await study.ask(`c${i}`)).number);
  expect(order).toEqual([released.number, enqueued.number, paused.number, expect.any(Number)]);
  expect((await study.trial(order[3]!)).by).toBe('strategy');
});

test('a worker that knows an older revision gets no trial', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await daemon.open({ strategy: { name: 'drawing', options: { trials: 50 } } }, OpenMode.OPEN_MODE_REVISE);
  await expect(study.tryAsk('w', { revision: 1 })).rejects.toMatchObject({ code: 'REVISION_UNKNOWN', message: expect.stringContaining('revision 2') });
  expect(await study.ask('w', { revision: 2 })).toMatchObject({ attempt: 1 });
});

test('a worker that waits while the study is revised is told, and gets no trial it does not know', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 5 } });
  const held = await Promise.all(Array.from({ length: 5 }, (_, i) => study.ask(`w${i}`)));
  const waiting = study.tryAsk('old', { revision: 1, waitMs: 60_000 });
  const refused = expect(waiting).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' });
  await daemon.settle();
  await daemon.open({ strategy: { name: 'drawing', options: { trials: 50 } }, budget: { trials: 5 } }, OpenMode.OPEN_MODE_REVISE);
  await study.release(held[0]!);
  await refused;
});

test('while the disk is nearly full no trial starts, and whoever waits is served when there is room', async () => {
  const daemon = await start();
  const study = await daemon.open();
  daemon.store.setScarce(true);
  expect(await study.tryAsk('a', { waitMs: 0 })).toMatchObject({ none: NO_TRIAL_REASON_NOT_NOW, detail: expect.stringContaining('no trial starts now: ') as unknown });
  const waiting = study.ask('b', { waitMs: 60_000 });
  await daemon.pass(1000);
  daemon.store.setScarce(false);
  expect((await waiting).number).toBe(0);
});
