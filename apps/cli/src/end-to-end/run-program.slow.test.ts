import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Ended, Sandbox } from '../testing/sandbox.js';

// A trainer that knows nothing of Paramo: it reads its arguments and prints.
const trainer = `
const option = (name) => Number(process.argv[process.argv.indexOf('--' + name) + 1]);
for (let epoch = 0; epoch < 3; epoch++) console.log('epoch ' + epoch + ' my_val_loss=9 val_loss=' + ((Math.log10(option('lr')) + 2) ** 2 + 1 / (epoch + 1)).toFixed(4));
`;

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = createSandbox();
  writeFileSync(join(sandbox.directory, 'train.mjs'), trainer);
});
afterAll(() => sandbox.close());

const node = (program: string, ...args: string[]): string[] => ['--', process.execPath, '-e', program, '--', ...args];
const json = (ended: Ended): unknown => JSON.parse(ended.stdout) as unknown;

test('a program is tracked without a change, its words and exit code go through', async () => {
  const ended = await sandbox.paramo('run', '--metric', 'val_loss', '--name', 'tracked', '--', process.execPath, 'train.mjs', '--lr', '0.01');
  expect(ended).toMatchObject({ code: 0, stdout: 'epoch 0 my_val_loss=9 val_loss=1.0000\nepoch 1 my_val_loss=9 val_loss=0.5000\nepoch 2 my_val_loss=9 val_loss=0.3333\n' });
  expect(json(await sandbox.paramo('trials', 'tracked', '--json'))).toMatchObject([{ state: 'completed', done: 3, metrics: { val_loss: 0.3333 } }]);
});

test('any program is tuned, and --json ends with one document', async () => {
  const ended = await sandbox.paramo('run', '-p', 'lr=1e-5..1e-1:log', '-p', 'epochs=3', '-n', '8', '-j', '2', '--minimize', 'val_loss', '--strategy', 'random', '--seed', '1', '--json', '--', process.execPath, 'train.mjs', '--lr', '{lr}', '--epochs', '{epochs}');
  expect(ended.code).toBe(0);
  const { study, best, trials } = json(ended) as { study: { spec: { name: string }; counts: object }; best: { value: number; params: { lr: number } }; trials: readonly { value: number; params: { lr: number } }[] };
  expect(study).toMatchObject({ spec: { name: 'train' }, state: 'ended', counts: { completed: 8 } });
  expect(trials).toHaveLength(8);
  expect(best.value).toBe(Math.min(...trials.map(({ value }) => value)));
  for (const { value, params } of trials) expect(value).toBeCloseTo((Math.log10(params.lr) + 2) ** 2 + 1 / 3, 3);
  expect((await sandbox.paramo('replay', 'train')).code).toBe(0);
});

test('a metric that never appears fails the trial with the last lines of output', async () => {
  const ended = await sandbox.paramo('run', '-p', 'lr=0..1', '-n', '1', '--minimize', 'accuracy', '--name', 'mute', '--', process.execPath, 'train.mjs', '--lr', '{lr}');
  expect(ended.code).toBe(6);
  const [trial] = json(await sandbox.paramo('trials', 'mute', '--json')) as readonly { error: { message: string } }[];
  expect(trial!.error.message).toMatch(/the program ended well but never wrote accuracy[\s\S]*epoch 2 my_val_loss=9/);
});

test('a program that fails is told by its exit code and its last words', async () => {
  const ended = await sandbox.paramo('run', '--name', 'broken', ...node("console.error('no such data set'); process.exit(3)"));
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toMatch(/the program ended with exit code 3[\s\S]*no such data set/);
});

test('metrics are read from $PARAMO_METRICS, whatever their names', async () => {
  const ended = await sandbox.paramo('run', '--name', 'file', '--metric', 'loss', ...node("require('fs').appendFileSync(process.env.PARAMO_METRICS, JSON.stringify({ step: 4, loss: 0.5, lr: 0.1 }) + '\\n{\"loss\": NaN, \"step\": 5}')"));
  expect(ended.code).toBe(0);
  expect(json(await sandbox.paramo('trials', 'file', '--json'))).toMatchObject([{ state: 'completed', done: 6, metrics: { loss: 'NaN', lr: 0.1 } }]);
});

test('Ctrl-C ends the programs that run and gives their trials back', async () => {
  const endless = "const { appendFileSync } = require('fs'); process.on('SIGTERM', () => { appendFileSync('ended', 'x'); process.exit(0); }); appendFileSync('started', 'x'); setInterval(() => console.log('loss=1'), 30)";
  const running = sandbox.startParamo('run', '-p', 'lr=0..1', '-n', '50', '-j', '2', '--minimize', 'loss', '--name', 'endless', ...node(endless, '{lr}'));
  const read = (file: string): string => (existsSync(join(sandbox.directory, file)) ? readFileSync(join(sandbox.directory, file), 'utf8') : '');
  await expect.poll(() => read('started'), { timeout: 20_000 }).toBe('xx');
  running.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 130 });
  expect(read('ended')).toBe('xx');
  expect((json(await sandbox.paramo('trials', 'endless', '--json')) as readonly { state: string; attempt: number }[]).filter(({ attempt }) => attempt > 0)).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
});

test('a stopper ends a program that is not worth its steps, and its trial is not failed', async () => {
  const slow = "const lr = Number(process.argv.at(-1)); let step = 0; const tick = () => { console.log('loss=' + lr); if (++step < 9) setTimeout(tick, 60); }; tick()";
  const ended = await sandbox.paramo('run', '-p', 'lr=0..1', '-n', '9', '-j', '3', '--minimize', 'loss', '--strategy', 'random', '--stopper', 'asha', '--steps', '9', '--seed', '3', '--name', 'stopped', '--json', ...node(slow, '{lr}'));
  expect(ended.code).toBe(0);
  const { study } = json(ended) as { study: { counts: { completed: number; stopped: number; failed: number } } };
  expect(study.counts).toMatchObject({ failed: 0 });
  expect(study.counts.completed).toBeGreaterThan(0);
  expect(study.counts.stopped).toBeGreaterThan(0);
});

test.each([
  [['-p', 'lr=0..1', '--', 'true'], 'there is something to search (lr) but nothing to go by'],
  [['--minimize', 'loss', '--', 'true'], 'there is a metric to go by but nothing to search'],
  [['-p', 'lr=0..1:log', '--minimize', 'loss', '--', 'true'], 'lr: a log range must start above 0'],
  [['-p', 'lr=0..1', '--minimize', 'loss', '--', 'true', '{lrr}'], 'Did you mean {lr}?'],
  [['--timeout', 'soon', '--', 'true'], '--timeout is "soon"'],
])('paramo run %j is a mistake that is told', async (args, message) => {
  const ended = await sandbox.paramo('run', ...args);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(message);
});
