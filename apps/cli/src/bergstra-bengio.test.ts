import { createRandom, float, space } from '@paramo/core';
import type { Params, Space, StrategyPlugin } from '@paramo/core';
import { simulateStudy } from '@paramo/core/testing';
import grid from '@paramo/strategy-grid';
import random from '@paramo/strategy-random';
import { describe, expect, test } from 'vitest';

/*
 * J. Bergstra and Y. Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012): where a function has a
 * low effective dimension, a grid spends its trials on repeating the same few values of the parameters that matter,
 * while every random trial tries a new one. 64 trials are a grid of 2 values in each of 6 parameters, or of 4 in each of 3.
 */
const trials = 64;
const studies = 100;

interface Problem {
  readonly cube: Space;
  /** The parameters that matter, by name. */
  readonly important: readonly string[];
  loss(params: Params): number;
}

/** A bowl around a random optimum, in which one or two parameters drawn by chance carry nearly all the weight. */
function drawProblem(parameters: number, seed: number): Problem {
  const cube = space(Object.fromEntries(Array.from({ length: parameters }, (_, i) => [`x${i}`, float(0, 1)])));
  const draw = createRandom('bergstra-bengio', seed);
  const names = draw.shuffle(cube.dimensions.map(({ name }) => name));
  const important = names.slice(0, 1 + draw.int(2));
  const terms = names.map((name) => ({ name, optimum: draw.next(), weight: important.includes(name) ? 0.5 + draw.next() / 2 : 0.001 }));
  return { cube, important, loss: (params) => terms.reduce((sum, { name, optimum, weight }) => sum + weight * ((params[name] as number) - optimum) ** 2, 0) };
}

function search(strategy: StrategyPlugin, strategyOptions: Record<string, number>, problem: Problem, seed: number): { readonly best: number; readonly distinct: number } {
  const { trials: made } = simulateStudy({
    space: problem.cube, strategy, strategyOptions, seed, steps: 1, workers: 1, budget: { trials }, evaluate: (params) => ({ loss: problem.loss(params) }),
  });
  expect(made).toHaveLength(trials);
  const distinct = Math.min(...problem.important.map((name) => new Set(made.map(({ params }) => params[name])).size));
  return { best: Math.min(...made.map(({ values }) => values!['loss']!)), distinct };
}

describe.each([[6, 2], [3, 4]])('where one or two of %d parameters matter, and a grid of 64 has %d values of each', (parameters, values) => {
  const outcomes = Array.from({ length: studies }, (_, seed) => {
    const problem = drawProblem(parameters, seed);
    return { byRandom: search(random, {}, problem, seed), byGrid: search(grid, { resolution: values }, problem, seed) };
  });

  test('64 random trials try 64 values of each parameter that matters', () => {
    for (const { byRandom, byGrid } of outcomes) expect([byRandom.distinct, byGrid.distinct]).toEqual([64, values]);
  });

  test('random search finds better values than the grid, in the mean over 100 paired studies with 95 % confidence', () => {
    const gains = outcomes.map(({ byRandom, byGrid }) => byGrid.best - byRandom.best);
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / studies;
    const sd = Math.sqrt(gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (studies - 1));
    // The lower end of the two-sided interval; t with 99 degrees of freedom is 1.984.
    expect(mean - (1.984 * sd) / Math.sqrt(studies)).toBeGreaterThan(0);
    expect(gains.filter((gain) => gain > 0).length).toBeGreaterThan(studies / 2);
  });
});
