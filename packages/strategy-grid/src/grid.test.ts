import { bool, branch, choice, float, int, isParamoError, ordinal, space } from '@paramo/core';
import type { NewTrial, Params, Space } from '@paramo/core';
import { createPluginContext, simulateStudy } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import { createGridAxes } from './grid-axis.js';
import { createGridTree, gridIndex, gridPoint } from './grid-tree.js';
import strategy, { grid } from './index.js';
import type { GridOptions } from './index.js';

const all = (over: Space, options: GridOptions = {}): readonly Params[] =>
  simulateStudy({ space: over, strategy, strategyOptions: grid(options).options, workers: 1, steps: 1 }).trials.map(({ params }) => params);
const values = (over: Space, name: string, options: GridOptions = {}) => [...new Set(all(over, options).map((params) => params[name]))];
const problem = (over: Space, options: GridOptions): { code: string; message: string; hint: string } => {
  try {
    strategy.create(createPluginContext(strategy, { space: over, options: grid(options).options }));
  } catch (error) {
    if (isParamoError(error)) return error;
  }
  throw new Error('nothing was refused');
};

describe('the points of a grid', () => {
  test('floats: even in the transformed space, both ends exactly', () => {
    expect(values(space({ x: float(-1, 1) }), 'x', { resolution: 5 })).toEqual([-1, -0.5, 0, 0.5, 1]);
    const decades = values(space({ lr: float(1e-5, 1e-1, { log: true }) }), 'lr', { points: { lr: 5 } }) as number[];
    expect([decades[0], decades[4]]).toEqual([1e-5, 1e-1]);
    decades.forEach((value, i) => expect(value / 10 ** (i - 5)).toBeCloseTo(1, 12));
    const reverse = values(space({ m: float(0.9, 0.999, { log: 'reverse' }) }), 'm', { resolution: 3 }) as number[];
    expect([reverse[0], reverse[2]]).toEqual([0.9, 0.999]);
    expect(1 - reverse[1]!).toBeCloseTo(0.01, 12);
    expect(values(space({ x: float(0, 1) }), 'x', { resolution: 1 })).toEqual([0.5]);
  });

  test('a step gives its own points, and points takes some of them', () => {
    const stepped = space({ drop: float(0, 0.5, { step: 0.1 }) });
    expect(values(stepped, 'drop')).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(values(stepped, 'drop', { resolution: 99 })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(values(stepped, 'drop', { points: { drop: 3 } })).toHaveLength(3);
  });

  test('whole numbers: all of them, or as many as points says, each once, with both ends', () => {
    expect(values(space({ n: int(2, 6) }), 'n')).toEqual([2, 3, 4, 5, 6]);
    expect(values(space({ n: int(0, 100) }), 'n', { points: { n: 5 } })).toEqual([0, 25, 50, 75, 100]);
    expect(values(space({ n: int(1, 3) }), 'n', { points: { n: 10 } })).toEqual([1, 2, 3]);
    const log = values(space({ n: int(1, 1000, { log: true }) }), 'n', { points: { n: 10 } }) as number[];
    expect([log[0], log.at(-1)]).toEqual([1, 1000]);
    expect(log).toEqual([...new Set(log)].sort((a, b) => a - b));
    expect(log.some((n) => n > 5 && n < 50)).toBe(true);
  });

  test('the last parameter varies fastest', () => {
    expect(all(space({ a: choice(['x', 'y']), b: bool(), c: ordinal([1, 2]) })).slice(0, 5)).toEqual([
      { a: 'x', b: false, c: 1 }, { a: 'x', b: false, c: 2 }, { a: 'x', b: true, c: 1 }, { a: 'x', b: true, c: 2 }, { a: 'y', b: false, c: 1 },
    ]);
  });

  test('of branches only live combinations, each once, also where branches nest and names are shared', () => {
    const inner = space({ units: int(1, 2) }).and(branch('act', { relu: {}, leaky: { slope: choice([0.1, 0.2]) } }));
    const nested = space({ flag: bool() }).and(branch('model', { none: {}, mlp: inner, cnn: { units: int(5, 7) } }));
    const points = all(nested);
    expect(points).toHaveLength(2 * (1 + 2 * 3 + 3));
    expect(new Set(points.map((params) => nested.key(params))).size).toBe(points.length);
    expect(BigInt(points.length)).toBe(nested.size);
  });
});

describe('the order', () => {
  test('number and point are each other’s inverse over the whole tree', () => {
    const mixed = space({ x: float(0, 1), n: int(1, 4) }).and(branch('m', { a: { y: float(1, 10, { log: true }) }, b: { z: int(1, 2) }, c: {} }));
    const tree = createGridTree(createGridAxes(mixed, { resolution: 3 }));
    expect(tree.size).toBe(3n * 4n * (3n + 2n + 1n));
    for (let index = 0n; index < tree.size; index++) expect(gridIndex(tree, gridPoint(tree, index))).toBe(index);
    expect(gridIndex(tree, { x: 0.3, n: 1, m: 'c' })).toBeUndefined();
  });

  test('shuffled: every point once, in an order that follows from the seed', () => {
    const flat = space({ n: int(1, 30), k: choice(['a', 'b', 'c']) });
    const order = (seed: number) => simulateStudy({ space: flat, strategy, strategyOptions: { order: 'shuffled' }, seed, workers: 1, steps: 1 }).trials.map(({ params }) => flat.key(params));
    expect(new Set(order(1)).size).toBe(90);
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    expect(order(1)).not.toEqual(all(flat).map((params) => flat.key(params)));
    // The first third already holds low, middle and high values.
    const firstThird = order(1).slice(0, 30).map((key) => Number(/"n":(\d+)/.exec(key)![1]));
    for (const [low, high] of [[1, 10], [11, 20], [21, 30]]) expect(firstThird.some((n) => n >= low! && n <= high!)).toBe(true);
  });

  test.each(['lexicographic', 'shuffled'] as const)('a grid of 10^12 points, or of 10^30, is proposed from without being built (%s)', (order) => {
    for (const parameters of [12, 30]) {
      const vast = space(Object.fromEntries(Array.from({ length: parameters }, (_, i) => [`x${i}`, float(0, 1)])));
      const { trials, suggestions, reason } = simulateStudy({ space: vast, strategy, strategyOptions: { resolution: 10, order }, steps: 1, budget: { trials: 50 } });
      expect(new Set(trials.map(({ params }) => vast.key(params))).size).toBe(50);
      expect((suggestions[0] as NewTrial).because).toEqual({ kind: 'design', detail: `point 1 of ${10n ** BigInt(parameters)}` });
      expect(reason).toBe('budget');
    }
  });

  test('points that any trial has already are skipped, whoever made it and however far ahead it lies', () => {
    const ten = space({ n: int(1, 10) });
    const instance = strategy.create(createPluginContext(strategy, { space: ten }));
    [3, 1, 2, 7].forEach((n, trial) => instance.observe({ position: trial + 1, kind: 'created', trial, own: trial === 2, params: { n } }));
    expect((instance.suggest() as NewTrial).params).toEqual({ n: 4 });
    [4, 5, 6, 8, 9, 10].forEach((n, i) => instance.observe({ position: 10 + i, kind: 'created', trial: 4 + i, own: true, params: { n } }));
    expect([instance.suggest(), instance.done()]).toEqual([undefined, true]);
  });
});

describe('what a grid refuses', () => {
  test('a float without a resolution, by name and with what to set', () => {
    const error = problem(space({ n: int(1, 3), lr: float(0, 1) }), { points: { n: 2 } });
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(error.message).toMatch(/lr is a float without a step/);
    expect(error.hint).toMatch(/points: \{ "lr": 5 \}.*resolution: 5.*step/);
  });

  test('points for a parameter that is not there, with the near miss, or for one whose values are listed', () => {
    const two = space({ momentum: float(0, 1), kind: choice(['a', 'b']) });
    expect(problem(two, { resolution: 3, points: { momentun: 3 } }).hint).toBe('Did you mean momentum?');
    expect(problem(two, { resolution: 3, points: { kind: 2 } }).message).toMatch(/kind, which is a choice/);
  });

  test('more points than can be picked one by one from a long range', () => {
    expect(problem(space({ n: int(0, 1e12) }), { points: { n: 1e9 } }).hint).toMatch(/at most 1000000, or leave n out/);
  });

  test('options of the wrong type do not compile', () => {
    // @ts-expect-error not a number of points
    grid({ resolution: '5' });
    // @ts-expect-error no such order
    grid({ order: 'random' });
    expect(grid({ points: { lr: 5 } })).toEqual({ name: 'grid', options: { points: { lr: 5 } } });
  });
});
