import type { Params, Space } from '@paramo/core';
import { createRandom, float, space } from '@paramo/core';
import type { SimulatedStart, SimulatedTraining } from '@paramo/core/testing';

/** Where the optimum of the rate turns back, and how far from it a rate may lie before it harms. */
const midpoint = 100;
const tolerance = 3;
const noise = 2;

/** The space of the toy: a learning rate. */
export const movingOptimumSpace: Space<{ readonly rate: number }> = space({ rate: float(1e-4, 0.02) });

/** The objective of the toy. */
export const movingOptimumObjective = 'max accuracy';

/** The options for `pbt` with which the toy's figures hold: 8 members. */
export const movingOptimumOptions = { population: 8, every: 4, quantile: 0.25, resample: 0.25 } as const;

/**
 * The accuracy after one more step: it rises where the rate is near an optimum that moves as the accuracy rises. The
 * example `pbt_function` of Ray Tune. `draw` is uniform in [0, 1), `normal` standard normal.
 */
export function trainOneStep(accuracy: number, rate: number, draw: number, normal: number): number {
  const slope = accuracy < midpoint ? (0.01 * accuracy) / midpoint : 0.01 - (0.01 * (accuracy - midpoint)) / midpoint;
  const optimum = Math.min(0.01, Math.max(0.001, slope));
  const error = Math.max(rate, optimum) / Math.min(rate, optimum);
  let next = accuracy;
  if (error < tolerance) next += draw / error;
  else if (rate > optimum) next -= (error - tolerance) * draw;
  return Math.max(0, next + noise * normal);
}

/** The toy as training with a state: chance depends on seed, trial and step alone, so a repeated step gives the same. */
export function trainMovingOptimum(seed: number): (start: SimulatedStart) => SimulatedTraining {
  return ({ trial, params, saved }) => {
    const { rate } = params as Params & { readonly rate: number };
    let accuracy = (saved as { readonly accuracy: number } | undefined)?.accuracy ?? 0;
    return {
      step: (done) => {
        const random = createRandom('moving-optimum', seed, trial, done);
        accuracy = trainOneStep(accuracy, rate, random.next(), random.normal());
        return { accuracy };
      },
      save: () => ({ accuracy }),
    };
  };
}
