import type { StopNotice } from '@paramo/client';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paramoCallback } from './index.js';
import type { ReportingTrial } from './index.js';

const batchesPerEpoch = 4;
let x: tf.Tensor2D;
let y: tf.Tensor2D;

beforeAll(async () => {
  await tf.setBackend('cpu');
  x = tf.tensor2d(Array.from({ length: 32 }, (_, i) => [i / 32]));
  y = x.mul(2) as tf.Tensor2D;
});
afterAll(() => tf.dispose([x, y]));

function line(): tf.Sequential {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}

interface Notebook {
  readonly trial: ReportingTrial;
  readonly reports: { readonly step: number | undefined; readonly values: Readonly<Record<string, number>> }[];
  stop(cause: StopNotice['cause']): void;
}

/** A trial that writes down what it is told. `decide` is asked after each report, as a stopper is. */
function notebook({ steps, decide }: { readonly steps?: number; readonly decide?: (step: number) => boolean } = {}): Notebook {
  const reports: Notebook['reports'] = [];
  const controller = new AbortController();
  let stopped: StopNotice | undefined;
  const stop = (cause: StopNotice['cause']): void => {
    stopped = { cause, reason: 'so it was decided' };
    controller.abort();
  };
  return {
    reports,
    stop,
    trial: {
      fidelity: steps === undefined ? {} : { steps },
      signal: controller.signal,
      get stopped() {
        return stopped;
      },
      async report(values, step) {
        reports.push({ step, values });
        // As over the network: the decision is there later than the call.
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (decide?.(step ?? 0)) stop('stop');
      },
      checkpoint: async () => false,
    },
  };
}

async function fit(trial: ReportingTrial, options: Partial<tf.ModelFitArgs> = {}): Promise<tf.History> {
  const model = line();
  try {
    return await model.fit(x, y, { epochs: 5, batchSize: 8, validationData: [x, y], verbose: 0, callbacks: paramoCallback(trial), ...options });
  } finally {
    model.dispose();
  }
}

describe('the callback', () => {
  test('reports what fit logs of every epoch, at step = epoch', async () => {
    const { trial, reports } = notebook();
    const { history } = await fit(trial);
    expect(reports.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
    for (const name of ['loss', 'mae', 'val_loss', 'val_mae']) {
      expect(reports.map(({ values }) => values[name])).toEqual(history[name]);
    }
  });

  test('counts on from initialEpoch', async () => {
    const { trial, reports } = notebook();
    await fit(trial, { initialEpoch: 3 });
    expect(reports.map(({ step }) => step)).toEqual([3, 4]);
  });

  test('waits for the decision about an epoch and ends the training with it', async () => {
    const { trial, reports } = notebook({ decide: (step) => step === 1 });
    const { epoch } = await fit(trial);
    expect(reports).toHaveLength(2);
    expect(epoch).toEqual([0, 1]);
  });

  test('stops between two batches when the trial ends from outside, and does not report the cut epoch', async () => {
    const book = notebook();
    let batches = 0;
    const outside = new tf.CustomCallback({
      onBatchBegin: () => {
        if (++batches === batchesPerEpoch + 2) book.stop('fenced');
      },
    });
    await fit(book.trial, { callbacks: [outside, paramoCallback(book.trial)] });
    expect(batches).toBe(batchesPerEpoch + 2);
    expect(book.reports.map(({ step }) => step)).toEqual([0]);
  });

  test('trains one batch at most when the trial has ended already', async () => {
    const book = notebook();
    book.stop('ended');
    let batches = 0;
    const count = new tf.CustomCallback({ onBatchEnd: () => void batches++ });
    await fit(book.trial, { callbacks: [count, paramoCallback(book.trial)] });
    expect(batches).toBe(1);
    expect(book.reports).toEqual([]);
  });

  test('trains for as many epochs as are asked of the trial', async () => {
    const { trial, reports } = notebook({ steps: 2 });
    await fit(trial);
    expect(reports.map(({ step }) => step)).toEqual([0, 1]);
  });

  test('hands on what another callback throws', async () => {
    const { trial, reports } = notebook();
    const broken = new tf.CustomCallback({
      onEpochEnd: (epoch) => {
        if (epoch === 1) throw new Error('the disk is full');
      },
    });
    await expect(fit(trial, { callbacks: [paramoCallback(trial), broken] })).rejects.toThrow('the disk is full');
    expect(reports).toHaveLength(2);
  });

  test('reports a loss that is not a number as it is', async () => {
    const { trial, reports } = notebook();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: tf.train.sgd(1e30), loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 4, batchSize: 8, verbose: 0, callbacks: paramoCallback(trial) });
    expect(reports.at(-1)?.values['loss']).toBeNaN();
    model.dispose();
  });

  test('gives the event loop its turns during an epoch', async () => {
    const { trial } = notebook();
    const many = x.tile([20, 1]) as tf.Tensor2D;
    let turns = 0;
    let turnsInEpoch = 0;
    const timer = setInterval(() => turns++, 1);
    const watched: ReportingTrial = {
      ...trial,
      stopped: undefined,
      report: async () => {
        turnsInEpoch = turns;
      },
    };
    const model = line();
    await model.fit(many, many, { epochs: 1, batchSize: 1, verbose: 0, callbacks: paramoCallback(watched) });
    clearInterval(timer);
    many.dispose();
    model.dispose();
    expect(turnsInEpoch).toBeGreaterThan(0);
  });

  test('keeps no tensors', async () => {
    const { trial } = notebook();
    await fit(trial);
    const before = tf.memory().numTensors;
    await fit(trial);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('says so when the model comes from another copy of TensorFlow.js', async () => {
    const require = createRequire(import.meta.url);
    const path = Object.keys(require.cache).find((loaded) => loaded.endsWith('tf-layers.node.js'))!;
    const known = require.cache[path];
    delete require.cache[path];
    const other = require(path) as typeof tf;
    require.cache[path] = known;
    const model = other.sequential({ layers: [other.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect(model.fit(x, y, { epochs: 1, verbose: 0, callbacks: paramoCallback(notebook().trial) })).rejects.toThrow(/another copy of TensorFlow\.js/);
    model.dispose();
  });
});
