import { ControlAction, EndReason, NoTrialReason, OpenMode, StudyState, Verdict } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { testPlugins } from './testing/plugins.js';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const { END_REASON_BUDGET, END_REASON_DONE, END_REASON_FAILURES, END_REASON_TARGET, END_REASON_USER } = EndReason;
const { STUDY_STATE_ENDED, STUDY_STATE_OPEN, STUDY_STATE_PAUSED } = StudyState;
const rules = { maxFailures: 3, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 2 };

test('a budget of trials holds exactly under 64 workers that complete, fail, release and die', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 100 }, rules: { ...rules, maxFailures: 1000 } });
  let turn = 0;
  const work = async (worker: string): Promise<void> => {
    for (;;) {
      const response = await study.tryAsk(worker, { waitMs: 60_000 });
      if (response.none === NoTrialReason.NO_TRIAL_REASON_ENDED) return;
      if (!response.assignment) continue;
      const held = study.held(response, worker);
      const kind = ++turn % 7;
      if (kind === 0) await study.fail(held);
      else if (kind === 1 && held.attempt === 1) await study.release(held);
      // A worker that dies says nothing more of its trial.
      else if (kind !== 2 || held.attempt > 1) await study.complete(held, { loss: turn });
    }
  };
  let over = false;
  const all = Promise.all(Array.from({ length: 64 }, (_, i) => work(`w${i}`))).finally(() => (over = true));
  while (!over) await daemon.pass(10_000);
  await all;
  const record = await study.record();
  expect(record.spent!.trials).toBe(100n);
  expect(record.counts!.completed + record.counts!.failed).toBe(100n);
  expect(record).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_BUDGET });
  expect((await study.trials()).map(({ number }) => number)).toEqual(Array.from({ length: Number(record.counts!.cancelled) + 100 }, (_, i) => i));
});

test('a waiting trial that is cancelled gives its unit of the budget back', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 3 } });
  await study.complete(await study.ask(), { loss: 1 });
  await daemon.settle();
  const [prepared] = await study.trials('state = waiting');
  await study.control(prepared!.number, ControlAction.CONTROL_ACTION_CANCEL);
  await study.work();
  await daemon.settle();
  expect(await study.record()).toMatchObject({ spent: { trials: 3n }, counts: { completed: 3n, cancelled: 1n }, endReason: END_REASON_BUDGET });
});

test('the wall budget counts only time in which something runs, and starts nothing once it is used up', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { wallMs: 100_000 }, rules: { ...rules, leaseMs: 3_600_000 } });
  await daemon.pass(1_000_000);
  const first = await study.ask('a');
  await daemon.pass(60_000);
  await study.complete(first, { loss: 1 });
  await daemon.pass(1_000_000);
  const second = await study.ask('a');
  await daemon.pass(39_999);
  const third = await study.ask('b');
  await daemon.pass(1);
  expect((await study.tryAsk('c', { waitMs: 0 })).assignment).toBeUndefined();
  await daemon.settle();
  expect((await study.record()).counts).toMatchObject({ waiting: 0n, running: 2n });
  await study.complete(second, { loss: 1 });
  await study.complete(third, { loss: 1 });
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_BUDGET, endDetail: '100 s of wall time are used up' });
});

test('the wall budget forgets neither a long trial when the daemon dies nor counts the time it is down', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { wallMs: 100_000 }, rules: { ...rules, leaseMs: 3_600_000 } });
  const held = await study.ask('a');
  for (let i = 0; i < 9; i++) await daemon.pass(10_000);
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const there = study.at(next);
  const spent = Number((await there.record()).spent!.wallMs);
  expect(spent).toBeGreaterThanOrEqual(80_000);
  expect(spent).toBeLessThanOrEqual(90_000);
  daemon.clock.jumpWall(10_000_000);
  await next.pass(100_000 - spent - 1);
  expect((await there.record()).state).toBe(STUDY_STATE_OPEN);
  await next.pass(1);
  await there.complete(held, { loss: 1 });
  await next.settle();
  expect((await there.record()).state).toBe(STUDY_STATE_ENDED);
});

test('a study ends when its strategy is done, and asks once more what a stopper would resume', async () => {
  const daemon = await start();
  const study = await daemon.open({ strategy: { name: 'drawing', options: { trials: 3 } } });
  expect(await study.work()).toBe(3);
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_DONE, counts: { completed: 3n } });
});

test('a study ends at its target, and stops what still runs', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: { ...rules, target: 0.5 } });
  const [a, b] = [await study.ask('a'), await study.ask('b')];
  await study.report(b, { 0: 7 });
  await study.complete(a, { loss: 0.5 });
  await daemon.settle();
  expect(await study.heartbeat(b)).toMatchObject({ verdict: 2 });
  await study.complete(b);
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_TARGET, endDetail: 'trial 0 reached 0.5, the target is 0.5' });
  expect(await study.trial(b.number)).toMatchObject({ state: 'stopped', value: 7 });
});

test('a study ends after so many failures in a row, and others go on', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules });
  const other = await daemon.open({ name: 'other', budget: { trials: 3 } });
  for (const failing of [true, true, false, true, true, true]) {
    const held = await study.ask();
    if (failing) await study.fail(held);
    else await study.complete(held, { loss: 1 });
  }
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_FAILURES, endDetail: '3 trials in a row failed' });
  expect(await other.work()).toBe(3);
});

test('runs that are only tracked may fail as often as they like', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules, strategy: undefined, space: undefined, objectives: [] } as never);
  for (let i = 0; i < 5; i++) {
    const { held } = await study.enqueue({ lr: i }, { startFor: { id: 'w', process: 'w', host: 'h', pid: 1, labels: new Map() } });
    await study.fail(held!);
  }
  await daemon.settle();
  expect((await study.record()).state).toBe(STUDY_STATE_OPEN);
});

test('a person ends a study: what waits is cancelled, what runs is stopped, and it can be opened again', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.report(held, { 0: 4 });
  await study.update({ state: STUDY_STATE_ENDED, reason: 'enough' });
  expect(await study.heartbeat(held)).toMatchObject({ verdict: 2, reason: 'enough' });
  await study.complete(held);
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_USER, endDetail: 'enough', counts: { stopped: 1n, cancelled: 1n } });
  await study.update({ state: STUDY_STATE_OPEN });
  expect(await study.work({ limit: 2 })).toBe(2);
});

test('a paused study ends when a person says so, paused trials and all', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const held = await study.ask();
  await study.control(held.number, ControlAction.CONTROL_ACTION_PAUSE);
  await study.release(held);
  await study.update({ state: STUDY_STATE_PAUSED });
  await study.update({ state: STUDY_STATE_ENDED });
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_USER, counts: { paused: 0n, waiting: 0n } });
});

test('a study that a person ends takes up nothing that its plugins had paused', async () => {
  const daemon = await start();
  const study = await daemon.open({ stopper: { name: 'halving', options: {} } });
  const held = await study.ask();
  expect(await study.report(held, { 0: 4 }, { waitMs: 1000 })).toMatchObject({ verdict: Verdict.VERDICT_PAUSE });
  await study.release(held);
  await daemon.settle();
  await study.update({ state: STUDY_STATE_ENDED });
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_USER, counts: { stopped: 1n, waiting: 0n } });
  expect(await study.trial(held.number)).toMatchObject({ state: 'stopped', attempt: 1 });
});

test('a study that only tracks ends when a person says so', async () => {
  const daemon = await start();
  const study = await daemon.open({ strategy: undefined, space: undefined, objectives: [] } as never);
  await study.update({ state: STUDY_STATE_ENDED });
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_USER });
});

test('a trial a person has paused holds a study open that is done otherwise', async () => {
  const daemon = await start();
  const study = await daemon.open({ strategy: { name: 'drawing', options: { trials: 2 } } });
  const held = await study.ask();
  await study.control(held.number, ControlAction.CONTROL_ACTION_PAUSE);
  await study.release(held);
  await study.complete(await study.ask(), { loss: 1 });
  await daemon.settle();
  expect((await study.record()).state).toBe(STUDY_STATE_OPEN);
  await study.control(held.number, ControlAction.CONTROL_ACTION_RESUME);
  expect(await study.work()).toBe(1);
  expect((await study.record()).endReason).toBe(END_REASON_DONE);
});

test('a trial that a person has paused and withdrawn holds no study open', async () => {
  const daemon = await start();
  const study = await daemon.open({ strategy: { name: 'drawing', options: { trials: 2 } } });
  const held = await study.ask();
  await study.control(held.number, ControlAction.CONTROL_ACTION_PAUSE);
  await study.release(held);
  await study.control(held.number, ControlAction.CONTROL_ACTION_RETRACT);
  await study.work();
  expect((await study.record()).endReason).toBe(END_REASON_DONE);
  expect(await study.trial(held.number)).toMatchObject({ state: 'stopped', retracted: true });
});

test('a strategy that suggests nothing and is not done ends its study with an error, never in a silent wait', async () => {
  const daemon = await start();
  const study = await daemon.open({ strategy: { name: 'stalling', options: {} } });
  expect(await study.work()).toBe(2);
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_ENDED, endReason: END_REASON_FAILURES, errorCode: 'STRATEGY_STALLED' });
});

test('a plugin that fails ends its study with a clear error; what runs may end, others go on, and it can be opened again', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const other = await daemon.open({ name: 'other', budget: { trials: 3 } });
  const [a, b] = [await study.ask('a'), await study.ask('b')];
  await study.complete(a, { loss: 901 });
  await study.tryAsk('c');
  await daemon.settle();
  const record = await study.record();
  expect(record).toMatchObject({ state: STUDY_STATE_ENDED, errorCode: 'PLUGIN_FAILED' });
  expect(record.endDetail).toContain('strategy drawing');
  expect(record.endDetail).toContain('the value is above 900');
  expect((await study.tryAsk('c')).detail).toContain('the value is above 900');
  await study.complete(b, { loss: 3 });
  expect((await study.record()).bestValue).toBe(3);
  expect(await other.work()).toBe(3);
  await study.control(a.number, ControlAction.CONTROL_ACTION_RETRACT);
  await study.update({ state: STUDY_STATE_OPEN });
  expect(await study.work({ limit: 2 })).toBe(2);
  await daemon.settle();
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('a study that failed with its plugin goes on with another strategy and a revision, as the error says', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await study.complete(await study.ask(), { loss: 901 });
  await study.tryAsk('c');
  await daemon.settle();
  await study.tryAsk('c', { waitMs: 0 });
  await daemon.pass(1000);
  expect((await study.record()).errorCode).toBe('PLUGIN_FAILED');
  expect((await study.record()).endDetail).toContain('{ revise: true }');
  await daemon.open({ strategy: { name: 'replacing', options: {} } }, OpenMode.OPEN_MODE_REVISE);
  expect(await study.record()).toMatchObject({ state: STUDY_STATE_OPEN, revision: 2, errorCode: '' });
  const held = await study.ask('w', { revision: 2 });
  await study.complete(held, { loss: 1 });
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('a study whose plugin was missing when the daemon started goes on once it is installed and the study opened', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await study.work({ limit: 2 });
  const next = await daemon.crash({ plugins: [] });
  onTestFinished(() => next.close());
  await next.settle();
  expect(await study.at(next).record()).toMatchObject({ state: STUDY_STATE_ENDED, errorCode: 'UNKNOWN_PLUGIN' });
  testPlugins.forEach(next.host.install);
  await next.open();
  expect(await study.at(next).work({ limit: 2 })).toBe(2);
  expect(await next.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('a worker that dies after its study has failed leaves no trial waiting', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const [a, b] = [await study.ask('a'), await study.ask('b')];
  await study.report(b, { 0: 5 });
  await study.complete(a, { loss: 901 });
  await study.tryAsk('c');
  await study.tryAsk('c', { waitMs: 0 });
  await study.heartbeat(b);
  await daemon.pass(30_000);
  expect(await study.trial(b.number)).toMatchObject({ state: 'stopped', value: 5 });
});

test('a raised budget opens the study again, and the strategy goes on where it was', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 2 } });
  await study.work();
  expect((await study.record()).endReason).toBe(END_REASON_BUDGET);
  await study.update({ budget: { trials: 5n, steps: undefined, wallMs: undefined, cost: undefined, costPerTrial: undefined } });
  expect(await study.work()).toBe(3);
  expect(await study.record()).toMatchObject({ endReason: END_REASON_BUDGET, spent: { trials: 5n }, era: 1 });
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('a budget raised by whoever joins opens the study again', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 2 } });
  await study.work();
  const again = await daemon.open({ budget: { trials: 3 } });
  expect(again.studyId).toBe(study.studyId);
  expect(await again.work()).toBe(1);
});
