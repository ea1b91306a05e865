import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

/** Trains for 30 steps and adds 1 to a count at each; the count lives in checkpoints alone. Two files, one of them of several chunks that never change. */
const trainer = `
import { float, space, tune } from 'paramo';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
const frozen = Buffer.alloc(9_000_000, 'frozen weights ');
const best = await tune({ name: 'counting', space: space({ x: float(0, 1) }), objective: 'max count', strategy: 'random', seed: 3, lease: '1s', budget: { trials: 2 } }, async (trial) => {
  let count = 0;
  if (trial.resume) {
    ({ count } = JSON.parse(await readFile(join(trial.resume.dir, 'state', 'count.json'), 'utf8')));
    if (!(await readFile(join(trial.resume.dir, 'frozen.bin'))).equals(frozen)) throw new Error('the frozen weights are others');
    if (count !== trial.resume.step + 1) throw new Error('count ' + count + ' at step ' + trial.resume.step);
    console.log('resumed ' + trial.number + ' ' + trial.attempt + ' ' + trial.resume.step);
  }
  for await (const step of trial.steps(30)) {
    count++;
    await pause(10);
    trial.log({ count });
    await trial.checkpoint(async (dir) => {
      await import('node:fs/promises').then(({ mkdir }) => mkdir(join(dir, 'state')));
      await writeFile(join(dir, 'state', 'count.json'), JSON.stringify({ count }));
      await writeFile(join(dir, 'frozen.bin'), frozen);
    }, { force: step % 5 === 4 });
    if (step % 5 === 4) console.log('saved ' + trial.number + ' ' + step);
  }
});
console.log('best ' + best.metrics.count);
`;

test('a killed worker and a killed daemon lose no more than what came after the last checkpoint', async () => {
  const first = sandbox.script(trainer);
  await first.line(/^saved 0 14$/);
  first.kill('SIGKILL');
  await first.ended;
  const second = sandbox.script(trainer);
  const [, attempt, step] = await second.line(/^resumed 0 (\d) (\d+)$/);
  expect(Number(attempt)).toBe(2);
  expect(Number(step)).toBeGreaterThanOrEqual(14);
  await second.line(/^saved 0 24$/);
  process.kill(sandbox.daemon().pid, 'SIGKILL');
  expect(await second.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^best 30$/m) as unknown });

  const trials = JSON.parse((await sandbox.paramo('trials', 'counting', '--json')).stdout) as readonly { state: string; value: number; done: number }[];
  expect(trials).toMatchObject([{ state: 'completed', value: 30, done: 30 }, { state: 'completed', value: 30, done: 30 }]);
  expect(await sandbox.paramo('replay', 'counting')).toMatchObject({ code: 0 });
  // The frozen chunks are there once, and nothing is left of the directories that were worked in.
  const blobs = readdirSync(join(sandbox.home, 'store', 'blobs'), { recursive: true, encoding: 'utf8' }).filter((path) => /[0-9a-f]{64}$/.test(path));
  const frozen = Buffer.alloc(9_000_000, 'frozen weights ');
  const chunks = [0, 1, 2].map((i) => createHash('sha256').update(frozen.subarray(i * 4_194_304, (i + 1) * 4_194_304)).digest('hex'));
  for (const chunk of chunks) expect(blobs.filter((path) => path.endsWith(chunk))).toHaveLength(1);
  const work = join(sandbox.home, 'work');
  expect(existsSync(work) ? readdirSync(work).filter((name) => !name.includes(`-${first.pid}-`)) : []).toEqual([]);
});

/** Asks for a trial that was given back with a checkpoint, and says how its files came. */
const restorer = `
import { openStudy, float, space } from 'paramo';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
const study = await openStudy({ name: 'links', space: space({ x: float(0, 1) }), objective: 'min y', strategy: 'random', budget: { trials: 1 } });
const trial = await study.ask();
if (trial.resume) {
  const { nlink, mode } = await stat(join(trial.resume.dir, 'small'));
  console.log('small ' + (await readFile(join(trial.resume.dir, 'small'), 'utf8')) + ' ' + nlink + ' ' + (mode & 0o777).toString(8));
  await study.tell(trial, { y: 1 });
} else {
  trial.log({ y: 2 });
  const none = await trial.checkpoint(() => { throw new Error('not due'); });
  const saved = await trial.checkpoint((dir) => writeFile(join(dir, 'small'), 'weights'), { force: true });
  console.log('saved ' + none + ' ' + saved);
  await trial.release();
}
`;

test('files of one chunk are shared with the store where the disk is, read-only, and fetched where that is damaged', async () => {
  expect(await sandbox.script(restorer).ended).toMatchObject({ code: 0, stdout: 'saved false true\n' });
  expect(await sandbox.script(restorer).ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^small weights (?:2 400|1 \d+)\n$/) as unknown });
});

test('a checkpoint that was damaged on disk fails the trial that was to go on from it, and says so', async () => {
  expect(await sandbox.script(restorer).ended).toMatchObject({ code: 0 });
  const hash = createHash('sha256').update('weights').digest('hex');
  const blob = join(sandbox.home, 'store', 'blobs', hash.slice(0, 2), hash);
  chmodSync(blob, 0o600);
  writeFileSync(blob, 'Weights');
  const { code, stderr } = await sandbox.script(restorer).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('DATA_LOSS');
  const [trial] = JSON.parse((await sandbox.paramo('trials', 'links', '--json')).stdout) as readonly { state: string; reason: string }[];
  expect(trial).toMatchObject({ state: 'failed', reason: expect.stringContaining('does not match') as unknown });
});

test('a checkpoint without a file, and a save that throws, are told where they are called', async () => {
  const script = `
import { openStudy, float, space } from 'paramo';
const study = await openStudy({ name: 'slips', space: space({ x: float(0, 1) }), objective: 'min y', strategy: 'random', budget: { trials: 1 } });
const trial = await study.ask();
trial.log({ y: 2 });
for (const save of [() => {}, () => { throw new Error('no model'); }, 'model.bin']) await trial.checkpoint(save, { force: true }).catch(({ message }) => console.log(message));
await trial.checkpoint(() => {}, { forced: true }).catch(({ message }) => console.log(message));
await study.tell(trial, { y: 1 });
`;
  const { code, stdout } = await sandbox.script(script).ended;
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toContain('the checkpoint has no file');
  expect(lines[1]).toBe('no model');
  expect(lines[2]).toContain('not a function');
  expect(lines[3]).toMatch(/forced.*force/);
});

test('the files of a trial that is over can be had: of its newest checkpoint, as copies', async () => {
  const script = `
import { findStudy, openStudy, float, space } from 'paramo';
import { lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
const study = await openStudy({ name: 'models', space: space({ x: float(0, 1) }), objective: 'min y', strategy: 'random', budget: { trials: 2 } });
for await (const trial of study.each()) {
  trial.log({ y: trial.number });
  if (trial.number === 0) for (const text of ['first', 'second']) await trial.checkpoint((dir) => writeFile(dir + '/model', text), { force: true });
}
const best = await (await findStudy('models')).best();
await best.restore('model-of-the-best');
const { nlink } = await stat('model-of-the-best/model');
console.log(best.number + ' ' + (await readFile('model-of-the-best/model', 'utf8')) + ' ' + nlink);
await best.restore('model-of-the-best').catch(({ message }) => console.log(message));
await (await study.trial(1)).restore('other').catch(({ message }) => console.log(message));
// The directory itself stays: it may be a link, a mount or the one that is worked in.
await mkdir('elsewhere');
await symlink('elsewhere', 'link');
await best.restore('link');
console.log((await lstat('link')).isSymbolicLink() + ' ' + (await readFile('elsewhere/model', 'utf8')));
await mkdir('here');
process.chdir('here');
await best.restore('.');
console.log(await readFile('model', 'utf8'));
`;
  const { code, stdout, stderr } = await sandbox.script(script).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual(['0 second 1', expect.stringContaining('is not empty') as unknown, expect.stringContaining('has saved no checkpoint') as unknown, 'true second', 'second', '']);
});
