import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

test('bayes searches with several workers at once, says why, closes in on the optimum, and replay confirms it', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await sandbox.script(`
    import { choice, float, space, tune } from 'paramo';
    const best = await tune(
      { name: 'model', space: space({ lr: float(1e-5, 1e-1, { log: true, default: 1e-4 }), opt: choice(['adam', 'sgd']) }), objective: 'min loss', strategy: 'bayes', seed: 1, budget: { trials: 24 } },
      async ({ params }) => (Math.log10(params.lr) + 2.3) ** 2 + (params.opt === 'sgd' ? 0 : 0.5),
      { workers: 3 },
    );
    const trials = await best.study.trials();
    console.log(JSON.stringify({ value: best.value, opt: best.params.opt, first: trials[0].params.lr, kinds: [...new Set(trials.map((trial) => trial.because.kind))] }));
  `).ended;
  expect(`${code} ${stderr}`).toBe('0 ');
  const found = JSON.parse(stdout) as { value: number; opt: string; first: number; kinds: string[] };
  expect(found).toMatchObject({ opt: 'sgd', first: 1e-4 });
  expect(found.kinds).toEqual(expect.arrayContaining(['default', 'model']));
  expect(found.value).toBeLessThan(0.01);
  const replay = await sandbox.paramo('replay', 'model');
  expect(`${replay.code} ${replay.stdout}`).toMatch(/^0 reproduced: 24 /);
});
