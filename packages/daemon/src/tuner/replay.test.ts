import type { LogEvent, Plugin } from '@paramo/core';
import { ControlAction, OpenMode, ReplayOutcome } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { createWrites } from '../store/study-writes.js';
import { testPlugins } from './testing/plugins.js';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';
import type { TestStudy } from './testing/test-study.js';

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const { REPLAY_OUTCOME_DIFFERS, REPLAY_OUTCOME_NOT_CHECKABLE, REPLAY_OUTCOME_REPRODUCED } = ReplayOutcome;

async function worked(options: TestDaemonOptions = {}): Promise<{ readonly daemon: TestDaemon; readonly study: TestStudy }> {
  const daemon = await start({ dropChance: 0.5, ...options });
  const study = await daemon.open({ stopper: { name: 'cutting', options: {} }, budget: { trials: 12 } });
  let turn = 0;
  await study.work({ loss: () => (++turn % 3 === 0 ? 20 : turn) });
  await daemon.settle();
  return { daemon, study };
}

test('a log is reproduced however often its instances were dropped, and after restarts', async () => {
  const { daemon, study } = await worked();
  expect(daemon.host.built).toBeGreaterThan(5);
  const { counts } = await study.record();
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: REPLAY_OUTCOME_REPRODUCED, reproduced: 12n + counts!.stopped });
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  await study.at(next).update({ budget: { trials: 15n, steps: undefined, wallMs: undefined, cost: undefined, costPerTrial: undefined } });
  await study.at(next).work();
  await next.settle();
  expect(await next.replay(study.studyId)).toMatchObject({ outcome: REPLAY_OUTCOME_REPRODUCED });
});

test.each<[string, (event: LogEvent) => LogEvent | undefined]>([
  ['changed params', (event) => (event.kind === 'trial_created' && event.trial === 4 ? { ...event, params: { ...event.params, x: 0.123 } } : undefined)],
  ['a changed value that a later suggestion leaned on', (event) => (event.kind === 'trial_ended' && event.trial === 0 ? { ...event, value: -5 } : undefined)],
  ['a decision nobody made', (event) => (event.kind === 'trial_decided' ? { ...event, reason: 'a whim' } : undefined)],
  ['a report that was changed after a decision', (event) => (event.kind === 'trial_reported' && event.values['loss']! > 10 ? { ...event, values: { loss: 1 } } : undefined)],
])('a tampered log is found out: %s', async (_, tamper) => {
  const { daemon, study } = await worked();
  const changed = (await study.log()).flatMap((event) => tamper(event) ?? []);
  const writes = createWrites();
  for (const event of changed) writes.event(study.studyId, event);
  await daemon.services.tuner.studies.store.commit(writes.writes);
  const answer = await daemon.replay(study.studyId);
  expect(answer.outcome).toBe(REPLAY_OUTCOME_DIFFERS);
  expect(answer.differsAt).toBeGreaterThanOrEqual(BigInt(changed[0]!.position));
  expect(answer.detail).toMatch(/trial \d+/);
});

test('a log without the decisions its stopper wanted is told apart from one with them', async () => {
  const { daemon, study } = await worked();
  expect((await daemon.replay(study.studyId)).detail).not.toContain('had ended before');
  const log = await study.log();
  const stopped = log.flatMap((event) => (event.kind === 'trial_decided' ? [event.trial] : []));
  expect(stopped.length).toBeGreaterThan(0);
  // As if nobody had listened to the stopper: each decision is gone, and its trial completed.
  const writes = createWrites();
  for (const event of log) {
    if (event.kind === 'trial_decided') writes.event(study.studyId, { position: event.position, wallMs: event.wallMs, kind: 'study_updated', reason: 'nothing' });
    if (event.kind === 'trial_ended' && stopped.includes(event.trial)) writes.event(study.studyId, { ...event, state: 'completed' });
  }
  await daemon.services.tuner.studies.store.commit(writes.writes);
  expect((await daemon.replay(study.studyId)).detail).toContain('had ended before a decision about');
});

test('a log whose plugin is of another version now is not checkable, and says which', async () => {
  const { daemon, study } = await worked();
  const newer: Plugin = { ...testPlugins.find(({ name }) => name === 'drawing')!, version: '2.0.0' };
  daemon.host.install(newer);
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: REPLAY_OUTCOME_NOT_CHECKABLE, detail: 'era 1 used @paramo/strategy-drawing 1.0.0; @paramo/strategy-drawing 2.0.0 is installed' });
});

test('a daemon that starts with another version of a plugin begins a new era', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await study.work({ limit: 3 });
  await daemon.settle();
  const newer: Plugin = { ...testPlugins.find(({ name }) => name === 'drawing')!, version: '2.0.0' };
  const next = await daemon.crash({ plugins: [...testPlugins, newer] });
  onTestFinished(() => next.close());
  const there = study.at(next);
  await there.work({ limit: 2 });
  await next.settle();
  expect(await there.record()).toMatchObject({ era: 2, state: 1 });
  expect((await there.log()).find((event) => event.kind === 'era_opened' && event.era === 2)).toMatchObject({ reason: 'strategy changed from @paramo/strategy-drawing 1.0.0 to @paramo/strategy-drawing 2.0.0' });
  expect(await next.replay(study.studyId)).toMatchObject({ outcome: REPLAY_OUTCOME_NOT_CHECKABLE });
});

test('a study that is over takes no new era when it is only looked at', async () => {
  const { daemon, study } = await worked();
  const before = (await study.log()).length;
  const next = await daemon.crash({ plugins: [] });
  onTestFinished(() => next.close());
  expect(await study.at(next).log()).toHaveLength(before);
  await next.settle();
  expect(await study.at(next).log()).toHaveLength(before);
});

test('a retracted trial is left out: another is best, and the plugins start again without it', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const losses = [5, 1, 3];
  for (const loss of losses) await study.complete(await study.ask(), { loss });
  expect((await study.record()).bestTrial).toBe(1n);
  await study.control(1, ControlAction.CONTROL_ACTION_RETRACT);
  expect(await study.record()).toMatchObject({ bestTrial: 2n, bestValue: 3, era: 2 });
  expect((await study.trials()).map(({ number }) => number)).not.toContain(1);
  const held = await study.ask();
  const created = (await study.log()).find((event) => event.kind === 'trial_created' && event.trial === held.number);
  expect(created).toMatchObject({ memo: { best: 3 } });
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  expect(next.services.tuner.study(study.studyId).journal.state.record).toMatchObject({ bestTrial: 2, bestValue: 3 });
  expect(await next.replay(study.studyId)).toMatchObject({ outcome: REPLAY_OUTCOME_REPRODUCED });
});

test('retractions and revisions at once begin one era after the other', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await study.work({ limit: 6 });
  await Promise.all([
    ...[0, 1, 2].map((trial) => study.control(trial, ControlAction.CONTROL_ACTION_RETRACT)),
    daemon.open({ strategy: { name: 'drawing', options: { trials: 40 } } }, OpenMode.OPEN_MODE_REVISE),
  ]);
  await daemon.settle();
  const eras = (await study.log()).filter((event) => event.kind === 'era_opened').map(({ era }) => era);
  expect(eras).toEqual([1, 2, 3, 4, 5]);
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: REPLAY_OUTCOME_REPRODUCED });
});
