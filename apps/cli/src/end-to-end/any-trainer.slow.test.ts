import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPython } from '../testing/find-python.js';
import { createSandbox } from '../testing/sandbox.js';
import type { Ended, Sandbox } from '../testing/sandbox.js';

// Each first trial waits until every kind of worker has one, so that all of them take part.
const node = `
import { existsSync, writeFileSync } from 'node:fs';
import { choice, float, space, tune } from 'paramo';
const kinds = process.argv[2].split(',');
await tune({ name: 'any', space: space({ lr: float(1e-5, 1e-1, { log: true }), opt: choice(['adam', 'sgd']) }), objective: 'min val_loss', strategy: 'random', seed: 5, budget: { trials: 12 } }, async (trial) => {
  writeFileSync('node.ready', '');
  while (!kinds.every((kind) => existsSync(kind + '.ready'))) await new Promise((go) => setTimeout(go, 20));
  for await (const step of trial.steps(3)) trial.log({ val_loss: trial.params.lr + 1 / (step + 1), node: 1 });
});
`;
const python = `
import os, sys, time
import paramo
from paramo import Choice, Float, Space

class S(Space):
    lr: float = Float(1e-5, 1e-1, log=True)
    opt: str = Choice("adam", "sgd")

@paramo.tune(S, "min val_loss", name="any", strategy="random", trials=12)
def train(trial):
    open("python.ready", "w").close()
    while not all(os.path.exists(kind + ".ready") for kind in sys.argv[1].split(",")):
        time.sleep(0.02)
    for step in trial.steps(3):
        trial.log(val_loss=trial.params.lr + 1 / (step + 1), python=1)

train()
`;
const shell = `
kinds=$1; lr=$2; opt=$3
touch run.ready
for kind in \${kinds//,/ }; do while [ ! -e $kind.ready ]; do sleep 0.02; done; done
[ $opt = adam ] || [ $opt = sgd ] || exit 1
for step in 1 2 3; do awk "BEGIN { printf \\"val_loss=%.17g run=1\\n\\", $lr + 1 / $step }"; done
`;

let sandbox: Sandbox;
let interpreter: string | undefined;
beforeAll(() => {
  sandbox = createSandbox();
  // It may have to be installed first.
  interpreter = findPython();
}, 600_000);
afterAll(() => sandbox.close());

const json = (ended: Ended): unknown => JSON.parse(ended.stdout) as unknown;

test('workers in Node, in Python and a program without an SDK complete one study at once, and it replays', { timeout: 60_000 }, async () => {
  const kinds = ['node', ...(interpreter === undefined ? [] : ['python']), 'run'].join(',');
  for (const [file, source] of Object.entries({ 'train.mjs': node, 'train.py': python, 'train.sh': shell })) writeFileSync(join(sandbox.directory, file), source);
  await sandbox.paramo('up');
  const workers = [sandbox.run(process.execPath, ['train.mjs', kinds])];
  await expect.poll(() => readdirSync(sandbox.directory), { timeout: 20_000 }).toContain('node.ready');
  if (interpreter !== undefined) workers.push(sandbox.run(interpreter, ['train.py', kinds]));
  workers.push(sandbox.startParamo('run', '--join', 'any', '--metric', 'run', '--', 'bash', 'train.sh', kinds, '{lr}', '{opt}'));
  for (const worker of workers) expect(await worker.ended).toMatchObject({ code: 0 });

  const trials = json(await sandbox.paramo('trials', 'any', '--json')) as readonly { number: number; state: string; done: number; value: number; params: { lr: number }; metrics: Record<string, number> }[];
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, number) => number));
  for (const { state, done, value, params } of trials) {
    expect({ state, done }).toEqual({ state: 'completed', done: 3 });
    expect(value).toBeCloseTo(params.lr + 1 / 3, 12);
  }
  expect(new Set(trials.flatMap(({ metrics }) => Object.keys(metrics).filter((name) => name !== 'val_loss')))).toEqual(new Set(kinds.split(',')));
  expect(await sandbox.paramo('replay', 'any')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^reproduced: /) as unknown });
});

test('the study can be joined by saying its space and objective again', async () => {
  const ended = await sandbox.paramo('run', '--name', 'any', '-p', 'lr=1e-5..1e-1:log', '-p', 'opt=adam,sgd', '--strategy', 'random', '-n', '14', '--minimize', 'val_loss', '--', 'bash', 'train.sh', 'run', '{lr}', '{opt}');
  expect(ended.code, ended.stderr).toBe(0);
  expect(json(await sandbox.paramo('trials', 'any', '--json'))).toHaveLength(14);
});

test.each([
  [['--join', 'any', '--strategy', 'bayes'], 2, '--join takes study "any" as it is, but there is --strategy'],
  [['--join', 'any', '-p', 'lr=0..1'], 2, '-p says what to search: lr'],
  [['--join', 'ani'], 3, 'ani'],
])('paramo run %j is told what is wrong', async (args, code, message) => {
  const ended = await sandbox.paramo('run', ...args, '--', 'true', '{lr}');
  expect(ended.stderr).toContain(message);
  expect(ended.code).toBe(code);
});
