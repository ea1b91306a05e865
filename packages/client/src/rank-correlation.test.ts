import { expect, test } from 'vitest';
import { correlationRatio, ranks, spearman } from './rank-correlation.js';

test('equal numbers share the mean of their ranks', () => {
  expect(ranks([10, 30, 20, 20, -Infinity])).toEqual([2, 5, 3.5, 3.5, 1]);
  expect(ranks([])).toEqual([]);
});

test("Spearman's ρ of IQ and hours of television is the published −29/165", () => {
  const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
  const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
  expect(spearman(iq, hours)).toBeCloseTo(-29 / 165, 14);
});

test('it is 1 along any rising curve, −1 along any falling one, and shares ranks among ties', () => {
  const x = [1, 2, 3, 4, 5];
  expect(spearman(x, x.map((u) => 10 ** u))).toBeCloseTo(1, 14);
  expect(spearman(x, x.map((u) => -(u ** 3)))).toBeCloseTo(-1, 14);
  // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: Σab = 4.5, Σa² = 4.5, Σb² = 5.
  expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 14);
});

test('without variation there is no correlation', () => {
  expect(spearman([2, 2, 2], [1, 2, 3])).toBe(0);
  expect(spearman([1, 2, 3], [5, 5, 5])).toBe(0);
  expect(correlationRatio(['a', 'b', 'a'], [5, 5, 5])).toBe(0);
  expect(correlationRatio(['a', 'a', 'a'], [1, 2, 3])).toBe(0);
});

test('the correlation ratio of marks by subject is the published one: η² = 6780/9640', () => {
  const marks = { algebra: [45, 70, 29, 15, 21], geometry: [40, 20, 30, 42], statistics: [65, 95, 80, 70, 85, 73] };
  const subjects = Object.entries(marks).flatMap(([subject, list]) => list.map(() => subject));
  expect(correlationRatio(subjects, Object.values(marks).flat())).toBeCloseTo(Math.sqrt(6780 / 9640), 14);
});
