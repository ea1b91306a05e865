import { createRandom } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import { fitHyperparameters } from './fit-hyperparameters.js';
import { createGaussianProcess } from './gaussian-process.js';
import { axisDistance, matern52 } from './kernel.js';
import { negativeLogPosterior } from './posterior-density.js';

const random = createRandom('points');
const hamming = [false, false, true];
const points = Array.from({ length: 12 }, (_, i) => Float64Array.of(random.next(), i % 5 === 0 ? NaN : random.next(), i % 2 === 0 ? 0.25 : 0.75));
const targets = Float64Array.from(points, ([x, y]) => Math.sin(6 * x!) + (y === y ? y! : 0));
const hyperparameters = Float64Array.of(-0.7, -0.2, 0.4, 0.3, -6);

const differences = (f: (x: Float64Array) => number, at: Float64Array, h: number): Float64Array =>
  at.map((value, k) => (f(at.with(k, value + h)) - f(at.with(k, value - h))) / (2 * h));

describe('the kernel', () => {
  test('it is (1 + √5 r + 5/3 r²) e^(−√5 r), and its slope −2 ∂k/∂(r²)', () => {
    const [out, above, below] = [{ value: 0, slope: 0 }, { value: 0, slope: 0 }, { value: 0, slope: 0 }];
    for (const q of [1e-3, 0.1, 1, 7]) {
      const s = Math.sqrt(5 * q);
      matern52(q, out);
      matern52(q + 1e-6, above);
      matern52(q - 1e-6, below);
      expect(out.value).toBeCloseTo((1 + s + (s * s) / 3) * Math.exp(-s), 14);
      expect(out.slope).toBeCloseTo((-2 * (above.value - below.value)) / 2e-6, 6);
    }
    matern52(0, out);
    expect(out).toEqual({ value: 1, slope: 5 / 3 });
  });

  test('choices are alike or not; a parameter both points lack sets them no distance, one that one lacks a constant', () => {
    expect([axisDistance(0.2, 0.5, false), axisDistance(0.2, 0.5, true), axisDistance(0.5, 0.5, true)]).toEqual([0.09, 1, 0]);
    expect([axisDistance(NaN, NaN, false), axisDistance(NaN, 0.1, false), axisDistance(0.9, NaN, true)]).toEqual([0, 1, 1]);
  });
});

describe('the hyperparameters', () => {
  test('the gradient of their posterior density is that of finite differences', () => {
    const f = negativeLogPosterior(points, targets, hamming);
    const unused = new Float64Array(5);
    const gradient = new Float64Array(5);
    f(hyperparameters, gradient);
    const near = differences((theta) => f(theta, unused), hyperparameters, 1e-5);
    gradient.forEach((value, k) => expect(value / near[k]!).toBeCloseTo(1, 5));
  });

  test('of one result the density is that of a normal distribution, and the priors', () => {
    const f = negativeLogPosterior([Float64Array.of(0.5)], Float64Array.of(2), [false]);
    const theta = Float64Array.of(Math.SQRT2 - 3, 0, -7);
    expect(f(theta, new Float64Array(3))).toBeCloseTo(2 / (1 + Math.exp(-7)) + Math.log(1 + Math.exp(-7)) / 2, 12);
  });

  test('a fit finds that one axis matters and the other does not', () => {
    const stream = createRandom('fit');
    const plane = Array.from({ length: 30 }, () => Float64Array.of(stream.next(), stream.next()));
    const wave = Float64Array.from(plane, ([x]) => Math.SQRT2 * Math.sin(9 * x!));
    const [first, second, , noise] = fitHyperparameters({ points: plane, targets: wave, hamming: [false, false], starts: [new Float64Array(4)] });
    expect(second! - first!).toBeGreaterThan(2);
    expect(noise).toBeLessThan(-6);
  });
});

describe('the process', () => {
  test('of one point its mean and variance have a closed form', () => {
    const process = createGaussianProcess({ points: [Float64Array.of(0.2)], targets: Float64Array.of(1.5), hamming: [false], hyperparameters: Float64Array.of(0, 0, Math.log(0.01)) })!;
    const s = Math.sqrt(5) * 0.5;
    const k = (1 + s + (s * s) / 3) * Math.exp(-s);
    const { mean, sd } = process.predict(Float64Array.of(0.7));
    expect(mean).toBeCloseTo((k * 1.5) / 1.01, 12);
    expect(sd).toBeCloseTo(Math.sqrt(1 - (k * k) / 1.01), 12);
  });

  test('without noise it passes through its points', () => {
    const process = createGaussianProcess({ points, targets, hamming, hyperparameters: hyperparameters.with(4, Math.log(1e-9)) })!;
    points.forEach((point, i) => expect(process.predict(point).mean).toBeCloseTo(targets[i]!, 5));
  });

  test('the gradients of mean and sd are those of finite differences', () => {
    const process = createGaussianProcess({ points, targets, hamming, hyperparameters })!;
    const x = Float64Array.of(0.31, 0.62, 0.25);
    const [byMean, bySd] = [new Float64Array(3), new Float64Array(3)];
    process.predictWithGradient(x, byMean, bySd);
    const means = differences((u) => process.predict(u).mean, x, 1e-6);
    const sds = differences((u) => process.predict(u).sd, x, 1e-6);
    for (const axis of [0, 1]) {
      expect(byMean[axis]).toBeCloseTo(means[axis]!, 6);
      expect(bySd[axis]).toBeCloseTo(sds[axis]!, 6);
    }
    expect([byMean[2], bySd[2]]).toEqual([0, 0]);
  });
});
