import { describe, expect, test } from 'vitest';
import { minimise } from './minimise.js';

/** Rosenbrock's valley, its minimum 0 at (1, 1). */
function rosenbrock([x, y]: Float64Array, gradient: Float64Array): number {
  const rise = y! - x! * x!;
  gradient[0] = -2 * (1 - x!) - 400 * x! * rise;
  gradient[1] = 200 * rise;
  return (1 - x!) ** 2 + 100 * rise * rise;
}

describe('minimise', () => {
  test('it follows a curved valley to its minimum', () => {
    const { x } = minimise(rosenbrock, Float64Array.of(-1.2, 1), { lower: Float64Array.of(-5, -5), upper: Float64Array.of(5, 5), iterations: 100, tolerance: 1e-12 });
    expect(x[0]).toBeCloseTo(1, 3);
    expect(x[1]).toBeCloseTo(1, 3);
  });

  test('it ends at the wall of the box where the minimum lies beyond', () => {
    const { x, value } = minimise(rosenbrock, Float64Array.of(0, 0), { lower: Float64Array.of(-5, -5), upper: Float64Array.of(0.5, 5), iterations: 100, tolerance: 1e-12 });
    expect([x[0], x[1]!.toFixed(4)]).toEqual([0.5, '0.2500']);
    expect(value).toBeCloseTo(0.25, 8);
  });

  test('it backs away from where the function has no value', () => {
    const f = ([x]: Float64Array, gradient: Float64Array): number => {
      gradient[0] = 1 - 1 / x!;
      return x! > 0 ? x! - Math.log(x!) : Infinity;
    };
    const { x } = minimise(f, Float64Array.of(8), { lower: Float64Array.of(-10), upper: Float64Array.of(10), iterations: 50, tolerance: 1e-12 });
    expect(x[0]).toBeCloseTo(1, 4);
  });
});
