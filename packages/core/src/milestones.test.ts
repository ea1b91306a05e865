import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { milestonePassed } from './milestones.js';

describe('a milestone', () => {
  it('is reached by the first report at or past it', () => {
    expect(milestonePassed([1, 3, 9], 0, 1)).toBe(1);
    expect(milestonePassed([1, 3, 9], 1, 2)).toBeUndefined();
    expect(milestonePassed([1, 3, 9], 1, 4)).toBe(3);
    expect(milestonePassed([1, 3, 9], 4, 8)).toBeUndefined();
    expect(milestonePassed([], 0, 5)).toBeUndefined();
  });

  it('passed in one stride with others counts once, as the furthest', () => {
    expect(milestonePassed([1, 3, 9], 0, 100)).toBe(9);
  });

  it('comes again at every multiple of an interval', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(60), fc.nat(60), (interval, before, done) => {
      const multiples = Array.from({ length: 60 }, (_, i) => (i + 1) * interval);
      expect(milestonePassed({ interval }, before, done)).toBe(milestonePassed(multiples, before, done));
    }));
  });

  it('is found as a plain search finds it', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(50)), fc.nat(60), fc.nat(60), (steps, before, done) => {
      const ascending = [...steps].sort((a, b) => a - b);
      expect(milestonePassed(ascending, before, done)).toBe(ascending.filter((step) => step > before && step <= done).at(-1));
    }));
  });
});
