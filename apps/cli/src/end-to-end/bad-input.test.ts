import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = createSandbox();
  mkdirSync(sandbox.home, { mode: 0o700 });
  writeFileSync(join(sandbox.home, 'config.json'), '{ "plugins": ["paramo-strategy-wanted"] }');
  await sandbox.paramo('up');
});
afterAll(() => sandbox.close());

/** Runs a script that starts from a study of one parameter, and prints what each `attempt` came to. */
async function run(body: string): Promise<readonly string[]> {
  const { code, stdout, stderr } = await sandbox.script(`
import { choice, float, int, openStudy, space, tune } from 'paramo';
const s = space({ lr: float(1e-3, 1, { log: true }) });
const base = { space: s, objective: 'min loss', strategy: 'random', budget: { trials: 2 } };
const attempt = async (run) => { try { await run(); console.log('fine'); } catch (error) { console.log(error.message.replaceAll('\\n', ' ')); } };
${body}`).ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout.trimEnd().split('\n');
}

describe('a plugin that cannot be had', () => {
  test('an unknown strategy and an unknown option name the near miss, and no study is made', async () => {
    const [strategy, option, value] = await run(`
await attempt(() => openStudy({ ...base, name: 'p', strategy: 'randm' }));
await attempt(() => openStudy({ ...base, name: 'p', strategy: { name: 'random', options: { sequense: 'sobol' } } }));
await attempt(() => openStudy({ ...base, name: 'p', strategy: { name: 'random', options: { sequence: 'sobl' } } }));
`);
    expect(strategy).toMatch(/^UNKNOWN_PLUGIN: .*"?randm"?.*random/);
    expect(option).toMatch(/^INVALID_OPTIONS: .*sequense.*sequence/);
    expect(value).toMatch(/^INVALID_OPTIONS: .*sobl.*sobol/);
    expect((await sandbox.paramo('trials', 'p')).code).toBe(3);
  });

  test('one that is not installed is answered with the command that installs it', async () => {
    const [wanted] = await run(`await attempt(() => openStudy({ ...base, name: 'p', strategy: 'wanted' }));`);
    expect(wanted).toMatch(/^PLUGIN_NOT_INSTALLED: .*npm install paramo-strategy-wanted/);
  });

  test('a float without a resolution on a grid is told what to set', async () => {
    const [grid] = await run(`await attempt(() => openStudy({ ...base, name: 'p', strategy: 'grid' }));`);
    expect(grid).toMatch(/^INVALID_\w+: .*lr.*(resolution|points|step)/);
  });
});

describe('a space that makes no sense', () => {
  test('reversed bounds and log bounds at or below zero say what to change', async () => {
    const found = await run(`
await attempt(() => space({ lr: float(1, 0) }));
await attempt(() => space({ lr: float(0, 1, { log: true }) }));
await attempt(() => space({ n: int(-1, 8, { log: true }) }));
`);
    expect(found[0]).toMatch(/^INVALID_SPACE: .*lr.*1.*0/);
    expect(found[1]).toMatch(/^INVALID_SPACE: .*lr.*log.*above 0/);
    expect(found[2]).toMatch(/^INVALID_SPACE: .*n.*log.*(above 0|from 1)/);
  });
});

describe('a name that is used already', () => {
  test('another space, and another objective, is a mismatch that says how to go on', async () => {
    const found = await run(`
await openStudy({ ...base, name: 'taken' });
await attempt(() => openStudy({ ...base, name: 'taken', space: space({ lr: float(1e-3, 2, { log: true }) }) }));
await attempt(() => openStudy({ ...base, name: 'taken', objective: 'max accuracy' }));
await attempt(() => openStudy({ ...base, name: 'taken' }));
await attempt(() => openStudy({ ...base, name: 'taken', space: space({ lr: float(1e-3, 2, { log: true }) }), revise: true }));
`);
    expect(found[0]).toMatch(/^STUDY_MISMATCH: study "taken" .*lr.*revise: true/);
    expect(found[1]).toMatch(/^STUDY_MISMATCH: study "taken" .*another name/);
    expect(found.slice(2)).toEqual(['fine', 'fine']);
  });
});

describe('values that are none', () => {
  test('a trial that ends without its objective fails with what to add', async () => {
    const [error] = await run(`await attempt(() => tune({ ...base, name: 'mute' }, (trial) => { trial.log({ lss: 1 }); }));`);
    expect(error).toMatch(/^STUDY_ENDED: .*loss/);
    const trials = JSON.parse((await sandbox.paramo('trials', 'mute', '--json')).stdout) as readonly { state: string; error: { message: string } }[];
    expect(trials.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(trials[0]!.error.message).toMatch(/loss.*lss|lss.*loss/);
  });

  test('NaN and Infinity are stored and never best', async () => {
    const [best] = await run(`
const found = await tune({ ...base, name: 'wild', objective: 'max score', budget: { trials: 4 } }, (trial) => ({ score: [NaN, Infinity, -1, -Infinity][trial.number] }));
console.log(JSON.stringify([found.number, found.value]));
`);
    expect(best).toBe('[2,-1]');
    const trials = JSON.parse((await sandbox.paramo('trials', 'wild', '--json')).stdout) as readonly { state: string; value?: number; metrics: object }[];
    expect(trials.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed', 'completed']);
    expect(trials.map(({ metrics }) => metrics)).toEqual([{ score: 'NaN' }, { score: 'Infinity' }, { score: -1 }, { score: '-Infinity' }]);
    expect(await sandbox.paramo('replay', 'wild')).toMatchObject({ code: 0 });
  });
});

describe('a budget that is used up', () => {
  test('the study answers its best and says how to go on, and a raised budget goes on', async () => {
    const script = `
const options = { ...base, name: 'spent', budget: { trials: Number(process.env.TRIALS ?? 2) } };
const best = await tune(options, (trial) => ({ loss: trial.params.lr }));
console.log(best.study.record.counts.completed);
`;
    expect(await run(script)).toEqual(['2']);
    const again = await sandbox.script(`import { float, space, tune } from 'paramo'; const s = space({ lr: float(1e-3, 1, { log: true }) });
for (const trials of [2, 3]) { const best = await tune({ name: 'spent', space: s, objective: 'min loss', strategy: 'random', budget: { trials } }, (trial) => ({ loss: trial.params.lr })); console.log(best.study.record.counts.completed); }`).ended;
    expect(again).toMatchObject({ code: 0, stdout: '2\n3\n' });
    expect(again.stderr).toMatch(/used up its budget; raise budget\.trials, or give \{ fresh: true \}/);
  });
});
