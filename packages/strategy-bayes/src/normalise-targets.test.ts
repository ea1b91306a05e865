import { describe, expect, test } from 'vitest';
import { inversePower, normaliseTargets, power } from './normalise-targets.js';

describe('the power transform', () => {
  test('it has the closed forms of Yeo and Johnson', () => {
    expect([power(3, 1), power(-3, 1), power(0, 0.3)]).toEqual([3, -3, 0]);
    expect(power(3, 0)).toBeCloseTo(Math.log(4), 14);
    expect(power(-3, 2)).toBeCloseTo(-Math.log(4), 14);
    expect(power(3, 0.5)).toBeCloseTo(2, 14);
    expect(power(-3, 0)).toBeCloseTo(-7.5, 14);
  });

  test('its inverse undoes it', () => {
    for (const lambda of [-1, 0, 0.4, 1, 2, 2.7]) for (const z of [-4, -0.3, 0, 0.2, 5]) expect(inversePower(power(z, lambda), lambda)).toBeCloseTo(z, 10);
  });
});

describe('normalised targets', () => {
  const moments = (values: Float64Array): [number, number] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
  };

  test.each([['skewed', [1, 2, 3, 5, 9, 40, 1000]], ['tiny', [1e-300, 3e-300, 2e-300]], ['huge', [-1.7e308, 1e308, 1.7e308]], ['far from zero', [1e9 + 1, 1e9 + 2, 1e9 + 5]]])('%s values get mean 0, variance 1, keep their order, and come back', (_, values) => {
    const { targets, restore } = normaliseTargets(values);
    const [mean, variance] = moments(targets);
    expect(mean).toBeCloseTo(0, 10);
    expect(variance).toBeCloseTo(1, 10);
    const order = (list: ArrayLike<number>) => values.map((_value, i) => i).sort((a, b) => list[a]! - list[b]!);
    expect(order(targets)).toEqual(order(values));
    values.forEach((value, i) => expect(Math.abs(restore(targets[i]!) / value - 1)).toBeLessThan(1e-6));
  });

  test('a long tail is drawn in', () => {
    const { targets } = normaliseTargets([1, 2, 3, 5, 9, 40, 1000]);
    expect(Math.max(...targets)).toBeLessThan(2);
  });

  test('values that are all the same become zeros and come back', () => {
    const { targets, restore } = normaliseTargets([7, 7, 7]);
    expect([...targets]).toEqual([0, 0, 0]);
    expect(restore(0)).toBe(7);
  });

  test('what a target stands for is finite, however far out', () => {
    const { restore } = normaliseTargets([1, 2, 3, 5, 9, 40, 1.7e308]);
    for (const target of [-1e9, -50, 50, 1e9]) expect(Number.isFinite(restore(target))).toBe(true);
  });
});
