// Tunes a TensorFlow.js network. The callback reports every epoch, and ends a training that the stopper gives up on.
// Run it: npm install @paramo/adapter-tfjs @tensorflow/tfjs && node tune-with-tfjs.mjs
import { paramoCallback } from '@paramo/adapter-tfjs';
import * as tf from '@tensorflow/tfjs';
import { choice, float, int, space, tune } from 'paramo';

// Inside or outside a circle?
const count = 400;
const x = tf.randomUniform([count, 2], -1, 1, 'float32', 1);
const y = tf.tidy(() => x.square().sum(1).less(0.5).cast('float32').reshape([count, 1]));

const best = await tune(
  {
    name: 'circle',
    space: space({ lr: float(1e-3, 1e-1, { log: true, default: 1e-2 }), units: int(2, 32, { log: true, default: 8 }), activation: choice(['relu', 'tanh']) }),
    objective: 'min val_loss',
    stopper: 'median',
    budget: { trials: 10 },
  },
  async (trial) => {
    const { lr, units, activation } = trial.params;
    const model = tf.sequential({ layers: [tf.layers.dense({ units, activation, inputShape: [2] }), tf.layers.dense({ units: 1, activation: 'sigmoid' })] });
    model.compile({ optimizer: tf.train.adam(lr), loss: 'binaryCrossentropy' });
    await model.fit(x, y, { epochs: 8, validationSplit: 0.25, verbose: 0, callbacks: paramoCallback(trial) });
    model.dispose();
  },
);

console.log(`val_loss ${best.metrics.val_loss.toFixed(3)} with`, best.params);
