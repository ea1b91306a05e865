import type { PluginContext, PointSequence } from '@paramo/core';

/** Digits beyond this many bits do not change a number below 1. */
const precisionBits = 53;

/**
 * The Halton sequence with a random permutation of the digits at each place of each base, trailing zeros included
 * (A. B. Owen, "A randomized Halton algorithm in R", 2017). Dimension j counts in the j-th prime.
 */
export function createHaltonSequence(context: PluginContext): PointSequence {
  const bases = primes(context.space.dimensions.length);
  const axes = bases.map((base, dimension) => {
    const digits = Array.from({ length: base }, (_, digit) => digit);
    let places = 0;
    for (let reach = 1; reach < 2 ** precisionBits; reach *= base) places++;
    const permutations = Array.from({ length: places }, (_, place) => context.random('halton', dimension, place).shuffle(digits));
    return { base, permutations };
  });
  return (index) => Float64Array.from(axes, ({ base, permutations }) => {
    let u = 0;
    let rest = index;
    let weight = 1 / base;
    for (const permuted of permutations) {
      u += permuted[rest % base]! * weight;
      rest = Math.floor(rest / base);
      weight /= base;
    }
    // Rounding may reach 1, which is no coordinate of a half-open interval.
    return Math.min(u, 1 - 2 ** -precisionBits);
  });
}

/** The first `count` primes. */
export function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) {
    if (found.every((p) => n % p !== 0)) found.push(n);
  }
  return found;
}
