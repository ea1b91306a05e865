import { disposeModel, restoreModel } from '@paramo/adapter-tfjs';
import type { ResumingTrial } from '@paramo/adapter-tfjs';
import { choice, float, int, ordinal, space } from '@paramo/client';
import type { Space } from '@paramo/client';
import * as tf from '@tensorflow/tfjs';
import { formatNumber } from '../terminal/format.js';
import type { DigitSet } from './digits.js';

/** The hyperparameters of the network. */
export type NetworkParams = {
  readonly lr: number;
  readonly optimizer: 'adam' | 'rmsprop' | 'momentum';
  readonly units: number;
  readonly layers: number;
  readonly dropout: number;
  readonly batch: 32 | 64 | 128 | 200;
};

/** What is searched. The defaults are those of scikit-learn's MLPClassifier: one layer of 100 units, Adam at 0.001, batches of 200. */
export const networkSpace: Space<NetworkParams> = space({
  lr: float(3e-4, 3e-2, { log: true, default: 1e-3 }),
  optimizer: choice(['adam', 'rmsprop', 'momentum'], { default: 'adam' }),
  units: int(32, 256, { log: true, default: 100 }),
  layers: int(1, 2, { default: 1 }),
  dropout: float(0, 0.5, { default: 0 }),
  batch: ordinal([32, 64, 128, 200], { default: 200 }),
});

const optimizers: Readonly<Record<NetworkParams['optimizer'], (lr: number) => tf.Optimizer>> = {
  adam: (lr) => tf.train.adam(lr),
  rmsprop: (lr) => tf.train.rmsprop(lr),
  momentum: (lr) => tf.train.momentum(lr, 0.9),
};

/** One training. */
export interface Training {
  readonly params: NetworkParams;
  readonly seed: number;
  readonly train: DigitSet;
  readonly heldOut: DigitSet;
  readonly epochs: number;
  /** The trial whose checkpoint the training goes on from, if it has one. */
  readonly from?: ResumingTrial;
  readonly callbacks: tf.CustomCallback[];
}

/** Trains a network and lets go of all its tensors. Answers its accuracy on the digits held out, after the last epoch. */
export async function trainNetwork({ params, seed, train, heldOut, epochs, from, callbacks }: Training): Promise<number> {
  const model = buildNetwork(params, seed);
  try {
    model.compile({ optimizer: optimizers[params.optimizer](params.lr), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const initialEpoch = from ? await restoreModel(from, model) : 0;
    const { history } = await model.fit(train.images, train.labels, {
      epochs,
      initialEpoch,
      batchSize: params.batch,
      validationData: [heldOut.images, heldOut.labels],
      verbose: 0,
      callbacks,
    });
    return Number(history['val_acc']?.at(-1));
  } finally {
    disposeModel(model);
  }
}

/** A configuration on one line. */
export function describeNetwork({ lr, optimizer, units, layers, dropout, batch }: NetworkParams): string {
  return `${optimizer} ${formatNumber(lr, 2)}, ${layers} × ${units} units, dropout ${formatNumber(dropout, 2)}, batch ${batch}`;
}

function buildNetwork({ units, layers, dropout }: NetworkParams, seed: number): tf.Sequential {
  const model = tf.sequential();
  for (let layer = 0; layer < layers; layer++) {
    const kernelInitializer = tf.initializers.glorotUniform({ seed: seed + layer });
    model.add(tf.layers.dense({ units, activation: 'relu', kernelInitializer, ...(layer === 0 && { inputShape: [28 * 28] }) }));
    if (dropout > 0) model.add(tf.layers.dropout({ rate: dropout, seed: seed + layer }));
  }
  model.add(tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: tf.initializers.glorotUniform({ seed: seed + layers }) }));
  return model;
}
