import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from './backend.js';
import { loadDigits } from './digits.js';
import type { Digits } from './digits.js';
import { networkSpace, trainNetwork } from './network.js';
import { fullScale, quickScale } from './scale.js';

let digits: Digits;
beforeAll(async () => {
  await openBackend();
  digits = await loadDigits(quickScale);
});

function train(dropout: number): Promise<number> {
  const params = { ...networkSpace.center(), dropout, layers: 2 };
  return trainNetwork({ params, seed: 5, train: digits.search, heldOut: digits.validation, epochs: 2, callbacks: [] });
}

describe('the network of the demo', () => {
  test('trains on WebAssembly and lets go of all its tensors', async () => {
    expect(tf.getBackend()).toBe('wasm');
    expect(await train(0.3)).toBeGreaterThan(0.1);
    const before = tf.memory();
    await train(0);
    await train(0.5);
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  });

  test('is given as many digits as there are, each in one set', () => {
    expect(fullScale.finalImages + fullScale.validationImages + fullScale.testImages).toBeLessThanOrEqual(10_000);
    const firstPixels = [digits.validation, digits.test, digits.final].flatMap(({ images }) => images.arraySync().map((row) => row.join()));
    expect(new Set(firstPixels).size).toBe(firstPixels.length);
    expect(digits.search.labels.shape).toEqual([quickScale.searchImages, 10]);
    expect(digits.test.labels.sum().dataSync()[0]).toBe(quickScale.testImages);
  });
});
