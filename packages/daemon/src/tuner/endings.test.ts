import type { Objective } from '@paramo/core';
import { AskRequest, Batch, ControlAction, NoTrialReason, Verdict } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';
import type { HeldTrial, TestStudy } from './testing/test-study.js';

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const rules = { maxFailures: 10, retries: 2, retryOnFailure: true, leaseMs: 30_000, keepCheckpoints: 2 };
const loss = (at: Objective['at'], goal: 'min' | 'max' = 'min'): Objective[] => [{ metric: 'loss', goal, at }];

function lastBatch(study: TestStudy, held: HeldTrial, points: Readonly<Record<number, number>>): Batch {
  const series = [{ name: 'loss', steps: Object.keys(points).map(BigInt), values: Object.values(points), timesMs: [] }];
  return Batch.fromPartial({ studyId: study.studyId, trial: BigInt(held.number), attempt: held.attempt, sequence: BigInt(++held.sequence), series });
}

function nextAsk(study: TestStudy, worker: string, requestId: string): AskRequest {
  return AskRequest.fromPartial({ studyId: study.studyId, revision: 1, worker: { id: worker, process: worker, host: 'here', pid: 1 }, requestId, waitMs: 1000 });
}

test('a trial ends with what came along in its last message, and the next one comes in the same commit', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 9 });
  await daemon.settle();
  const { tuner } = daemon.services;
  const { journal } = tuner.study(study.studyId);
  const before = journal.durable;
  const onDisk: string[][] = [];
  onTestFinished(journal.onDurable(() => onDisk.push(tuner.studies.log(study.studyId, before, 10).map(({ kind }) => kind))));
  const { trial, next } = await study.complete(held, {}, { batches: [lastBatch(study, held, { 1: 4 })], askNext: nextAsk(study, 'w', 'next') });
  expect(trial).toMatchObject({ value: 4, done: 2n });
  expect(next!.assignment).toMatchObject({ attempt: 1 });
  expect(onDisk[0]!.slice(0, 2)).toEqual(['trial_ended', 'trial_started']);
});

test('the end of a trial sent again gets the same answer and the same next trial', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  const end = { batches: [lastBatch(study, held, { 0: 4 })], askNext: nextAsk(study, 'w', 'next') };
  const [first, second] = await Promise.all([study.complete(held, {}, end), study.complete(held, {}, end)]);
  const third = await study.complete(held, { loss: -1 }, end);
  const numbers = [first!, second!, third].map(({ next }) => next!.assignment!.trial!.number);
  expect(new Set(numbers).size).toBe(1);
  expect(third.trial!.value).toBe(4);
  expect((await study.record()).counts).toMatchObject({ completed: 1n, running: 1n });
});

test('a trial that ends without its objective is told the near miss, and goes on', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 }, { metric: 'los' });
  const refused = study.complete(held, {}, { askNext: nextAsk(study, 'w', 'next') });
  await expect(refused).rejects.toMatchObject({ code: 'OBJECTIVE_MISSING', summary: 'trial 0 ends without its objective loss; it reported los', hint: 'Did you mean los? Log loss, or name los in the objective.' });
  expect((await study.record()).counts).toMatchObject({ running: 1n });
  await study.report(held, { 0: 2 });
  expect((await study.complete(held, {}, { requestId: 'again' })).trial!.value).toBe(2);
});

test('a trial whose objective counts at a step it never reported is told so', async () => {
  const daemon = await start();
  const study = await daemon.open({ objectives: loss({ step: 5 }) });
  const held = await study.ask();
  await study.report(held, { 0: 1 });
  await expect(study.complete(held)).rejects.toMatchObject({ code: 'OBJECTIVE_MISSING', summary: 'trial 0 ends without loss at step 5, which the objective asks for' });
});

test('the value is the last one, the best one or the one at a step, as the objective says', async () => {
  const daemon = await start();
  for (const [at, value, step] of [['last', 3, 2n], ['best', 1, 1n], [{ step: 0 }, 2, 0n]] as const) {
    const study = await daemon.open({ name: JSON.stringify(at), objectives: loss(at) });
    const held = await study.ask();
    await study.report(held, { 0: 2, 1: 1, 2: 3 });
    expect((await study.complete(held)).trial).toMatchObject({ value, at: step });
  }
});

test('values given at the end override the series and stand at no step', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 2 });
  const { trial } = await study.complete(held, { loss: 7, accuracy: 0.5 });
  expect(trial).toMatchObject({ value: 7, at: undefined });
  expect((await study.trial(0)).metrics).toEqual({ loss: 7, accuracy: 0.5 });
});

test('several objectives are taken at the last step at which all of them are known', async () => {
  const daemon = await start();
  const study = await daemon.open({ objectives: [{ metric: 'loss', goal: 'min', at: 'last' }, { metric: 'time', goal: 'min', at: 'last' }] });
  const held = await study.ask();
  await study.report(held, { 0: 2, 1: 3 });
  await study.report(held, { 1: 30 }, { metric: 'time' });
  await study.report(held, { 2: 4 });
  await study.complete(held);
  expect(await study.trial(0)).toMatchObject({ values: { loss: 3, time: 30 }, state: 'completed' });
  expect((await study.trial(0)).value).toBeUndefined();
  const other = await study.ask();
  await study.report(other, { 0: 2 });
  await study.report(other, { 1: 2 }, { metric: 'time' });
  await expect(study.complete(other)).rejects.toMatchObject({ summary: `trial ${other.number} never reported loss and time at one step` });
});

test('NaN and infinite objectives are stored and completed, and never best', async () => {
  const daemon = await start();
  for (const goal of ['min', 'max'] as const) {
    const study = await daemon.open({ name: goal, objectives: loss('last', goal) });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const held = await study.ask();
      await study.report(held, { 0: value });
      const { trial } = await study.complete(held);
      expect(trial!.value).toBeUndefined();
      expect((await study.trial(held.number)).metrics).toEqual({ loss: value });
      expect((await study.trial(held.number)).state).toBe('completed');
    }
    expect((await study.record()).bestTrial).toBeUndefined();
    await study.complete(await study.ask(), { loss: 3 });
    expect(await study.record()).toMatchObject({ bestTrial: 3n, bestValue: 3 });
  }
});

test('the best step of a trial is a finite one', async () => {
  const daemon = await start();
  const study = await daemon.open({ objectives: loss('best') });
  const held = await study.ask();
  await study.report(held, { 0: Number.NaN, 1: 5, 2: Number.NEGATIVE_INFINITY, 3: 4, 4: Number.NaN });
  expect((await study.complete(held)).trial).toMatchObject({ value: 4, at: 3n });
});

test('of equal values the earlier trial is the best', async () => {
  const daemon = await start();
  for (const [goal, values, best] of [['min', [3, 1, 1, 2], 1n], ['max', [3, 5, 5, 4], 1n]] as const) {
    const study = await daemon.open({ name: goal, objectives: loss('last', goal) });
    for (const value of values) await study.complete(await study.ask(), { loss: value });
    expect((await study.record()).bestTrial).toBe(best);
  }
});

test('a failed trial is final', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 1 });
  expect(await study.fail(held, 'out of memory')).toMatchObject({ state: 'failed', reason: 'out of memory', error: { message: 'out of memory' }, metrics: { loss: 1 } });
  expect((await study.complete(held, { loss: 0 }, { requestId: 'late' })).trial).toMatchObject({ value: undefined });
  expect((await study.record()).bestTrial).toBeUndefined();
});

test('a trial that fails is tried again where the study says so, and a repeated failure counts once', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules, budget: { trials: 1 } });
  const held = await study.ask();
  await Promise.all([study.fail(held), study.fail(held)]);
  expect(await study.fail(held, 'broke', { requestId: 'another' })).toMatchObject({ state: 'waiting', lost: 1 });
  const second = await study.ask();
  expect(second).toMatchObject({ number: 0, attempt: 2 });
  expect(await study.fail(held)).toMatchObject({ state: 'running', lost: 1 });
  await expect(study.fail(held, 'broke', { requestId: 'later' })).rejects.toMatchObject({ code: 'FENCED' });
  await study.fail(second);
  expect(await study.fail(await study.ask())).toMatchObject({ state: 'failed', lost: 2 });
});

test('a released trial waits again and costs no retry; releasing it twice changes nothing', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask();
  await study.release(held);
  expect(await study.release(held)).toMatchObject({ state: 'waiting', lost: 0 });
  const next = await study.ask();
  expect(next).toMatchObject({ number: 0, attempt: 2 });
  await expect(study.release(held)).rejects.toMatchObject({ code: 'FENCED' });
});

test('a stop is told over the open call, and completing makes the trial stopped with its partial value', async () => {
  const daemon = await start();
  const study = await daemon.open({ stopper: { name: 'cutting', options: {} } });
  const held = await study.ask();
  expect(held.assignment.milestones!.every).toBe(true);
  expect(await study.report(held, { 0: 3 }, { waitMs: 2000 })).toMatchObject({ verdict: Verdict.VERDICT_CONTINUE, decidedDone: 1n });
  expect(await study.report(held, { 1: 30 }, { waitMs: 2000 })).toMatchObject({ verdict: Verdict.VERDICT_STOP, reason: 'above 10' });
  const { trial } = await study.complete(held);
  expect(trial).toMatchObject({ value: 30, reason: 'above 10' });
  expect((await study.trial(0)).state).toBe('stopped');
  expect((await study.record()).bestTrial).toBeUndefined();
  expect((await study.log()).filter(({ kind }) => kind === 'trial_decided')).toHaveLength(1);
});

test('a decision is told only when it is on disk, and a worker that waits for it is not let go before', async () => {
  const daemon = await start();
  const study = await daemon.open({ stopper: { name: 'cutting', options: {} } });
  const held = await study.ask();
  const told: { verdict: string; decidedDone: number; durable: boolean }[] = [];
  const { bus, studies } = daemon.services.tuner;
  const stop = bus.subscribe('w', ({ verdict, decidedDone }) => {
    const durable = studies.log(study.studyId, 0, 1000).some(({ kind }) => kind === 'trial_decided');
    told.push({ verdict, decidedDone, durable });
  });
  await study.report(held, { 0: 30 }, { waitMs: 2000 });
  await daemon.settle();
  stop();
  expect(told.length).toBeGreaterThan(0);
  expect(told.every(({ verdict, durable }) => verdict === 'stop' && durable)).toBe(true);
});

test('a person stops, pauses, resumes and cancels a running trial', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const [a, b, c] = [await study.ask('a'), await study.ask('b'), await study.ask('c')];
  await study.control(a.number, ControlAction.CONTROL_ACTION_STOP);
  expect(await study.heartbeat(a)).toMatchObject({ verdict: Verdict.VERDICT_STOP, reason: 'a person' });
  await study.complete(a);
  expect(await study.trial(a.number)).toMatchObject({ state: 'stopped', reason: 'a person' });

  await study.control(b.number, ControlAction.CONTROL_ACTION_PAUSE);
  expect((await study.heartbeat(b)).verdict).toBe(Verdict.VERDICT_PAUSE);
  expect((await study.release(b)).state).toBe('paused');
  expect((await study.control(b.number, ControlAction.CONTROL_ACTION_RESUME)).state).toBe('waiting');
  expect(await study.ask('d')).toMatchObject({ number: b.number, attempt: 2 });

  expect((await study.control(c.number, ControlAction.CONTROL_ACTION_CANCEL)).state).toBe('cancelled');
  expect((await study.heartbeat(c)).verdict).toBe(Verdict.VERDICT_ENDED);
  await study.complete(c, { loss: 0 });
  expect((await study.trial(c.number)).state).toBe('cancelled');
  await expect(study.control(c.number, ControlAction.CONTROL_ACTION_STOP)).rejects.toMatchObject({ code: 'TRIAL_ENDED' });
});

test('a pause taken back before the worker has left lets it go on', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.control(held.number, ControlAction.CONTROL_ACTION_PAUSE);
  await study.control(held.number, ControlAction.CONTROL_ACTION_RESUME);
  expect((await study.heartbeat(held)).verdict).toBe(Verdict.VERDICT_CONTINUE);
  await study.complete(held, { loss: 1 });
  expect((await study.trial(held.number)).state).toBe('completed');
});

test('a stopper that pauses and promotes decides who goes on, and the rest ends as not promoted', async () => {
  const daemon = await start({ seed: 5 });
  const study = await daemon.open({ stopper: { name: 'halving', options: {} }, budget: { trials: 8 } });
  await study.work();
  await daemon.settle();
  expect(await study.record()).toMatchObject({ counts: { completed: 4n, stopped: 4n, waiting: 0n, running: 0n, paused: 0n } });
  expect((await study.trials('state = stopped')).map(({ reason }) => reason)).toEqual(Array.from({ length: 4 }, () => 'not promoted'));
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('a replaced trial and its successor are one transaction, and successors count for no budget', async () => {
  const daemon = await start();
  const study = await daemon.open({ strategy: { name: 'replacing', options: {} }, budget: { trials: 4 } });
  let bad = 3;
  await study.work({ loss: () => (bad-- > 0 ? 20 : 1) });
  await daemon.settle();
  const record = await study.record();
  expect(record).toMatchObject({ spent: { trials: 4n }, counts: { stopped: 3n, completed: 4n } });
  const log = await study.log();
  for (const event of log.filter((one) => one.kind === 'trial_decided')) {
    expect(log.find(({ position }) => position === event.position + 1)).toMatchObject({ kind: 'trial_created', trial: event.replacement });
  }
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('stopped trials are best only in their own right: a worse complete one stays the best', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const [a, b] = [await study.ask('a'), await study.ask('b')];
  await study.report(a, { 0: 0.1 });
  await study.control(a.number, ControlAction.CONTROL_ACTION_STOP);
  await study.complete(a);
  await study.complete(b, { loss: 5 });
  expect((await study.record()).bestTrial).toBe(BigInt(b.number));
});

test('a worker whose study has ended is told so instead of a next trial', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask();
  const { next } = await study.complete(held, { loss: 1 }, { askNext: nextAsk(study, 'w', 'n') });
  expect(next!.none).toBe(NoTrialReason.NO_TRIAL_REASON_ENDED);
});

test('a batch of another attempt does not slip in with the end of a trial', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const [a, b] = [await study.ask('a'), await study.ask('b')];
  await expect(study.complete(a, { loss: 1 }, { batches: [lastBatch(study, b, { 0: 1 })] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect((await study.trial(a.number)).state).toBe('running');
});
