import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Ended, Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
const json = ({ code, stdout, stderr }: Ended): Record<string, unknown> => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
};
const shown = async (trial: number): Promise<Record<string, unknown>> => json(await sandbox.paramo('show', 'runs', String(trial), '--json'));
const git = (...args: string[]): void => void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], { cwd: sandbox.directory, stdio: 'ignore' });

const tracked = `
import { track } from 'paramo';
await track('runs', { params: { lr: Number(process.env.LR) } }, async (run) => {
  for await (const epoch of run.steps(5)) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    run.log({ loss: 1 / (epoch + 1) });
  }
});
`;

beforeAll(async () => {
  sandbox = createSandbox({ packages: [] });
  writeFileSync(join(sandbox.directory, 'train.mjs'), tracked);
  writeFileSync(join(sandbox.directory, 'package-lock.json'), '{}');
  mkdirSync(join(sandbox.directory, 'src'));
  git('init', '-q', '-b', 'main');
  git('add', 'train.mjs');
  git('commit', '-q', '-m', 'one');
  const run = (lr: string, ...args: string[]): Promise<Ended> => sandbox.run(process.execPath, ['train.mjs', ...args], { LR: lr, OMP_NUM_THREADS: lr === '0.1' ? '1' : '4' }).ended;
  expect(await run('0.1', '--api-key', 'hunter2')).toMatchObject({ code: 0, stderr: '' });
  writeFileSync(join(sandbox.directory, 'train.mjs'), `${tracked}// another line\n`);
  expect(await run('0.2')).toMatchObject({ code: 0, stderr: '' });
  expect(await sandbox.paramo('run', '--name', 'runs', '--', process.execPath, '-e', 'console.log("loss=0.5"); setTimeout(() => undefined, 500)', '--', '--password=hunter2')).toMatchObject({ code: 0 });
  expect(await sandbox.run(process.execPath, ['train.mjs'], { LR: '0.3', PARAMO_DESCRIBE: '0' }).ended).toMatchObject({ code: 0 });
}, 60_000);
afterAll(() => sandbox.close());

test('what a tracked run was is kept with it, without its secrets', async () => {
  const { trial, series, description, changes, artifacts } = await shown(1);
  expect(trial).toMatchObject({ number: 1, state: 'completed', done: 5, metrics: { loss: 0.2 } });
  expect(Object.keys((trial as { metrics: object }).metrics)).toEqual(['loss']);
  expect((series as { name: string }[]).map(({ name }) => name)).toEqual(expect.arrayContaining(['loss', 'system/memory']));
  expect(description).toMatchObject({
    command: [process.execPath, join(sandbox.directory, 'train.mjs')],
    directory: sandbox.directory,
    runtime: { name: 'node', version: process.versions.node },
    git: { branch: 'main', dirty: true },
    packages: { lockFile: { name: 'package-lock.json' } },
    environment: { OMP_NUM_THREADS: '4' },
  });
  expect(changes).toContain('\n+// another line\n');
  expect((artifacts as { name: string }[]).map(({ name }) => name)).toEqual(['paramo.changes.diff', 'paramo.run.json']);
  expect(((await shown(0))['description'] as { command: string[] }).command.slice(2)).toEqual(['--api-key', '[redacted]']);
});

test('a program that is run is described in place of the runner', async () => {
  const { trial, description } = await shown(2);
  expect(description).toMatchObject({ command: [process.execPath, '-e', expect.any(String), '--', '--password=[redacted]'] });
  expect(JSON.stringify({ trial, description })).not.toContain('hunter2');
  expect((description as { runtime?: object }).runtime).toBeUndefined();
});

test('nothing is kept where it is switched off', async () => {
  const { series, description, artifacts } = await shown(3);
  expect(description).toBeUndefined();
  expect(artifacts).toEqual([]);
  expect((series as { name: string }[]).map(({ name }) => name)).toEqual(['loss']);
});

test('two runs are compared by what differs, and with --all by everything', async () => {
  const rows = (await sandbox.paramo('compare', 'runs', '0', '1')).stdout.trimEnd().split('\n').map((line) => line.split('\t'));
  expect(rows[0]).toEqual(['section', 'name', '0', '1']);
  expect(rows).toContainEqual(['params', 'lr', '0.1', '0.2']);
  expect(rows).toContainEqual(['environment', 'OMP_NUM_THREADS', '1', '4']);
  expect(rows).toContainEqual(['changes', 'train.mjs', '', '+// another line']);
  expect(rows.filter(([section]) => section === 'metrics' || section === 'packages' || section === 'use')).toEqual([]);
  const all = json(await sandbox.paramo('compare', 'runs', '0', '1', '--all', '--json'))['rows'] as { section: string; name: string; differs: boolean }[];
  expect(all).toContainEqual({ section: 'metrics', name: 'loss', left: 0.2, right: 0.2, differs: false });
  const undescribed = await sandbox.paramo('compare', 'runs', '1', '3');
  expect(undescribed.stderr).toBe('of trial 3 only what it came to is known: it was not described\n');
  expect(await sandbox.paramo('show', 'runs', '9')).toMatchObject({ code: 3 });
});
