import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bool, choice, float, int, ordinal } from '@paramo/core';
import { expect, onTestFinished, test } from 'vitest';
import { readSweepFile } from './sweep-file.js';

function read(text: string, name = 'digits.yaml'): ReturnType<typeof readSweepFile> {
  const directory = mkdtempSync(join(tmpdir(), 'paramo-sweep-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, name), text);
  return readSweepFile(join(directory, name));
}

const least = 'command: python train.py --lr {lr}\nobjective: min val_loss\n';

test('a sweep says all that the options of run say', () => {
  const plan = read(`
name: mnist
command: [python, train.py, --lr, "{lr}", --layers, 3]
space:
  lr: { float: [1.0e-5, 1.0e-1], log: true, default: 0.001 }
  layers: { int: [1, 8] }
  opt: { choice: [adam, sgd] }
  size: { ordinal: [s, m, l], default: m }
  flag: { bool: true }
  drop: 0..0.5:step=0.05
fixed: { epochs: 3 }
objective: [min val_loss, max accuracy]
metrics: [time]
patterns: { time: 'took ([0-9.]+) s' }
strategy: { name: random, options: {} }
stopper: none
budget: { trials: 50, wall: 2h }
workers: 4
timeout: 30m
gpus: 0
`);
  expect(plan).toMatchObject({
    name: 'mnist', objectives: ['min val_loss', 'max accuracy'], workers: 4, gpus: '0',
    search: {
      parameters: { lr: float(1e-5, 1e-1, { log: true, default: 0.001 }), layers: int(1, 8), opt: choice(['adam', 'sgd']), size: ordinal(['s', 'm', 'l'], { default: 'm' }), flag: bool(), drop: float(0, 0.5, { step: 0.05 }) },
      fixed: { epochs: 3 },
    },
    program: { command: ['python', 'train.py', '--lr', '{lr}', '--layers', '3'], required: ['val_loss', 'accuracy', 'time'], patterns: { time: 'took ([0-9.]+) s' }, timeoutMs: 1_800_000, graceMs: 10_000 },
    study: { strategy: { name: 'random', options: {} }, stopper: 'none', budget: { trials: 50, wall: '2h' } },
  });
});

test('the file names the study where it does not say a name, and JSON is YAML too', () => {
  expect(read(JSON.stringify({ command: 'train {lr}', space: { lr: '1e-5..1e-1:log' }, objective: 'min loss' }), 'mine.json')).toMatchObject({ name: 'mine', program: { command: ['train', '{lr}'] } });
});

test.each([
  ['objective: min loss\nspace: { lr: 0..1 }', 'command is missing'],
  [`${least}space: { lr: 0..1 }\nbudjet: { trials: 3 }`, 'a sweep has no "budjet". Did you mean budget?'],
  [`${least}space: { lr: 0..1 }\nbudget: { trails: 3 }`, 'budget has no "trails". Did you mean trials?'],
  [`${least}space: { lr: { flaot: [0, 1] } }`, 'space.lr is {"flaot":[0,1]}, which is no parameter. Did you mean float?'],
  [`${least}space: { lr: { float: [0, 1], logg: true } }`, 'space.lr has no "logg". Did you mean log?'],
  [`${least}space: { lr: { float: [0, 1, 2] } }`, 'space.lr.float must NOT have more than 2 items'],
  [`${least}space: { lr: 3 }`, 'space.lr is 3, which is no parameter'],
  [`${least}space: { lr: "0.1" }`, 'space.lr is "0.1", which does not vary. Put it under fixed.'],
  ['command: x\nobjective: loss\nspace: { lr: 0..1 }', 'objective is "loss". Write \'min NAME\' or \'max NAME\'.'],
  [`${least}space: { lr: 0..1 }\nfixed: { lr: 1 }`, 'lr is in space and in fixed'],
  [`${least}space: { lr: 0..1 }\npatterns: { acc: "(x)" }`, 'patterns has acc, which is neither objective nor in metrics'],
  ['command: [x\nobjective', 'line 2:'],
])('a mistake is told with its place and what was meant: %j', (text, message) => {
  expect(() => read(text)).toThrow(message);
});

test('a file that is not there is told by its name', () => {
  expect(() => readSweepFile('no-such.yaml')).toThrow('no-such.yaml cannot be read');
});
