import { ln } from '@paramo/core';
import type { Hyperparameters } from './gaussian-process.js';
import { minimise } from './minimise.js';
import { hyperparameterPriors, negativeLogPosterior } from './posterior-density.js';

const iterations = 30;
const tolerance = 1e-4;
const leastNoise = 1e-7;

/** What to fit to, and from where. */
export interface FitInput {
  readonly points: readonly Float64Array[];
  readonly targets: Float64Array;
  readonly hamming: readonly boolean[];
  /** Hyperparameters to start from, each in turn; the best end counts. */
  readonly starts: readonly Hyperparameters[];
}

/** Where a fit starts that knows nothing: the means of the priors. */
export function firstGuess(dimensions: number): Hyperparameters {
  return Float64Array.from(hyperparameterPriors(dimensions), ({ mean }) => mean);
}

/** The hyperparameters of largest posterior density that a local search from each start finds. */
export function fitHyperparameters({ points, targets, hamming, starts }: FitInput): Hyperparameters {
  const f = negativeLogPosterior(points, targets, hamming);
  const d = hamming.length;
  const lower = new Float64Array(d + 2).fill(-5);
  const upper = new Float64Array(d + 2).fill(8);
  [lower[d], upper[d]] = [-4, 5];
  [lower[d + 1], upper[d + 1]] = [ln(leastNoise), 1];
  const ends = starts.map((start) => minimise(f, start, { lower, upper, iterations, tolerance }));
  return ends.reduce((best, end) => (end.value < best.value ? end : best)).x;
}
