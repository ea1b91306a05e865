import { describe, expect, it } from 'vitest';
import { createUlid, drawFraction, drawSeed } from './entropy.js';

const zeros = { bytes: (count: number) => new Uint8Array(count) };
const ones = { bytes: (count: number) => new Uint8Array(count).fill(255) };

describe('a ULID', () => {
  it('encodes its time as the specification does', () => {
    // Time part of the specification's example 01ARZ3NDEKTSV4RRFFQ69G5FAV: 2016-07-30T23:54:10.259Z.
    expect(createUlid(1469922850259, zeros)).toBe('01ARZ3NDEK0000000000000000');
    expect(createUlid(0, ones)).toBe('0000000000ZZZZZZZZZZZZZZZZ');
  });

  it('sorts by time', () => {
    expect(createUlid(1, ones) < createUlid(2, zeros)).toBe(true);
  });
});

describe('draws', () => {
  it('stay in their ranges', () => {
    expect(drawSeed(zeros)).toBe(0);
    expect(drawSeed(ones)).toBe(2 ** 32 - 1);
    expect(drawFraction(ones)).toBeLessThan(1);
  });
});
