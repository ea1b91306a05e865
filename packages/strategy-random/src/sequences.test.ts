import { float, ParamoError, sobolDimensions, space } from '@paramo/core';
import type { PointSequence } from '@paramo/core';
import { createPluginContext } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import { createHaltonSequence, primes } from './halton-sequence.js';
import strategy from './index.js';

const cube = (dimensions: number) => space(Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`x${i}`, float(0, 1)])));
const context = (dimensions: number, seed: number) => createPluginContext(strategy, { space: cube(dimensions), seed });
const take = (sequence: PointSequence, count: number): Float64Array[] => Array.from({ length: count }, (_, index) => sequence(index));

/** How many points lie in each box of a grid with 2^a columns and 2^b rows. */
function boxCounts(points: readonly (readonly [number, number])[], a: number, b: number): number[] {
  const counts = Array.from({ length: 2 ** (a + b) }, () => 0);
  for (const [x, y] of points) counts[Math.floor(x * 2 ** a) * 2 ** b + Math.floor(y * 2 ** b)]!++;
  return counts;
}

describe('the Sobol sequence', () => {
  test('with more parameters than the table has it says what to use', () => {
    const create = () => strategy.create(createPluginContext(strategy, { space: cube(sobolDimensions + 1), options: { sequence: 'sobol' } }));
    expect(create).toThrow(ParamoError);
    expect(create).toThrow(/512 parameters, and this space has 513/);
  });
});

describe('the Halton sequence', () => {
  test('dimension j counts in the j-th prime', () => {
    expect(primes(10)).toEqual([2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
  });

  test('b^k points in base b have one in every interval of length b^-k, in every dimension', () => {
    const points = take(createHaltonSequence(context(4, 9)), 625);
    [[2, 9], [3, 5], [5, 4], [7, 3]].forEach(([base, power], d) => {
      const cells = base! ** power!;
      expect(new Set(points.slice(0, cells).map((point) => Math.floor(point[d]! * cells))).size).toBe(cells);
    });
  });

  test('all coordinates lie in [0, 1), and another seed moves them', () => {
    const points = take(createHaltonSequence(context(30, 2)), 500);
    expect(points.every((point) => point.every((u) => u >= 0 && u < 1))).toBe(true);
    expect(createHaltonSequence(context(2, 1))(5)).not.toEqual(createHaltonSequence(context(2, 2))(5));
  });

  test('it covers the square more evenly than independent draws', () => {
    const emptyBoxes = (sequence: PointSequence) => boxCounts(take(sequence, 256).map(([x, y]) => [x!, y!] as const), 4, 4).filter((count) => count === 0).length;
    // Independent draws leave 256/e ≈ 94 of 256 boxes empty.
    expect(emptyBoxes(createHaltonSequence(context(2, 4)))).toBeLessThan(70);
  });
});
