import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askProgram } from './ask-program.js';
import { parseGpus, visibleGpus } from './gpus.js';
import { createSystemClock } from '../system-clock.js';
import { createMachine } from './machine.js';
import type { DescribedProgram, RunningProgram } from './machine.js';
import { readTree } from './process-tree.js';

let directory: string;
const git = (...args: string[]): string => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const describeHere = (change: Partial<RunningProgram> = {}): Promise<DescribedProgram> =>
  createMachine(createSystemClock()).describe({ pid: process.pid, command: ['node', 'train.js', '--token=abc'], directory: join(directory, 'src'), env: { OMP_NUM_THREADS: '2', PARAMO_TOKEN: 'abc', HOME: '/root', TF_SECRET: 'abc' }, runtime: { name: 'node', version: '20' }, ...change });

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'paramo-machine-'));
  mkdirSync(join(directory, 'src'));
  mkdirSync(join(directory, 'node_modules', 'left-pad'), { recursive: true });
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ dependencies: { 'left-pad': '*', missing: '*' } }));
  writeFileSync(join(directory, 'node_modules', 'left-pad', 'package.json'), JSON.stringify({ version: '1.3.0' }));
  writeFileSync(join(directory, 'package-lock.json'), '{}');
  writeFileSync(join(directory, 'train.js'), 'one\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

test('a program outside of any repository is described without one', async () => {
  const { description, changes } = await describeHere();
  expect(description).toMatchObject({
    format: 1,
    command: ['node', 'train.js', '--token=[redacted]'],
    directory: join(directory, 'src'),
    packages: { lockFile: { name: 'package-lock.json', sha256: createHash('sha256').update('{}').digest('hex') }, versions: { 'left-pad': '1.3.0' } },
    environment: { OMP_NUM_THREADS: '2', TF_SECRET: '[redacted]' },
  });
  expect(Object.keys(description.environment)).toEqual(['OMP_NUM_THREADS', 'TF_SECRET']);
  expect(description.git).toBeUndefined();
  expect(changes).toBeUndefined();
  expect(description.host.cores).toBeGreaterThan(0);
});

test('of a repository the commit is told, and what differs from it, up to a size', async () => {
  git('init', '-q', '-b', 'work');
  // A program that the repository names must not run.
  git('config', 'diff.external', 'touch external-ran;false');
  git('remote', 'add', 'origin', 'https://me:hunter2@example.org/repo.git');
  git('add', 'train.js');
  git('commit', '-q', '-m', 'one');
  expect((await describeHere()).description.git).toEqual({ commit: git('rev-parse', 'HEAD'), branch: 'work', remote: 'https://[redacted]@example.org/repo.git', dirty: false });

  writeFileSync(join(directory, 'train.js'), 'two\n');
  const { description, changes } = await describeHere();
  expect(changes!.toString()).toContain('-one\n+two\n');
  expect(description.git).toMatchObject({ dirty: true, changes: { sha256: createHash('sha256').update(changes!).digest('hex'), bytes: changes!.length, cut: false } });

  writeFileSync(join(directory, 'train.js'), `${'x'.repeat(99)}\n`.repeat(20_000));
  const large = await describeHere();
  expect(large.changes).toHaveLength(1024 * 1024);
  expect(large.description.git).toMatchObject({ changes: { bytes: 1024 * 1024, cut: true } });
});

test('a program that does not come to its end, fails or is not there answers nothing', async () => {
  const ask = (file: string, ...args: string[]): ReturnType<typeof askProgram> => askProgram(file, args, { timeoutMs: 100, mostBytes: 10 });
  expect(await ask(process.execPath, '-e', 'setInterval(() => 0, 1000)')).toBeUndefined();
  expect(await askProgram(process.execPath, ['-e', 'process.exit(3)'], { timeoutMs: 10_000, mostBytes: 10 })).toBeUndefined();
  expect(await ask('no-such-program')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a process is measured with what it has started, and is gone when it has ended', async () => {
  const script = "const child = require('child_process').spawn(process.execPath, ['-e', 'global.kept = Buffer.alloc(2e8, 1); console.log(1); for (;;);'], { stdio: ['ignore', 'inherit', 'ignore'] }); process.on('SIGTERM', () => { child.kill('SIGKILL'); child.once('exit', () => process.exit()); });";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const meter = createMachine(createSystemClock()).measure({ pid: child.pid!, command: [], directory, env: {} });
  expect(Object.keys(await meter.sample({ gpus: false }))).toEqual(['system/memory']);
  let cores = 0;
  for (let tries = 0; tries < 100 && cores === 0; tries++) cores = (await meter.sample({ gpus: false }))['system/cpu']!;
  expect(cores).toBeGreaterThan(0);
  expect((await readTree(child.pid!))!.memoryBytes).toBeGreaterThan(2e8);
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(await meter.sample({ gpus: false })).toEqual({});
});

test('GPUs are told apart by number, and only those that a program may see', () => {
  const gpus = parseGpus('0, NVIDIA H100 80GB HBM3, 81559, 550.54, 37, 1024\n1, Tesla, old, 1, [N/A], [Not Supported]\nNo devices were found\n');
  expect(gpus).toEqual([
    { index: 0, model: 'NVIDIA H100 80GB HBM3', driver: '550.54', memoryBytes: 81559 * 2 ** 20, busy: 0.37, usedBytes: 2 ** 30 },
    { index: 1, model: 'Tesla', driver: '1', memoryBytes: 0 },
  ]);
  expect(visibleGpus(gpus, '1').map(({ index }) => index)).toEqual([1]);
  expect(visibleGpus(gpus, '')).toEqual([]);
  expect(visibleGpus(gpus, 'GPU-8932f937')).toEqual(gpus);
  expect(visibleGpus(gpus, undefined)).toEqual(gpus);
});

test('asking a program that is not there keeps no process from its end', async () => {
  const asks = `import { askProgram } from ${JSON.stringify(new URL('../../dist/describe/ask-program.js', import.meta.url).href)}; console.log(String(await askProgram('no-such-program', [], { timeoutMs: 3_600_000, mostBytes: 1 })));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', asks], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (part) => (said += String(part)));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, said }).toEqual({ code: 0, said: 'undefined\n' });
});
