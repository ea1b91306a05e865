import type { Random } from '@paramo/core';

/** A one-to-one map of 0 … size − 1 onto itself, and its way back. */
export interface Permutation {
  at(index: bigint): bigint;
  placeOf(value: bigint): bigint;
}

const rounds = 8;
const word = (1n << 32n) - 1n;

/** Leaves everything where it is. */
export const identityPermutation: Permutation = { at: (index) => index, placeOf: (value) => value };

/**
 * A pseudo-random permutation of 0 … size − 1 that takes no memory: a balanced Feistel network on the next even number
 * of bits, walked until it comes back below `size` (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
 * The domain is at most four times `size`, so a walk takes four rounds of the network on average, at most.
 */
export function createSeededPermutation(size: bigint, random: Random): Permutation {
  if (size <= 1n) return identityPermutation;
  const halfBits = BigInt(Math.max(1, Math.ceil((size - 1n).toString(2).length / 2)));
  const mask = (1n << halfBits) - 1n;
  const keys = Array.from({ length: rounds }, () => random.uint32());

  const encrypt = (x: bigint): bigint => {
    let [left, right] = [x >> halfBits, x & mask];
    for (const key of keys) [left, right] = [right, left ^ (scatter(right, key, halfBits) & mask)];
    return (left << halfBits) | right;
  };
  const decrypt = (x: bigint): bigint => {
    let [left, right] = [x >> halfBits, x & mask];
    for (const key of keys.toReversed()) [left, right] = [right ^ (scatter(left, key, halfBits) & mask), left];
    return (left << halfBits) | right;
  };
  const walk = (start: bigint, next: (x: bigint) => bigint): bigint => {
    let x = next(start);
    while (x >= size) x = next(x);
    return x;
  };
  return { at: (index) => walk(index, encrypt), placeOf: (value) => walk(value, decrypt) };
}

/** At least `bits` bits that depend on all of `half` and on the key. */
function scatter(half: bigint, key: number, bits: bigint): bigint {
  let hash = key;
  for (let rest = half, more = true; more; more = rest !== 0n) {
    hash = mix(hash ^ Number(rest & word));
    rest >>= 32n;
  }
  let scattered = 0n;
  for (let made = 0n; made < bits; made += 32n) {
    hash = mix(hash + 0x9e3779b9);
    scattered = (scattered << 32n) | BigInt(hash);
  }
  return scattered;
}

/** A bijection of 32-bit numbers in which every bit depends on every bit: the finalizer of MurmurHash3 (Appleby 2011). */
function mix(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
