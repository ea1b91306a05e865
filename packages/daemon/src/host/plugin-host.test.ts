import { branch, createRandom, createSpace, float, space } from '@paramo/core';
import { createSeededEntropy } from '@paramo/core/testing';
import type { PluginReference } from '@paramo/core';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../system-clock.js';
import { createPluginHost } from './plugin-host.js';
import type { PluginHost, PluginHostOptions } from './host.js';
import { fixtureStopper, fixtureStrategy, installFixtures } from './testing/fixture-plugins.js';
import { eventSource, finishedTrials, studyContext } from './testing/study-fixture.js';

const fixtures = installFixtures({
  '@paramo/strategy-near': fixtureStrategy(),
  'paramo-strategy-far': fixtureStrategy({ fields: 'capabilities: { multiObjective: true, conditional: true },' }),
  'paramo-stopper-fixture': fixtureStopper,
  'paramo-strategy-rungs': fixtureStrategy({ milestones: 'return [1, 3, 9];' }),
  'paramo-strategy-falling': fixtureStrategy({ milestones: 'return [3, 1];' }),
  'paramo-strategy-old': `export default { kind: 'strategy', name: 'old', apiVersion: 0, create() {} };`,
  'paramo-strategy-liar': fixtureStopper,
  'paramo-strategy-nothing': 'export const strategy = 1;',
  'paramo-strategy-picky': fixtureStrategy({ top: `import { ParamoError } from '@paramo/core';`, create: `throw new ParamoError({ code: 'INVALID_SPACE', message: 'x is continuous', hint: 'Give it a step.' });` }),
});
afterAll(fixtures.remove);

const hosts: PluginHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

function openHost(options: Partial<PluginHostOptions> = {}): PluginHost {
  const host = createPluginHost({ sources: () => fixtures.sources, clock: systemClock, threads: 2, ...options });
  hosts.push(host);
  return host;
}

const plain = (name: string): PluginReference => ({ name, options: {} });
const both = ['near', 'far'] as const;

describe('describing plugins', () => {
  test('list tells what each plugin says of itself, and of those that cannot be loaded, why', async () => {
    const list = await openHost().list();
    const by = Object.fromEntries(list.map((info) => [info.name, info]));
    expect(by['far']).toEqual({
      name: 'far', package: 'paramo-strategy-far', version: '1.0.0', kind: 'strategy', description: 'A strategy for tests.',
      optionsSchema: { trials: { type: 'integer', minimum: 1, default: 1_000_000, description: 'How many.' } },
      capabilities: { multiObjective: true, conditional: true },
    });
    expect(by['old']!.error).toMatch(/^PLUGIN_MISMATCH: paramo-strategy-old 1.0.0 is written for version 0 of the plugin contract; this daemon speaks version 1/);
    expect(by['liar']!.error).toMatch(/^PLUGIN_MISMATCH: .* what it exports is a stopper/);
    expect(by['nothing']!.error).toMatch(/^PLUGIN_FAILED: .* failed in its import: its default export is not a plugin/);
  });

  test('an unknown option is refused with the near miss', async () => {
    await expect(openHost().describe('strategy', { name: 'near', options: { trial: 3 } })).rejects.toThrow(/^INVALID_OPTIONS: near has no option trial. Did you mean trials\?/);
  });
});

describe('opening a session', () => {
  test('a study that needs what the plugin does not declare is refused before its first trial', async () => {
    const host = openHost();
    const branched = space({}).and(branch('optimizer', { sgd: { momentum: float(0, 1) }, adam: {} })).spec;
    await expect(host.open('strategy', plain('near'), studyContext({ space: branched }), eventSource([]))).rejects.toThrow(/^PLUGIN_MISMATCH: strategy near cannot deal with branches, but momentum depends on optimizer/);
    const two = [{ metric: 'loss', goal: 'min', at: 'last' }, { metric: 'size', goal: 'min', at: 'last' }] as const;
    await expect(host.open('strategy', plain('near'), studyContext({ objectives: two }), eventSource([]))).rejects.toThrow(/^PLUGIN_MISMATCH: strategy near takes one objective, but the study has 2 \(loss, size\)/);
    await expect(host.open('strategy', plain('far'), studyContext({ space: branched, objectives: two }), eventSource([]))).resolves.toBeDefined();
    await expect(host.open('stopper', plain('fixture'), studyContext({ space: branched }), eventSource([]))).resolves.toBeDefined();
  });

  test("the plugin's own refusal comes through as it is", async () => {
    await expect(openHost().open('strategy', plain('picky'), studyContext(), eventSource([]))).rejects.toMatchObject({ code: 'INVALID_SPACE', hint: 'Give it a step.' });
  });

  test('milestones are what the plugin says, else every report for stoppers and none for strategies', async () => {
    const host = openHost();
    const milestones = async (kind: 'strategy' | 'stopper', name: string) => (await host.open(kind, plain(name), studyContext(), eventSource([]))).milestones;
    expect(await milestones('strategy', 'rungs')).toEqual([1, 3, 9]);
    expect(await milestones('strategy', 'near')).toBe('none');
    expect(await milestones('stopper', 'fixture')).toBe('every');
    await expect(milestones('strategy', 'falling')).rejects.toThrow(/^PLUGIN_FAILED: .* ascending whole numbers from 1; 1 follows 3/);
  });

  test('the identity is the package and its version', async () => {
    const session = await openHost().open('strategy', plain('near'), studyContext(), eventSource([]));
    expect(session.identity).toEqual({ package: '@paramo/strategy-near', version: '1.0.0' });
  });
});

describe.each(both)('a session of %s', (name) => {
  test('suggests from the stream of its key, and only when that is wanted', async () => {
    const session = await openHost().open('strategy', plain(name), studyContext(), eventSource(finishedTrials(3)));
    const expected = createSpace(studyContext().space).fromUnit([createRandom(7, '', 1, 3).next()]);
    expect(await session.ask(18, { suggestion: true })).toEqual({
      position: 18, decisions: [], done: false,
      suggestion: { params: expected, memo: { own: 3, sum: 3, seen: 9 }, because: { kind: 'design', detail: 'draw 3' } },
    });
    expect(await session.ask(18, { suggestion: false })).toEqual({ position: 18, decisions: [], done: false });
  });

  test('feeds only what is new, and builds again when it was dropped or an earlier position is asked', async () => {
    const fed: number[] = [];
    const source = eventSource(finishedTrials(10));
    const session = await openHost().open('strategy', { name, options: { trials: 10 } }, studyContext(), (after, through) => (fed.push(after), source(after, through)));
    expect((await session.ask(30, { suggestion: true })).suggestion).toMatchObject({ memo: { own: 5, seen: 15 } });
    expect(await session.ask(60, { suggestion: false })).toMatchObject({ done: true });
    session.drop();
    const again = await session.ask(60, { suggestion: true });
    expect(again.suggestion).toMatchObject({ memo: { own: 10, seen: 30 } });
    expect((await session.ask(30, { suggestion: true })).suggestion).toMatchObject({ memo: { own: 5, seen: 15 } });
    expect(fed).toEqual([0, 30, 0, 0]);
  });

  test('a long log is replayed in full after a drop', async () => {
    const events = finishedTrials(6_700);
    const through = events.at(-1)!.position;
    const session = await openHost().open('strategy', plain(name), studyContext(), eventSource(events, 7_000));
    const before = await session.ask(through, { suggestion: true });
    session.drop();
    expect(await session.ask(through, { suggestion: true })).toEqual(before);
    expect(before.suggestion).toMatchObject({ memo: { own: 6_700, seen: 20_100 } });
  });

  test('dropped at random it gives the same answers', async () => {
    const answers = async (dropChance: number) => {
      const session = await openHost({ dropChance, entropy: createSeededEntropy(3) }).open('strategy', plain(name), studyContext(), eventSource(finishedTrials(8)));
      const all = [];
      for (let through = 0; through <= 48; through += 6) all.push(await session.ask(through, { suggestion: true }));
      return all;
    };
    expect(await answers(0.5)).toEqual(await answers(0));
  });

  test('drops an idle instance and goes on as if nothing had happened', async () => {
    const fed: number[] = [];
    const source = eventSource(finishedTrials(2));
    const session = await openHost({ idleMs: 30 }).open('strategy', plain(name), studyContext(), (after, through) => (fed.push(after), source(after, through)));
    const before = await session.ask(12, { suggestion: true });
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await session.ask(12, { suggestion: true })).toEqual(before);
    expect(fed).toEqual([0, 0]);
  });

  test('closed, it rejects what is still asked', async () => {
    const session = await openHost().open('strategy', plain(name), studyContext(), eventSource(finishedTrials(2)));
    const asked = [session.ask(12, { suggestion: true }), session.ask(12, { suggestion: true })];
    await session.close();
    for (const ask of asked) await expect(ask).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(session.ask(12, { suggestion: true })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

test('a stopper decides and resumes', async () => {
  const session = await openHost().open('stopper', plain('fixture'), studyContext(), eventSource([
    { kind: 'reported', position: 1, trial: 4, done: 1, values: { loss: 11 }, milestone: 1 },
    { kind: 'yielded', position: 2, trial: 7, to: 'paused' },
  ]));
  expect(await session.ask(1, { suggestion: false })).toEqual({ position: 1, done: false, decisions: [{ trial: 4, action: 'stop', reason: 'above 10' }] });
  expect(await session.ask(2, { suggestion: false })).toMatchObject({ resume: { resume: 7 } });
});

test('a package that was exchanged on disk is not taken for the one the study was opened with', async () => {
  fixtures.install('paramo-strategy-changing', fixtureStrategy());
  const host = openHost({ sources: () => [{ package: 'paramo-strategy-changing', from: fixtures.directory }] });
  const session = await host.open('strategy', plain('changing'), studyContext(), eventSource([]));
  fixtures.install('paramo-strategy-changing', fixtureStrategy(), '2.0.0');
  session.drop();
  await expect(session.ask(0, { suggestion: true })).rejects.toThrow(/^PLUGIN_MISMATCH: .* 1\.0\.0 and 2\.0\.0 are both in use\. Restart the daemon/);
  expect((await host.describe('strategy', plain('changing'))).version).toBe('2.0.0');
});

test('a package that is named and installed while the host is at work is found', async () => {
  const sources = [...fixtures.sources];
  const host = openHost({ sources: () => sources });
  await expect(host.describe('strategy', plain('latecomer'))).rejects.toThrow(/^UNKNOWN_PLUGIN/);
  fixtures.install('paramo-strategy-latecomer', fixtureStrategy());
  sources.push({ package: 'paramo-strategy-latecomer', from: fixtures.directory });
  expect((await host.describe('strategy', plain('latecomer'))).version).toBe('1.0.0');
  expect((await host.list()).map(({ name }) => name)).toContain('latecomer');
});

test('a host that is closed opens nothing and says so', async () => {
  const host = openHost();
  await host.close();
  await expect(host.open('strategy', plain('near'), studyContext(), eventSource([]))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
