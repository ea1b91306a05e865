import { choice, float, int, ordinal, space } from '@paramo/client';
import type { Space } from '@paramo/client';
import * as tf from '@tensorflow/tfjs';
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
  readonly callbacks: tf.CustomCallback[];
}

/** Trains a network and lets go of all its tensors. Answers its accuracy on the digits held out, after the last epoch. */
export async function trainNetwork({ params, seed, train, heldOut, epochs, callbacks }: Training): Promise<number> {
  const optimizer = optimizers[params.optimizer](params.lr);
  const model = buildNetwork(params, seed);
  try {
    model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const { history } = await model.fit(train.images, train.labels, {
      epochs,
      batchSize: params.batch,
      validationData: [heldOut.images, heldOut.labels],
      verbose: 0,
      callbacks,
    });
    return Number(history['val_acc']?.at(-1));
  } finally {
    model.dispose();
    optimizer.dispose();
  }
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
