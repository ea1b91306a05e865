import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

test('the median stopper ends a trial that is worse than the median, at the milestone where it shows', { timeout: 40_000 }, async () => {
  const { code, stdout, stderr } = await sandbox.script(`
    import { float, space, tune } from 'paramo';
    const { study } = await tune(
      { name: 'stops', space: space({ x: float(0, 1) }), objective: 'max acc', stopper: { name: 'median', options: { startupTrials: 3, warmupSteps: 2 } }, budget: { trials: 5 } },
      async (trial) => {
        for (let step = 0; step < 6 && !trial.stopped; step++) await trial.report({ acc: trial.number < 4 ? 0.9 : 0.1 }, step);
      },
    );
    for (const { number, state, done, reason } of await study.trials()) console.log(number, state, done, reason);
  `).ended;
  expect(`${code} ${stderr}`).toBe('0 ');
  const lines = stdout.trim().split('\n');
  expect(lines.slice(0, 4)).toEqual(['0 completed 6 ', '1 completed 6 ', '2 completed 6 ', '3 completed 6 ']);
  expect(lines[4]).toMatch(/^4 stopped 3 after 3 steps its best acc is 0\.1; the median/);
});
