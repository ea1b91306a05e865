import { afterEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

const worker = `
import { float, space, tune } from 'paramo';
import { setTimeout as pause } from 'node:timers/promises';
await tune({ name: 'together', space: space({ x: float(-1, 1) }), objective: 'min loss', strategy: 'random', stopper: { name: 'median', options: { startupTrials: 3 } }, seed: 1, lease: '1s', budget: { trials: 15 } }, async (trial) => {
  for await (const step of trial.steps(4)) {
    trial.log({ loss: trial.params.x ** 2 + 1 / (step + 1) });
    console.log('trial ' + trial.number + ' step ' + step);
    await pause(40);
  }
});
console.log('over');
`;

interface Listed {
  readonly number: number;
  readonly state: string;
  readonly attempt: number;
  readonly lost: number;
  readonly done: number;
}

test('three processes share a study; one killed in mid-trial costs nothing, numbers have no gaps, and replay confirms it', { timeout: 40_000 }, async () => {
  sandbox = createSandbox();
  await sandbox.paramo('up');
  const [victim, ...others] = [1, 2, 3].map(() => sandbox.script(worker));
  const [, killed] = await victim!.line(/^trial (\d+) step 1$/);
  victim!.kill('SIGKILL');
  expect(await victim!.ended).toMatchObject({ signal: 'SIGKILL' });
  for (const one of others) expect(await one.ended).toMatchObject({ code: 0, stderr: '' });

  const trials = JSON.parse((await sandbox.paramo('trials', 'together', '--json')).stdout) as readonly Listed[];
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 15 }, (_, number) => number));
  expect(trials.filter(({ state }) => state !== 'completed' && state !== 'stopped')).toEqual([]);
  expect(trials[Number(killed)]).toMatchObject({ attempt: 2, lost: 1 });
  expect(new Set(others.flatMap(({ stdout }) => [...stdout.matchAll(/^trial (\d+)/gm)].map(([, number]) => number))).size).toBeGreaterThan(8);
  expect(await sandbox.paramo('replay', 'together')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^reproduced: /) as unknown });
});
