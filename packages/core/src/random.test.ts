import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { murmur3 } from './murmur3.js';
import { createRandom } from './random.js';
import { createXoshiro128 } from './xoshiro128.js';

const first = (count: number, ...key: readonly (string | number)[]): number[] => {
  const random = createRandom(...key);
  return Array.from({ length: count }, () => random.uint32());
};

/** Σ (observed − expected)² / expected over equally likely cells. */
const chiSquare = (counts: readonly number[]): number => {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

describe('the published parts', () => {
  it('xoshiro128** gives the reference sequence from the state 1, 2, 3, 4', () => {
    const next = createXoshiro128(Uint32Array.of(1, 2, 3, 4));
    expect(Array.from({ length: 10 }, next)).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804]);
  });

  it('murmur3 passes the verification of SMHasher (MurmurHash3_x86_128: 0xB3ECE62A)', () => {
    const all = new Uint8Array(256 * 16);
    const view = new DataView(all.buffer);
    for (let length = 0; length < 256; length++) {
      const hash = murmur3(Uint8Array.from({ length }, (_, i) => i), 256 - length);
      hash.forEach((word, lane) => view.setUint32(16 * length + 4 * lane, word, true));
    }
    expect(murmur3(all, 0)[0]).toBe(0xb3ece62a);
  });
});

describe('createRandom', () => {
  it('gives the same stream for the same key, today and always', () => {
    expect(first(100, 'study', 7)).toEqual(first(100, 'study', 7));
    expect(first(4, 'study', 7)).toEqual([116603998, 1583956744, 1469808780, 2948373520]);
  });

  it('tells keys apart by type, border, order and length', () => {
    const keys = [[], [1], ['1'], [1, 23], [12, 3], ['a', 'b'], ['ab'], ['ab', ''], ['', 'ab'], ['b', 'a'], [0], [''], [1, 1], ['\ud800'], ['\ufffd'], [Infinity]];
    expect(new Set(keys.map((key) => first(4, ...key).join())).size).toBe(keys.length);
    expect(first(4, 0)).toEqual(first(4, -0));
    expect(() => createRandom('a', NaN)).toThrow('NaN');
  });

  it('gives different streams to different keys, whatever they are', () => {
    const key = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }).map((x) => x + 0)), { maxLength: 4 });
    fc.assert(fc.property(key, key, (a, b) => {
      const same = a.length === b.length && a.every((part, i) => part === b[i]);
      expect(first(4, ...a).join() === first(4, ...b).join()).toBe(same);
    }));
  });

  it('next is uniform in [0, 1)', () => {
    const random = createRandom('uniform');
    const counts = new Array<number>(256).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const u = random.next();
      counts[Math.floor(256 * u)]!++;
    }
    expect(counts).toHaveLength(256);
    expect(chiSquare(counts)).toBeLessThan(330.5); // 99.9 % of χ² with 255 degrees of freedom
  });

  it('first draws of neighbouring keys are uniform too', () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 20_000; i++) counts[Math.floor(64 * createRandom('suggest', i).next())]!++;
    expect(chiSquare(counts)).toBeLessThan(103.4); // 99.9 % of χ² with 63 degrees of freedom
  });

  it('int is unbiased, also where the range is no power of two or above 2^32', () => {
    const random = createRandom('int');
    for (const n of [1, 2, 3, 7, 10, 1000]) {
      const counts = new Array<number>(n).fill(0);
      for (let i = 0; i < 20_000; i++) counts[random.int(n)]!++;
      expect(chiSquare(counts)).toBeLessThan(n + 4 * Math.sqrt(2 * n) + 6);
    }
    const thirds = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) thirds[Math.floor(random.int(3 * 2 ** 51) / 2 ** 51)]!++;
    expect(chiSquare(thirds)).toBeLessThan(13.8); // 99.9 %, 2 degrees of freedom
    for (const n of [0, -1, 1.5, 2 ** 53 + 2, NaN]) expect(() => random.int(n)).toThrow('is not a whole number from 1 to 2^53');
  });

  it('normal has the moments of the standard normal distribution', () => {
    const random = createRandom('normal');
    const draws = Array.from({ length: 100_000 }, () => random.normal());
    const moment = (k: number): number => draws.reduce((sum, z) => sum + z ** k, 0) / draws.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.012);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(3))).toBeLessThan(0.05);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  it('shuffle gives every order equally often and leaves its input alone; pick takes one of the items', () => {
    const random = createRandom('shuffle');
    const items = Object.freeze(['a', 'b', 'c', 'd']);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.shuffle(items).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(49.7); // 99.9 %, 23 degrees of freedom
    expect(items).toContain(random.pick(items));
    expect(random.shuffle([])).toEqual([]);
    expect(() => random.pick([])).toThrow('nothing to pick from');
  });
});
