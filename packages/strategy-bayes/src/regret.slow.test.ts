import { createRandom, float, space } from '@paramo/core';
import type { NewTrial, Params } from '@paramo/core';
import { createPluginContext } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import strategy from './index.js';

const trials = 60;
const seeds = Array.from({ length: 20 }, (_, seed) => seed);
/** Two-sided 95 % quantile of Student's t with 19 degrees of freedom. */
const t19 = 2.093;

interface Problem {
  readonly name: string;
  readonly minimum: number;
  /** Where in the unit cube it lies (one of the places). */
  readonly minimiser: readonly number[];
  /** The value at a point of the unit cube. */
  f(x: readonly number[]): number;
}

/** Branin's function on its usual box (Dixon & Szegö 1978). */
const branin: Problem = {
  name: 'Branin',
  minimum: 0.39788735772973816,
  minimiser: [(Math.PI + 5) / 15, 2.275 / 15],
  f: ([u, v]) => {
    const [x, y] = [15 * u! - 5, 15 * v!];
    return (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
};

/** Hartmann's function in six dimensions (Dixon & Szegö 1978). */
const hartmann6: Problem = {
  name: 'Hartmann-6',
  minimum: -3.322368011391339,
  minimiser: [0.20168952, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054],
  f: (x) => {
    const a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]];
    const p = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991], [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]];
    return -[1, 1.2, 3, 3.2].reduce((sum, c, i) => sum + c * Math.exp(-x.reduce((inner, u, j) => inner + a[i]![j]! * (u - p[i]![j]! / 10_000) ** 2, 0)), 0);
  },
};

/** log10 of how far the best of 60 values lies above the minimum. */
function logRegret(evaluate: (params: Params) => number, minimum: number, propose: (trial: number, last: { readonly params: Params; readonly value: number } | undefined) => Params): number {
  let best = Infinity;
  let last: { readonly params: Params; readonly value: number } | undefined;
  for (let trial = 0; trial < trials; trial++) {
    const params = propose(trial, last);
    last = { params, value: evaluate(params) };
    best = Math.min(best, last.value);
  }
  return Math.log10(Math.max(best - minimum, 1e-10));
}

/** Regret of the strategy and of independent draws on the problem moved so that its minimum lies anywhere, by the seed, but at the border. */
function compare({ minimum, minimiser, f }: Problem, seed: number): { readonly bayes: number; readonly random: number } {
  const cube = space(Object.fromEntries(minimiser.map((_, i) => [`x${i}`, float(0, 1)])));
  const stream = createRandom('shift', seed);
  // Beyond its box the function continues as it is written.
  const shift = minimiser.map((place) => place - (0.1 + 0.8 * stream.next()));
  const evaluate = (params: Params): number => f(shift.map((by, i) => (params[`x${i}`] as number) + by));

  const instance = strategy.create(createPluginContext(strategy, { space: cube, seed }));
  const bayes = logRegret(evaluate, minimum, (trial, last) => {
    if (last) instance.observe({ position: 2 * trial, kind: 'ended', trial: trial - 1, state: 'completed', done: 1, value: last.value });
    const { params, memo } = instance.suggest() as NewTrial;
    instance.observe({ position: 2 * trial + 1, kind: 'created', trial, own: true, params, ...(memo !== undefined && { memo }) });
    return params;
  });
  const draws = createRandom('random', seed);
  const random = logRegret(evaluate, minimum, () => Object.fromEntries(shift.map((_, i) => [`x${i}`, draws.next()])));
  return { bayes, random };
}

describe('the regret after 60 trials, over 20 seeds', () => {
  test.each([branin, hartmann6])('on shifted $name it is clearly less than that of random search', { timeout: 120_000 }, (problem) => {
    const pairs = seeds.map((seed) => compare(problem, seed));
    const gains = pairs.map(({ bayes, random }) => random - bayes);
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    const sd = Math.sqrt(gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1));
    expect(mean - (t19 * sd) / Math.sqrt(gains.length)).toBeGreaterThan(0);
  });
});
