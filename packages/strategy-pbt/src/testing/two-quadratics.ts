import type { Params, Space } from '@paramo/core';
import { float, space } from '@paramo/core';
import type { SimulatedStart, SimulatedTraining } from '@paramo/core/testing';

const start = 0.9;
const rate = 0.02;

/** The space of the toy: the weights of the two terms of the surrogate. */
export const twoQuadraticsSpace: Space<{ readonly h0: number; readonly h1: number }> = space({ h0: float(0, 1), h1: float(0, 1) });

/** The objective of the toy. */
export const twoQuadraticsObjective = 'max q';

/** Steps of a trial of the toy. */
export const twoQuadraticsSteps = 200;

/** The options for `pbt` with which the toy is that of the paper: each member sees one of the two parameters alone. */
export const twoQuadraticsOptions = { population: 2, every: 5, quantile: 0.5, founders: [{ h0: 1, h1: 0 }, { h0: 0, h1: 1 }] } as const;

/**
 * The toy of Jaderberg et al. 2017, section 3.2 and figure 2, as training with a state: gradient ascent on the surrogate
 * 1.2 − h₀θ₀² − h₁θ₁² from θ = (0.9, 0.9), with the hyperparameters h; the objective is q = 1.2 − θ₀² − θ₁².
 */
export function trainTwoQuadratics({ params, saved }: SimulatedStart): SimulatedTraining {
  const { h0, h1 } = params as Params & { readonly h0: number; readonly h1: number };
  let [a, b] = (saved as { readonly theta: readonly [number, number] } | undefined)?.theta ?? [start, start];
  return {
    step: () => {
      a -= rate * 2 * h0 * a;
      b -= rate * 2 * h1 * b;
      return { q: 1.2 - a * a - b * b };
    },
    save: () => ({ theta: [a, b] }),
  };
}
