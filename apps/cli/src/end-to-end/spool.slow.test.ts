import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

const spools = (): readonly string[] => (existsSync(join(sandbox.home, 'spool')) ? readdirSync(join(sandbox.home, 'spool')) : []);
/** Whether the metric that is logged last has come to disk. */
const isSpooled = (): boolean => spools().some((spool) => readdirSync(join(sandbox.home, 'spool', spool)).some((file) => readFileSync(join(sandbox.home, 'spool', spool, file)).includes('last')));
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await sandbox.paramo(...args, '--json')).stdout);
/** The steps of a metric as they are stored, a line a point. */
const points = async (study: string): Promise<readonly string[]> => (await sandbox.paramo('export', study, '--format', 'csv', '--series')).stdout.trimEnd().split('\n').slice(1);

/** Without series of the machine, whose points would count too. */
const bare = { PARAMO_DESCRIBE: '0' };

test('what a trainer had logged when it was killed is delivered by the next one, once', async () => {
  const trainer = sandbox.script(`
import { track } from 'paramo';
await track('killed', {}, async (run) => {
  run.log({ loss: 0 });
  const told = new Promise((resolve) => process.once('SIGUSR2', resolve));
  console.log('runs');
  await told;
  for (let step = 1; step < 40; step++) run.log({ loss: step });
  run.log({ last: 1 }, 39);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});`, bare);
  await trainer.line(/^runs$/);
  // It takes what it is sent, and answers nothing.
  const { pid } = sandbox.daemon();
  process.kill(pid, 'SIGSTOP');
  trainer.kill('SIGUSR2');
  await expect.poll(isSpooled, { timeout: 10_000 }).toBe(true);
  trainer.kill('SIGKILL');
  await trainer.ended;
  process.kill(pid, 'SIGCONT');
  expect(spools()).toHaveLength(1);

  const next = await sandbox.script(`import { track } from 'paramo'; await track('other', {}, async (run) => { run.log({ loss: 1 }); await new Promise((resolve) => setTimeout(resolve, 1000)); });`).ended;
  expect(next.code).toBe(0);
  expect(await points('killed')).toHaveLength(41);
  expect(spools()).toEqual([]);
});

test('a run whose daemon is away from its first step on ends well, its process in bounded time, and sync delivers it', async () => {
  const trainer = sandbox.script(`
import { connect, track } from 'paramo';
await (await connect()).close();
const connection = await connect({ start: false });
await track('alone', { connection }, async (run) => {
  const told = new Promise((resolve) => process.once('SIGUSR2', resolve));
  console.log('runs');
  await told;
  for await (const step of run.steps(50)) run.log({ loss: 1 / (step + 1) });
  console.log('trained');
});
console.log('over');`, bare);
  await trainer.line(/^runs$/);
  process.kill(sandbox.daemon().pid, 'SIGKILL');
  trainer.kill('SIGUSR2');
  await trainer.line(/^trained$/);
  const trainedMs = performance.now();
  const { code, stderr, stdout } = await trainer.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'runs\ntrained\nover\n' });
  // 5 s, and what a busy machine takes on top.
  expect(performance.now() - trainedMs).toBeLessThan(15_000);
  expect(stderr).toMatch(/50 points and the end of a trial of study "alone" stay in .*; they are sent at the next start, or by `paramo sync`/);

  expect(await json('sync')).toMatchObject({ studies: [{ study: 'alone', points: 50, late: 0, ends: 1, dropped: 0, missing: 0, refused: [] }], damaged: [], left: [] });
  expect(await json('trials', 'alone')).toMatchObject([{ state: 'completed', done: 50, metrics: { loss: 0.02 } }]);
  expect(await points('alone')).toHaveLength(50);
  expect(await sandbox.paramo('sync')).toMatchObject({ code: 0, stdout: 'nothing was left to deliver\n', stderr: '' });
});

test('what two deliver at once is stored once', async () => {
  const trainer = sandbox.script(`
import { track } from 'paramo';
await track('twice', {}, async (run) => {
  const told = new Promise((resolve) => process.once('SIGUSR2', resolve));
  console.log('runs');
  await told;
  for (let step = 0; step < 5000; step++) run.log({ loss: step });
  run.log({ last: 1 }, 4999);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});`, bare);
  await trainer.line(/^runs$/);
  const { pid } = sandbox.daemon();
  process.kill(pid, 'SIGSTOP');
  trainer.kill('SIGUSR2');
  await expect.poll(isSpooled, { timeout: 10_000 }).toBe(true);
  trainer.kill('SIGKILL');
  await trainer.ended;
  process.kill(pid, 'SIGCONT');
  const both = await Promise.all([sandbox.paramo('sync'), sandbox.paramo('sync')]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(await points('twice')).toHaveLength(5001);
  expect(spools()).toEqual([]);
});

test('a loop that does not let go of its thread keeps its lease, and its points reach the daemon meanwhile', async () => {
  const trainer = sandbox.script(`
import { float, openStudy, space } from 'paramo';
const study = await openStudy({ name: 'blocked', space: space({ x: float(0, 1) }), objective: 'min loss', strategy: 'random', lease: '1s', budget: { trials: 1 } });
const trial = await study.ask();
console.log('begins');
await new Promise((resolve) => setTimeout(resolve, 300));
for (let step = 0, begun = Date.now(); Date.now() - begun < 2500; step++) {
  trial.log({ loss: step }, step);
  while (Date.now() - begun < step * 10);
}
const { state, attempt, lost } = await trial.complete();
console.log(JSON.stringify({ state, attempt, lost }));`);
  await trainer.line(/^begins$/);
  // Within the blocked loop.
  await expect.poll(async () => ((await json('trials', 'blocked')) as { done: number }[])[0]?.done ?? 0, { timeout: 2000, interval: 50 }).toBeGreaterThan(10);
  expect(trainer.stdout).toBe('begins\n');
  expect(await trainer.ended).toMatchObject({ code: 0, stdout: 'begins\n{"state":"completed","attempt":1,"lost":0}\n' });
  const events = (await sandbox.paramo('watch', 'blocked', '--jsonl')).stdout;
  expect(events.match(/"trial_started"/g)).toHaveLength(1);
});

test('what was logged right before process.exit() is on disk', async () => {
  const { code } = await sandbox.script(`
import { track } from 'paramo';
await track('exit', {}, (run) => {
  for (let step = 0; step < 1000; step++) run.log({ loss: step });
  process.exit(3);
});`).ended;
  expect(code).toBe(3);
  expect(await json('sync')).toMatchObject({ studies: [{ study: 'exit', ends: 0 }] });
  expect(await points('exit')).toHaveLength(1000);
});
