import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

/** Three workers that need three seconds a trial, under leases of one. */
const script = `
import { float, space, tune } from 'paramo';
import { setTimeout as pause } from 'node:timers/promises';
await tune({ name: 'patient', space: space({ x: float(-1, 1) }), objective: 'min loss', strategy: 'random', seed: 1, lease: '1s', budget: { trials: 3 } }, async (trial) => {
  for await (const step of trial.steps(30)) {
    trial.log({ loss: trial.params.x ** 2 + 1 / (step + 1) });
    if (step === 2) console.log('trial ' + trial.number);
    await pause(100);
  }
}, { workers: 3 });
console.log('done');
`;

test('a daemon that is stopped for longer than its leases takes no trial away', async () => {
  const run = sandbox.script(script);
  await Promise.all([0, 1, 2].map((number) => run.line(new RegExp(`^trial ${number}$`))));
  const { pid } = sandbox.daemon();
  process.kill(pid, 'SIGSTOP');
  await pause(2500);
  process.kill(pid, 'SIGCONT');
  expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('done') as unknown });
  expect(sandbox.daemon().pid).toBe(pid);
  const trials = JSON.parse((await sandbox.paramo('trials', 'patient', '--json')).stdout) as readonly { state: string; attempt: number; lost: number; done: number }[];
  expect(trials.map(({ state, attempt, lost, done }) => ({ state, attempt, lost, done }))).toEqual(Array.from({ length: 3 }, () => ({ state: 'completed', attempt: 1, lost: 0, done: 30 })));
});

test('a paused study starts nothing, tells whoever waits why, and goes on when it is resumed', async () => {
  const run = sandbox.script(script.replace('workers: 3', 'workers: 1').replace('trials: 3', 'trials: 2'));
  await run.line(/^trial 0$/);
  expect(await sandbox.paramo('pause', 'patient', '--reason', 'the cluster is needed')).toMatchObject({ code: 0, stderr: expect.stringContaining('`paramo resume patient`') as unknown });
  for (let tries = 0; !run.stderr.includes('waiting for trials: the cluster is needed') && tries < 150; tries++) await pause(100);
  expect(run.stdout).not.toContain('trial 1');
  expect(await sandbox.paramo('resume', 'patient')).toMatchObject({ code: 0 });
  expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('done') as unknown });
});
