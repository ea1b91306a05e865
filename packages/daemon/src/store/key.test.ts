import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, decodeKey, encodeKey, maxKeyBytes, orderedFloat, prefixRange } from './key.js';

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'));
const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const float = fc.double({ noNaN: true });
const parts = fc.tuple(text, count, float, text, count);
type Parts = [string, number, number, string, number];

const encode = ([a, b, c, d, e]: Parts): Uint8Array => encodeKey(a, b, orderedFloat(c), d, e);

/** The order of the tuples: text by its UTF-8 bytes, numbers by size. */
function compareParts(one: Parts, other: Parts): number {
  for (let i = 0; i < one.length; i++) {
    const [a, b] = [one[i]!, other[i]!];
    const order = typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) : a < (b as number) ? -1 : a > (b as number) ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}

describe('encodeKey', () => {
  it('orders keys as their tuples, and gives different tuples different keys', () => {
    // Neighbours share parts, so that later parts are compared too.
    const pair = fc.tuple(parts, parts, fc.nat(5)).map(([a, b, shared]) => [a, [...a.slice(0, shared), ...b.slice(shared)] as Parts] as const);
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(Buffer.compare(encode(a), encode(b))).toBe(compareParts(a, b));
      }),
    );
  });

  it('is undone by decodeKey', () => {
    fc.assert(
      fc.property(parts, (tuple) => {
        const zeroed = tuple.map((part) => (part === 0 ? 0 : part));
        expect(decodeKey(encode(tuple), ['text', 'count', 'float', 'text', 'count'])).toEqual(zeroed);
      }),
    );
  });

  it('refuses what has no place in a key', () => {
    expect(() => encodeKey('a\0b')).toThrow(/INVALID_ARGUMENT.*zero character/);
    expect(() => encodeKey('\ud800')).toThrow(/half a surrogate pair/);
    expect(() => encodeKey(-1)).toThrow(/-1 is not a count/);
    expect(() => encodeKey(1.5)).toThrow(/1.5 is not a count/);
    expect(() => encodeKey(2 ** 53)).toThrow(/is not a count/);
    expect(() => orderedFloat(NaN)).toThrow(/NaN/);
    expect(() => encodeKey('a'.repeat(maxKeyBytes))).toThrow(/longer than 1900/);
    expect(encodeKey('a'.repeat(maxKeyBytes - 1))).toHaveLength(maxKeyBytes);
  });
});

describe('prefixRange', () => {
  it('holds exactly the keys that start with the parts', () => {
    fc.assert(
      fc.property(parts, parts, fc.integer({ min: 1, max: 4 }), (a, b, shared) => {
        const { from, to } = prefixRange(...([a[0], a[1], orderedFloat(a[2]), a[3]].slice(0, shared) as string[]));
        for (const tuple of [a, b, [...a.slice(0, shared), ...b.slice(shared)] as Parts]) {
          const key = encode(tuple);
          const inside = Buffer.compare(key, from) >= 0 && Buffer.compare(key, to) < 0;
          expect(inside).toBe(compareParts([...tuple.slice(0, shared), ...a.slice(shared)] as Parts, a) === 0);
        }
      }),
    );
  });

  it('carries over bytes that are full', () => {
    expect([...after(Uint8Array.of(1, 255, 255))]).toEqual([2]);
    expect(() => after(Uint8Array.of(255))).toThrow(/nothing is ordered after/);
  });
});
