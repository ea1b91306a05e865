import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

const runs = async (): Promise<readonly Record<string, unknown>[]> => JSON.parse((await sandbox.paramo('trials', 'baseline', '--json')).stdout) as Record<string, unknown>[];

describe('a tracked run', () => {
  test('three calls keep params and every point, from nothing', async () => {
    const script = sandbox.script(`
import { track } from 'paramo';
const done = await track('baseline', { params: { lr: 1e-3, batch: 64 } }, async (run) => {
  for await (const epoch of run.steps(20)) run.log({ loss: 1 / (epoch + 1) });
});
const { values } = await done.series('loss');
console.log(done.state, values.length);
`);
    expect(await script.ended).toMatchObject({ code: 0, stdout: 'completed 20\n', stderr: '' });
    expect(await runs()).toMatchObject([{ number: 0, state: 'completed', params: { lr: 1e-3, batch: 64 }, done: 20, metrics: { loss: 0.05 } }]);
  });

  test('what it throws fails the run and is thrown on', async () => {
    const { code, stderr } = await sandbox.script(`import { track } from 'paramo'; await track('baseline', {}, () => { throw new Error('no such file'); });`).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('Error: no such file');
    expect(await runs()).toMatchObject([{ state: 'failed', error: { message: 'no such file' } }]);
  });

  test('one whose process is killed is never handed out again: past its lease it is failed', async () => {
    const script = sandbox.script(`
import { track } from 'paramo';
await track('baseline', { study: { lease: '1s' } }, async (run) => { run.log({ loss: 1 }); console.log('runs'); await new Promise((resolve) => setTimeout(resolve, 60_000)); });
`);
    await script.line(/^runs$/);
    script.kill('SIGKILL');
    await expect.poll(runs, { timeout: 10_000, interval: 200 }).toMatchObject([{ state: 'failed', attempt: 1 }]);
  });

  test('SIGINT fails the run and exits with 130', async () => {
    const script = sandbox.script(`import { track } from 'paramo'; await track('baseline', {}, async () => { console.log('runs'); await new Promise((resolve) => setTimeout(resolve, 60_000)); });`);
    await script.line(/^runs$/);
    script.kill('SIGINT');
    // A second one is not needed: the run was ended, and the error that says so ends the program.
    expect((await script.ended).code).toBe(130);
    expect(await runs()).toMatchObject([{ state: 'failed' }]);
  });

  test('SIGINT in the first moment of its code does so too', async () => {
    const script = sandbox.script(`import { track } from 'paramo'; await track('baseline', {}, async () => { process.kill(process.pid, 'SIGINT'); await new Promise(() => undefined); });`);
    expect((await script.ended).code).toBe(130);
    expect(await runs()).toMatchObject([{ state: 'failed' }]);
  });
});
