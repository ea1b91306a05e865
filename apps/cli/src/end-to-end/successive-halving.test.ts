import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

/** Nine configurations drawn at random, each as good as its `x`, with rungs at 1, 3 and 9 steps. Prints how many steps each trial came to and how it ended. */
const program = (form: 'stop' | 'promote', workers: number): string => `
  import { float, space, tune } from 'paramo';
  const { study } = await tune(
    { name: 'halving', space: space({ x: float(0, 1) }), objective: 'max acc', strategy: 'random', seed: 4, steps: 9, stopper: { name: 'asha', options: { form: '${form}' } }, budget: { trials: 9 } },
    async (trial) => {
      for await (const step of trial.steps(9)) trial.log({ acc: trial.params.x + step / 100 });
    },
    { workers: ${workers} },
  );
  const trials = await study.trials();
  console.log(JSON.stringify(trials.map(({ number, state, done, params, reason }) => ({ number, state, done, x: params.x, reason }))));
`;

interface Ended {
  readonly state: string;
  readonly done: number;
  readonly x: number;
  readonly reason: string;
}

async function run(form: 'stop' | 'promote', workers: number): Promise<Ended[]> {
  const { code, stdout, stderr } = await sandbox.script(program(form, workers)).ended;
  expect(`${code} ${stderr}`).toBe('0 ');
  const replay = await sandbox.paramo('replay', 'halving');
  expect(`${replay.code} ${replay.stdout}`).toMatch(/^0 reproduced/);
  return JSON.parse(stdout) as Ended[];
}

test('asha that stops ends the worse trials at their rungs, and replay confirms it', { timeout: 40_000 }, async () => {
  const trials = await run('stop', 1);
  expect(trials).toHaveLength(9);
  const stopped = trials.filter(({ state }) => state === 'stopped');
  expect(stopped.length).toBeGreaterThan(2);
  for (const { done } of stopped) expect([1, 3]).toContain(done);
  expect(trials.filter(({ state }) => state === 'completed').every(({ done }) => done === 9)).toBe(true);
});

test('asha that promotes pauses trials at their rungs and lets the best go on, and replay confirms it', { timeout: 40_000 }, async () => {
  const trials = await run('promote', 3);
  const completed = trials.filter(({ state }) => state === 'completed');
  expect(trials.filter(({ done }) => done >= 3).length).toBeGreaterThanOrEqual(3);
  expect(completed.length).toBeGreaterThanOrEqual(1);
  expect(completed.every(({ done }) => done === 9)).toBe(true);
  // Whoever was not promoted is over, not left behind.
  expect(trials.every(({ state }) => state === 'completed' || state === 'stopped')).toBe(true);
  const best = Math.max(...trials.map(({ x }) => x));
  expect(completed.map(({ x }) => x)).toContain(best);
});
