import { createRandom } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import type { Result } from './ranking.js';
import { createRanking } from './ranking.js';

/** Sorted the slow way: numbers, then NaN; equal ones by trial. */
function sorted(results: Iterable<Result>): Result[] {
  const rank = ({ cost }: Result): number => (Number.isNaN(cost) ? 1 : 0);
  return [...results].sort((a, b) => rank(a) - rank(b) || (a.cost < b.cost ? -1 : a.cost > b.cost ? 1 : a.trial - b.trial));
}

describe('a ranking', () => {
  test('is the sorted list, through 5000 additions and removals with ties, infinities and NaN', () => {
    const random = createRandom('ranking');
    const ranking = createRanking();
    const inside = new Set<Result>();
    const removed: Result[] = [];
    const odd = [NaN, Infinity, -Infinity, 0, -0];
    for (let trial = 0; trial < 5000; trial++) {
      const result = { trial, cost: random.next() < 0.1 ? random.pick(odd) : random.int(400) / 8 };
      ranking.add(result);
      inside.add(result);
      if (random.next() < 0.4) {
        const gone = random.pick([...inside].slice(0, 50));
        expect(ranking.remove(gone)).toBe(true);
        inside.delete(gone);
        removed.push(gone);
      }
      if (trial % 250 !== 249) continue;
      const order = sorted(inside);
      expect(ranking.size).toBe(order.length);
      expect(ranking.best).toBe(order[0]);
      expect(order.map((each) => ranking.placeOf(each))).toEqual(order.map((_, place) => place));
    }
    for (const gone of removed) expect(ranking.remove(gone)).toBe(false);
    for (const each of inside) expect(ranking.remove(each)).toBe(true);
    expect([ranking.size, ranking.best, ranking.placeOf({ trial: 0, cost: 1 })]).toEqual([0, undefined, 0]);
  });
});
