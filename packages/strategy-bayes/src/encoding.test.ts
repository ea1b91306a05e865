import { bool, branch, choice, float, int, ordinal, space } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import { createEncoding } from './encoding.js';

describe('the encoding', () => {
  test('a log parameter has equal factors at equal distances', () => {
    const { encode, decode } = createEncoding(space({ rate: float(1e-4, 1, { log: true }) }));
    [1e-4, 1e-3, 1e-2, 1e-1, 1].forEach((rate, quarters) => expect(encode({ rate })[0]).toBeCloseTo(quarters / 4, 12));
    expect(decode(Float64Array.of(0.5))['rate']).toBeCloseTo(1e-2, 12);
  });

  test('integers and ordinals have an order and a grid of their own, which points snap to', () => {
    const encoding = createEncoding(space({ n: int(1, 4), size: ordinal([16, 64, 1024, 4096]), x: float(0, 1) }));
    const grid = [0, 1, 2, 3].map((cell) => encoding.centre(0, cell));
    expect(grid.toSorted((a, b) => a - b)).toEqual(grid);
    [16, 64, 1024, 4096].forEach((size, rank) => expect([...encoding.encode({ n: rank + 1, size, x: 0.3 })]).toEqual([grid[rank], encoding.centre(1, rank), 0.3]));
    expect(encoding.hamming).toEqual([false, false, false]);
    for (const u of [0.3, 0.4, 0.45]) expect([...encoding.settle(Float64Array.of(u, 0.99, 0.123))]).toEqual([grid[1], encoding.centre(1, 3), 0.123]);
  });

  test('choices and booleans are Hamming dimensions', () => {
    expect(createEncoding(space({ kind: choice(['a', 'b', 'c']), flag: bool() })).hamming).toEqual([true, true]);
  });

  test('a parameter that does not exist has no coordinate, in params as in points', () => {
    const { encode, settle } = createEncoding(space({}).and(branch('model', { linear: {}, mlp: { hidden: float(0, 1) } })));
    expect(encode({ model: 'linear' })[1]).toBeNaN();
    expect(encode({ model: 'mlp', hidden: 0.25 })[1]).toBe(0.25);
    expect(settle(Float64Array.of(0.1, 0.7))[1]).toBeNaN();
    expect(settle(Float64Array.of(0.9, 0.7))[1]).toBe(0.7);
  });
});
