import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Running, Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = createSandbox();
  await sandbox.paramo('up');
});
afterEach(() => sandbox.close());

/** `slow`: the code of a trial takes no notice of anything. */
const script = (slow: boolean): string => `
import { float, space, tune } from 'paramo';
import { setTimeout as pause } from 'node:timers/promises';
await tune({ name: 'halted', space: space({ x: float(-1, 1) }), objective: 'min loss', strategy: 'random', seed: 1, budget: { trials: 4 } }, async (trial) => {
  console.log('begin ' + trial.number);
  for await (const step of trial.steps(3)) {
    trial.log({ loss: trial.params.x ** 2 });
    await pause(${slow ? 60_000 : 30});
  }
}, { workers: 2 });
console.log('over');
`;

const states = async (): Promise<readonly { state: string; attempt: number; lost: number }[]> => JSON.parse((await sandbox.paramo('trials', 'halted', '--json')).stdout) as { state: string; attempt: number; lost: number }[];

async function finishes(): Promise<void> {
  const later = sandbox.script(script(false));
  expect(await later.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('over') as unknown });
  const trials = await states();
  expect(trials.map(({ state, lost }) => [state, lost])).toEqual(Array.from({ length: 4 }, () => ['completed', 0]));
  expect(await sandbox.paramo('replay', 'halted')).toMatchObject({ code: 0 });
}

async function running(slow: boolean): Promise<Running> {
  const run = sandbox.script(script(slow));
  await run.line(/^begin 0$/);
  await run.line(/^begin 1$/);
  return run;
}

describe('a process told to end', () => {
  test('SIGINT once gives the running trials back and exits with 130, and the study goes on later', async () => {
    const run = await running(false);
    run.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect({ code, stderr }).toMatchObject({ code: 130 });
    expect(stderr).toContain('interrupted by SIGINT');
    expect((await states()).filter(({ state }) => state === 'running')).toEqual([]);
    await finishes();
  });

  test('SIGINT twice ends at once, whatever the code is doing', async () => {
    const run = await running(true);
    run.kill('SIGINT');
    await expect.poll(async () => (await states()).filter(({ state }) => state === 'running')).toEqual([]);
    run.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 130 });
    await finishes();
  });

  test('SIGTERM gives the running trials back and exits with 143 within its grace', async () => {
    const run = await running(true);
    run.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: 143 });
    expect((await states()).filter(({ state }) => state === 'running')).toEqual([]);
    await finishes();
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s lets a trial that saves checkpoints save the one at hand, so that nothing is done again', async (signal) => {
    const saving = `
import { float, space, tune } from 'paramo';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
await tune({ name: 'halted', space: space({ x: float(-1, 1) }), objective: 'max count', strategy: 'random', seed: 1, budget: { trials: 1 } }, async (trial) => {
  let count = trial.resume ? Number(readFileSync(trial.resume.dir + '/count', 'utf8')) : 0;
  console.log('begin ' + count);
  for await (const step of trial.steps(8)) {
    await pause(120);
    trial.log({ count: ++count });
    console.log('step ' + step);
    await trial.checkpoint((dir) => writeFileSync(dir + '/count', String(count)));
  }
});
`;
    const run = sandbox.script(saving);
    await run.line(/^step 2$/);
    run.kill(signal);
    const { code, stdout } = await run.ended;
    expect(code).toBe(signal === 'SIGTERM' ? 143 : 130);
    const last = Number(stdout.trim().split('\n').at(-1)!.replace('step ', ''));
    const later = await sandbox.script(saving).ended;
    expect(later.stdout).toContain(`begin ${last + 1}\nstep ${last + 1}\n`);
    expect(await states()).toMatchObject([{ state: 'completed', value: 8, done: 8, attempt: 2, lost: 0 }]);
  });
});
