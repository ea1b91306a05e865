import { describe, expect, test } from 'vitest';
import { sobolDimension, sobolDimensions } from './joe-kuo.js';
import { float } from './parameter.js';
import type { PluginContext } from './plugin.js';
import type { PointSequence } from './point-sequence.js';
import { createRandom } from './random.js';
import { createSobolSequence, owenScramble, sobolBits, sobolDirections } from './sobol-sequence.js';
import { space } from './space.js';

const cube = (dimensions: number) => space(Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`x${i}`, float(0, 1)])));
const context = (dimensions: number, seed: number): PluginContext => ({ space: cube(dimensions), objectives: [], options: {}, random: (...key) => createRandom('study', seed, ...key) });
const take = (sequence: PointSequence, count: number): Float64Array[] => Array.from({ length: count }, (_, index) => sequence(index));

/** How many points lie in each box of a grid with 2^a columns and 2^b rows. */
function boxCounts(points: readonly (readonly [number, number])[], a: number, b: number): number[] {
  const counts = Array.from({ length: 2 ** (a + b) }, () => 0);
  for (const [x, y] of points) counts[Math.floor(x * 2 ** a) * 2 ** b + Math.floor(y * 2 ** b)]!++;
  return counts;
}

describe('the direction numbers', () => {
  test('the table begins and ends as new-joe-kuo-6.21201 does at these dimensions', () => {
    expect([1, 2, 3, 4, 5, 6].map(sobolDimension)).toEqual([
      { a: 0, m: [1] }, { a: 1, m: [1, 3] }, { a: 1, m: [1, 3, 1] }, { a: 2, m: [1, 1, 1] }, { a: 1, m: [1, 1, 3, 3] }, { a: 4, m: [1, 3, 5, 13] },
    ]);
    expect(sobolDimension(sobolDimensions - 1)).toEqual({ a: 224, m: [1, 1, 1, 1, 25, 9, 23, 225, 385, 629, 603, 3747, 4241] });
  });

  test('every initial number is odd and below 2^k, and polynomials have the degree of their numbers', () => {
    for (let dimension = 1; dimension < sobolDimensions; dimension++) {
      const { a, m } = sobolDimension(dimension);
      m.forEach((value, k) => expect(value % 2 === 1 && value < 2 ** (k + 1)).toBe(true));
      expect(a).toBeLessThan(2 ** (m.length - 1));
    }
  });
});

describe('the Sobol sequence', () => {
  test('unscrambled, its first points in three dimensions are the published ones', () => {
    // Joe and Kuo's sobol.cc lists points in Gray-code order; these are the same eight in natural order.
    const points = Array.from({ length: 8 }, (_, index) => [0, 1, 2].map((d) => sobolBits(sobolDirections(d), index) / 2 ** 32));
    expect(points).toEqual([
      [0, 0, 0], [0.5, 0.5, 0.5], [0.25, 0.75, 0.75], [0.75, 0.25, 0.25], [0.125, 0.625, 0.375], [0.625, 0.125, 0.875], [0.375, 0.375, 0.625], [0.875, 0.875, 0.125],
    ]);
  });

  test('scrambled or not, 2^m points in two dimensions have one in every elementary interval', () => {
    for (const m of [1, 4, 8]) {
      for (let a = 0; a <= m; a++) {
        const plain = Array.from({ length: 2 ** m }, (_, index) => [0, 1].map((d) => sobolBits(sobolDirections(d), index) / 2 ** 32) as [number, number]);
        expect(new Set(boxCounts(plain, a, m - a))).toEqual(new Set([1]));
        for (let seed = 0; seed < 5; seed++) {
          const scrambled = take(createSobolSequence(context(2, seed)), 2 ** m).map(([x, y]) => [x!, y!] as const);
          expect(new Set(boxCounts(scrambled, a, m - a))).toEqual(new Set([1]));
        }
      }
    }
  });

  test('in every dimension of the table 256 scrambled points have one in every 256th', () => {
    const sequence = createSobolSequence(context(sobolDimensions, 1));
    const points = take(sequence, 256);
    for (let d = 0; d < sobolDimensions; d++) expect(new Set(points.map((point) => Math.floor(point[d]! * 256))).size).toBe(256);
  });

  test('each point alone is uniform over seeds', () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let seed = 0; seed < 1600; seed++) counts[Math.floor(createSobolSequence(context(1, seed))(3)[0]! * 16)]!++;
    // χ² with 15 degrees of freedom is above 45 with probability 10⁻⁴; the seeds are fixed.
    expect(counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(45);
  });

  test('scrambling keeps common leading bits common, as nesting demands', () => {
    const seeds = [123, 456] as const;
    for (let shared = 0; shared < 32; shared++) {
      const x = 0xb5297a4d;
      const y = (x ^ (2 ** (31 - shared))) >>> 0;
      expect(Math.clz32(owenScramble(x, seeds) ^ owenScramble(y, seeds))).toBe(shared);
    }
  });

  test('dimensions beyond the table are drawn independently, and uniformly', () => {
    const points = take(createSobolSequence(context(sobolDimensions + 2, 1)), 256);
    const [first, second] = [0, 1].map((beyond) => points.map((point) => Math.floor(point[sobolDimensions + beyond]! * 4)));
    const counts = Array.from({ length: 16 }, (_, cell) => points.filter((_, i) => first![i]! * 4 + second![i]! === cell).length);
    // χ² with 15 degrees of freedom is above 45 with probability 10⁻⁴; the seed is fixed.
    expect(counts.reduce((sum, count) => sum + (count - 16) ** 2 / 16, 0)).toBeLessThan(45);
  });
});
