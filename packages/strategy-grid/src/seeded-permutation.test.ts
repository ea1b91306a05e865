import { createRandom } from '@paramo/core';
import { expect, test } from 'vitest';
import { createSeededPermutation } from './seeded-permutation.js';

test('a permutation of any size takes every number to another one, and back', () => {
  for (const size of [1, 2, 3, 4, 5, 16, 17, 100, 257, 1000]) {
    const { at, placeOf } = createSeededPermutation(BigInt(size), createRandom('test', size));
    const images = new Set<bigint>();
    for (let i = 0n; i < BigInt(size); i++) {
      images.add(at(i));
      expect(at(i) >= 0n && at(i) < BigInt(size)).toBe(true);
      expect(placeOf(at(i))).toBe(i);
    }
    expect(images.size).toBe(size);
  }
});

test('numbers beyond 2^64 come back too', () => {
  const size = 10n ** 40n + 7n;
  const { at, placeOf } = createSeededPermutation(size, createRandom('test'));
  for (const i of [0n, 1n, 2n ** 53n + 1n, 2n ** 100n, size - 1n]) expect(placeOf(at(i))).toBe(i);
});

test('over seeds, the first number goes everywhere about equally often', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let seed = 0; seed < 2000; seed++) counts[Number(createSeededPermutation(10n, createRandom('test', seed)).at(0n))]!++;
  // χ² with 9 degrees of freedom is above 34 with probability 10⁻⁴; the seeds are fixed.
  expect(counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)).toBeLessThan(34);
});
