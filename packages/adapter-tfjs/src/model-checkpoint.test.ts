import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { disposeModel, paramoCallback, restoreModel, saveModel } from './index.js';
import type { ReportingTrial, ResumingTrial } from './index.js';

let x: tf.Tensor2D;
let y: tf.Tensor2D;

beforeAll(async () => {
  await tf.setBackend('cpu');
  x = tf.tensor2d(Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]));
  y = tf.tidy(() => x.sum(1, true).square() as tf.Tensor2D);
});
afterAll(() => tf.dispose([x, y]));

function network(optimizer: tf.Optimizer | string = tf.train.adam(0.01), units = 5): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units, activation: 'tanh', inputShape: [2], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

/** A trial that saves after every epoch, into one directory each. */
function savingTrial(directories: string[], resume?: ResumingTrial['resume']): ReportingTrial & ResumingTrial {
  return {
    fidelity: {}, signal: new AbortController().signal, stopped: undefined, resume,
    report: async () => undefined,
    async checkpoint(save) {
      const directory = await mkdtemp(join(tmpdir(), 'paramo-tfjs-'));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      await save(directory);
      directories.push(directory);
      return true;
    },
  };
}

const resumeFrom = (dir: string, step: number): ResumingTrial['resume'] => ({ dir, step, trial: 0, checkpoint: '' });

async function train(model: tf.Sequential, trial: ReportingTrial & ResumingTrial, epochs: number): Promise<void> {
  const initialEpoch = await restoreModel(trial, model);
  await model.fit(x, y, { epochs, initialEpoch, batchSize: 16, shuffle: false, verbose: 0, callbacks: paramoCallback(trial) });
}

const weightsOf = (model: tf.LayersModel): number[] => model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));

describe('a run that goes on from a checkpoint', () => {
  test.each<[string, () => tf.Optimizer]>([
    ['adam', () => tf.train.adam(0.01)], ['sgd', () => tf.train.sgd(0.05)], ['momentum', () => tf.train.momentum(0.02, 0.9)],
    ['rmsprop', () => tf.train.rmsprop(0.005, 0.9, 0.1)], ['adagrad', () => tf.train.adagrad(0.05)], ['adadelta', () => tf.train.adadelta(0.05)],
  ])('equals one that was never interrupted, to 1e-6, with %s', async (_, optimizer) => {
    const whole = network(optimizer());
    await train(whole, savingTrial([]), 8);
    const saved: string[] = [];
    const first = network(optimizer());
    await train(first, savingTrial(saved), 3);
    disposeModel(first);
    const second = network(optimizer());
    await train(second, savingTrial([], resumeFrom(saved[2]!, 2)), 8);
    const [wanted, got] = [weightsOf(whole), weightsOf(second)];
    expect(Math.max(...wanted.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThan(1e-6);
    disposeModel(whole);
    disposeModel(second);
  });

  test('differs from it without the state of the optimizer, so the comparison above would notice', async () => {
    const whole = network();
    await train(whole, savingTrial([]), 8);
    const saved: string[] = [];
    const first = network();
    await train(first, savingTrial(saved), 3);
    const second = network(tf.train.rmsprop(0.01));
    // Of another kind: weights alone.
    expect(await restoreModel({ resume: resumeFrom(saved[2]!, 2) }, second)).toBe(3);
    expect(weightsOf(second)).toEqual(weightsOf(first));
    second.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
    await second.fit(x, y, { epochs: 8, initialEpoch: 3, batchSize: 16, shuffle: false, verbose: 0 });
    const [wanted, got] = [weightsOf(whole), weightsOf(second)];
    expect(Math.max(...wanted.map((value, i) => Math.abs(value - got[i]!)))).toBeGreaterThan(1e-4);
    for (const model of [whole, first, second]) disposeModel(model);
  });

  test('keeps the learning rate it was compiled with', async () => {
    const saved: string[] = [];
    const donor = network(tf.train.adam(0.01));
    await train(donor, savingTrial(saved), 1);
    const heir = network(tf.train.adam(0.5));
    await restoreModel({ resume: resumeFrom(saved[0]!, 0) }, heir);
    expect(heir.optimizer.getConfig()['learningRate']).toBe(0.5);
    for (const model of [donor, heir]) disposeModel(model);
  });

  test('begins with epoch 0 when there is no checkpoint', async () => {
    const model = network();
    const before = weightsOf(model);
    expect(await restoreModel({ resume: undefined }, model)).toBe(0);
    expect(weightsOf(model)).toEqual(before);
    disposeModel(model);
  });

  test('is refused with a model of another shape, and says what to do', async () => {
    const saved: string[] = [];
    const model = network();
    await train(model, savingTrial(saved), 1);
    const wider = network(undefined, 6);
    const before = tf.memory().numTensors;
    await expect(restoreModel({ resume: resumeFrom(saved[0]!, 0) }, wider)).rejects.toThrow(/\[2, 5\].*\[2, 6\].*same params/s);
    expect(tf.memory().numTensors).toBe(before);
    for (const one of [model, wider]) disposeModel(one);
  });
});

test('an optimizer that cannot tell its state leaves a checkpoint of the weights', async () => {
  const model = network(tf.train.adamax(0.01));
  await model.fit(x, y, { epochs: 1, verbose: 0 });
  const directory = await mkdtemp(join(tmpdir(), 'paramo-tfjs-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await saveModel(model, directory);
  expect((await readdir(directory)).sort()).toEqual(['checkpoint.json', 'weights.bin']);
  const other = network(tf.train.adamax(0.01));
  await restoreModel({ resume: resumeFrom(directory, 0) }, other);
  expect(weightsOf(other)).toEqual(weightsOf(model));
  for (const one of [model, other]) disposeModel(one);
});

test('a hundred trials that save and restore leave no tensor behind', async () => {
  const saved: string[] = [];
  const evaluate = async (): Promise<void> => {
    const model = network(tf.train.adam(0.01));
    const last = saved.at(-1);
    await train(model, savingTrial(saved, last === undefined ? undefined : resumeFrom(last, 0)), last === undefined ? 1 : 2);
    disposeModel(model);
  };
  await evaluate();
  await evaluate();
  const before = tf.memory();
  for (let i = 0; i < 100; i++) await evaluate();
  expect(saved).toHaveLength(102);
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
}, 60_000);
