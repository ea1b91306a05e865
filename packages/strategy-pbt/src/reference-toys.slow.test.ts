import { parseObjective, type Json } from '@paramo/core';
import { simulateStudy } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import strategy from './index.js';
import {
  kolmogorovSmirnov, movingOptimumObjective, movingOptimumOptions, movingOptimumSpace, simulateReference, trainMovingOptimum,
  trainTwoQuadratics, twoQuadraticsObjective, twoQuadraticsOptions, twoQuadraticsSpace, twoQuadraticsSteps,
} from './testing/index.js';

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

function standardError(xs: readonly number[]): number {
  const middle = mean(xs);
  return Math.sqrt(xs.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (xs.length - 1) / xs.length);
}

describe('the toy of the paper: two members that see one parameter each', () => {
  const best = (options: Readonly<Record<string, Json>>, seed: number): number => {
    const { trials } = simulateStudy({
      space: twoQuadraticsSpace, strategy, strategyOptions: { ...twoQuadraticsOptions, ...options }, objectives: parseObjective(twoQuadraticsObjective),
      train: trainTwoQuadratics, steps: twoQuadraticsSteps, workers: 2, seed,
    });
    return Math.max(...trials.filter(({ state }) => state === 'completed').map(({ values }) => values!['q']!));
  };
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);

  test.each([false, true])('exploit and draws from U(0, 1) find the optimum 1.2 (synchronous: %s)', (synchronous) => {
    expect(mean(seeds.map((seed) => best({ explore: 'resample', synchronous }, seed)))).toBeGreaterThan(1.19);
  });

  test('exploit and perturbation alone stay at 0.39: what is 0 stays 0 when nothing is drawn anew', () => {
    for (const seed of seeds) expect(best({ explore: 'perturb', resample: 0 }, seed)).toBeCloseTo(0.39, 3);
  });

  test('exploit alone stays at 0.39', () => {
    for (const seed of seeds) expect(best({ explore: 'none' }, seed)).toBeCloseTo(0.39, 3);
  });

  test('without exploit each member is left with the term that it does not see', () => {
    for (const [trial, params] of twoQuadraticsOptions.founders.entries()) {
      const training = trainTwoQuadratics({ trial, params, done: 0 });
      let q = 0;
      for (let done = 1; done <= twoQuadraticsSteps; done++) q = training.step(done)['q']!;
      expect(q).toBeCloseTo(0.39, 3);
    }
  });

  test('perturbing as it is by default, with draws for what is 0, finds it too', () => {
    expect(mean(seeds.map((seed) => best({}, seed)))).toBeGreaterThan(1.19);
  });
});

describe("Ray's toy: an optimum that moves", () => {
  const steps = 200;
  const marks = [60, 200] as const;

  /** The best accuracy of the population after each step, run by the plugin. */
  const run = (options: Readonly<Record<string, Json>>, workers: number, seed: number): Float64Array => {
    const best = new Float64Array(steps);
    const train = trainMovingOptimum(seed);
    simulateStudy({
      space: movingOptimumSpace, strategy, strategyOptions: { ...movingOptimumOptions, ...options }, objectives: parseObjective(movingOptimumObjective), steps, workers, seed,
      train: (start) => {
        const training = train(start);
        return {
          ...training,
          step: (done) => {
            const values = training.step(done);
            best[done - 1] = Math.max(best[done - 1]!, values['accuracy']!);
            return values;
          },
        };
      },
    });
    return best;
  };
  const at = (runs: readonly Float64Array[], mark: number): number[] => runs.map((best) => best[mark - 1]!);
  const reference = Array.from({ length: 1000 }, (_, seed) => simulateReference({ seed, steps }));

  test('the simulator has the figures of the example: 52 and 190, without exploit 21 and 49', () => {
    const alone = Array.from({ length: 1000 }, (_, seed) => simulateReference({ seed, steps, every: 0 }));
    // The figures are means of 200 seeds.
    for (const [runs, mark, figure] of [[reference, 60, 52], [reference, 200, 190], [alone, 60, 21], [alone, 200, 49]] as const) {
      const values = at(runs, mark);
      expect(Math.abs(mean(values) - figure)).toBeLessThan(4 * standardError(values) * Math.sqrt(1 + values.length / 200));
    }
  });

  test('synchronous, the plugin comes from the same distribution', () => {
    const runs = Array.from({ length: 50 }, (_, seed) => run({ synchronous: true }, 8, seed));
    for (const mark of marks) expect(kolmogorovSmirnov(at(runs, mark), at(reference, mark)).p).toBeGreaterThan(0.001);
  }, 60_000);

  test('asynchronous, with fewer workers than members, it does at least as well', () => {
    for (const workers of [3, 8]) {
      const values = at(Array.from({ length: 40 }, (_, seed) => run({}, workers, seed)), 60);
      expect(mean(values)).toBeGreaterThan(mean(at(reference, 60)) - 3 * standardError(values));
    }
  }, 60_000);
});
