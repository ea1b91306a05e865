import { choice, float, space } from '@paramo/core';
import { OpenMode, OpenStudyRequest, StudyServiceService } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const { OPEN_MODE_EXISTING, OPEN_MODE_FRESH, OPEN_MODE_JOIN, OPEN_MODE_REVISE } = OpenMode;
const spaceOf = (...opts: string[]) => space({ x: float(0, 1), opt: choice(opts) }).spec;

test('a name resolves to one study, however many open it at once', async () => {
  const daemon = await start();
  const all = await Promise.all(Array.from({ length: 20 }, () => daemon.open()));
  expect(new Set(all.map(({ studyId }) => studyId)).size).toBe(1);
  expect(all.filter(({ created }) => created)).toHaveLength(1);
});

test('whoever joins without a budget or rules leaves those of the study as they are', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 5 }, rules: { maxFailures: 3, retries: 1, retryOnFailure: true, leaseMs: 5000, keepCheckpoints: 2 } });
  const { spec } = await study.record();
  const bare = OpenStudyRequest.fromPartial({ spec: { ...spec, budget: undefined, rules: undefined } });
  await daemon.transport.unary(StudyServiceService.openStudy, bare);
  expect((await study.record()).spec).toEqual(spec);
  await daemon.open({ budget: { trials: 9 } });
  expect((await study.record()).spec!.budget!.trials).toBe(9n);
});

test('another space is refused with the difference and what to do', async () => {
  const daemon = await start();
  await daemon.open({ name: 'mnist', space: spaceOf('adam', 'sgd') });
  await expect(daemon.open({ name: 'mnist', space: spaceOf('adam', 'rmsprop') })).rejects.toMatchObject({
    code: 'STUDY_MISMATCH', summary: 'study "mnist" has opt in [adam, sgd]; this script asks for [adam, rmsprop]',
    hint: 'Give { revise: true } to make revision 2 (old trials stay usable), or another name.',
  });
});

test('another strategy, stopper or parameter is refused and named', async () => {
  const daemon = await start();
  await daemon.open();
  for (const [changes, text] of [
    [{ strategy: { name: 'drawing', options: { trials: 9 } } }, 'has strategy drawing; this script asks for drawing {"trials":9}'],
    [{ stopper: { name: 'cutting', options: {} } }, 'has stopper none; this script asks for cutting'],
    [{ space: space({ x: float(0, 1) }).spec }, 'has the parameter opt; this script does not'],
    [{ space: space({ x: float(0, 2), opt: choice(['a', 'b']) }).spec }, 'has x in [0, 1]; this script asks for [0, 2]'],
  ] as const) {
    await expect(daemon.open(changes)).rejects.toMatchObject({ code: 'STUDY_MISMATCH', summary: expect.stringContaining(text) });
  }
});

test('a study without a readable name or without parameters is refused with what to do', async () => {
  const daemon = await start();
  await expect(daemon.open({ name: '  ' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', summary: 'the study\'s name is "  "' });
  await expect(daemon.open({ space: { parameters: [] } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', summary: 'the space has no parameters' });
});

test('another objective can never be joined', async () => {
  const daemon = await start();
  await daemon.open();
  for (const mode of [OPEN_MODE_JOIN, OPEN_MODE_REVISE]) {
    const other = daemon.open({ objectives: [{ metric: 'loss', goal: 'max', at: 'last' }] }, mode);
    await expect(other).rejects.toMatchObject({ code: 'STUDY_MISMATCH', summary: expect.stringContaining('has the objective min loss; this script asks for max loss'), hint: expect.stringContaining('another name') });
  }
});

test('a revision voids what waits, keeps old trials usable and starts the plugins in a new era', async () => {
  const daemon = await start();
  const study = await daemon.open({ space: spaceOf('a', 'b') });
  await study.work({ limit: 5 });
  await daemon.settle();
  const waiting = (await study.trials('state = waiting')).map(({ number }) => number);
  const revised = await daemon.open({ space: spaceOf('a', 'b', 'c') }, OPEN_MODE_REVISE, { expectedRevision: 1 });
  expect(revised.opened).toMatchObject({ revision: 2, era: 2 });
  for (const number of waiting) expect(await study.trial(number)).toMatchObject({ state: 'cancelled', reason: 'revision 2' });
  const kinds = (await study.log()).map(({ kind }) => kind);
  const at = kinds.indexOf('study_revised');
  expect(kinds.slice(at, at + 3)).toEqual(['study_revised', 'trial_ended', 'era_opened']);
  const held = await study.ask('w', { revision: 2 });
  expect(held.trial).toMatchObject({ revision: 2 });
  await study.complete(held, { loss: 9 });
  expect((await study.record()).bestTrial).toBeLessThan(5n);
  await daemon.settle();
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
  const created = (await study.log()).filter((event) => event.kind === 'trial_created' && event.revision === 2);
  expect(created[0]).toMatchObject({ memo: { own: 6, best: expect.any(Number) } });
});

test('a revision keeps a trial that was given back as long as its params lie in the new space', async () => {
  const daemon = await start();
  const study = await daemon.open({ space: spaceOf('a', 'b') });
  await daemon.settle();
  const { trial: fits } = await study.enqueue({ x: 0.5, opt: 'a' });
  const { trial: doesNot } = await study.enqueue({ x: 0.5, opt: 'b' });
  await daemon.open({ space: spaceOf('a', 'c') }, OPEN_MODE_REVISE);
  expect((await study.trial(fits.number)).state).toBe('waiting');
  expect((await study.trial(doesNot.number)).state).toBe('cancelled');
});

test('of two that revise the same revision one wins', async () => {
  const daemon = await start();
  await daemon.open({ space: spaceOf('a', 'b') });
  const outcomes = await Promise.allSettled(['c', 'd'].map((opt) => daemon.open({ space: spaceOf('a', 'b', opt) }, OPEN_MODE_REVISE, { expectedRevision: 1 })));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'REVISION_CONFLICT' } });
});

test('a revision to a plugin that is not there changes nothing', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await expect(daemon.open({ strategy: { name: 'nowhere', options: {} } }, OPEN_MODE_REVISE)).rejects.toMatchObject({ code: 'UNKNOWN_PLUGIN' });
  expect(await study.record()).toMatchObject({ revision: 1, state: 1 });
  expect(await study.work({ limit: 2 })).toBe(2);
});

test('fresh moves the name to a new study, and the old one keeps its id under another name', async () => {
  const daemon = await start();
  const old = await daemon.open();
  await old.work({ limit: 2 });
  const request = { requestId: 'fresh 1' };
  const [fresh, again] = [await daemon.open({}, OPEN_MODE_FRESH, request), await daemon.open({}, OPEN_MODE_FRESH, request)];
  expect(fresh.studyId).not.toBe(old.studyId);
  expect(again.studyId).toBe(fresh.studyId);
  expect((await old.record()).spec!.name).toBe('study~1');
  expect((await daemon.open()).studyId).toBe(fresh.studyId);
  expect((await daemon.open({ name: 'study~1' })).studyId).toBe(old.studyId);
  const third = await daemon.open({}, OPEN_MODE_FRESH);
  expect((await fresh.record()).spec!.name).toBe('study~2');
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  expect((await next.open()).studyId).toBe(third.studyId);
});

test('a study that does not fit its plugins is refused before it exists', async () => {
  const daemon = await start();
  await expect(daemon.open({ strategy: { name: 'drawin', options: {} } })).rejects.toMatchObject({ code: 'UNKNOWN_PLUGIN' });
  await expect(daemon.open({ strategy: { name: 'drawing', options: { trails: 3 } } })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('trials') });
  await expect(daemon.open({ strategy: { name: 'stalling', options: {} }, objectives: [{ metric: 'a', goal: 'min', at: 'last' }, { metric: 'b', goal: 'min', at: 'last' }] })).rejects.toMatchObject({ code: 'PLUGIN_MISMATCH' });
  await expect(daemon.open({ objectives: [] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await expect(daemon.open({ budget: { cost: 3 } })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  await expect(daemon.open({}, OPEN_MODE_EXISTING)).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
});

test('a name that nobody gave is answered with the nearest one', async () => {
  const daemon = await start();
  await daemon.open({ name: 'mnist' });
  await expect(daemon.open({ name: 'mnits' }, OPEN_MODE_EXISTING)).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND', hint: 'Did you mean "mnist"?' });
});
