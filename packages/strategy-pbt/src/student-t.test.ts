import { describe, expect, test } from 'vitest';
import { incompleteBeta, lnGamma, studentTwoSided } from './student-t.js';
import { welchTest } from './welch-test.js';

describe("Student's t", () => {
  // Percentage points of the t distribution, two-sided (Abramowitz & Stegun, table 26.10).
  test.each([
    [1, 12.706, 0.05], [1, 63.657, 0.01], [2, 4.303, 0.05], [2, 9.925, 0.01], [5, 2.571, 0.05], [5, 4.032, 0.01],
    [9, 2.262, 0.05], [10, 2.228, 0.05], [10, 3.169, 0.01], [18, 2.101, 0.05], [30, 2.042, 0.05], [60, 2, 0.05], [120, 2.617, 0.01],
  ])('with %i degrees of freedom |t| passes %f with the chance of the tables', (freedom, t, p) => {
    expect(studentTwoSided(t, freedom)).toBeGreaterThan(p * 0.998);
    expect(studentTwoSided(-t, freedom)).toBeLessThan(p * 1.002);
  });

  test('closed forms: ν = 1 is 1 − 2 arctan(t)/π, ν = 2 is 1 − t/√(2 + t²)', () => {
    for (const t of [1e-6, 0.1, 0.5, 1, 2, 5, 40, 1e4]) {
      expect(studentTwoSided(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 13);
      expect(studentTwoSided(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 13);
    }
  });

  test('it ends well: 1 at 0, 0 at infinity, falling in between, also for degrees of freedom that are not whole', () => {
    expect(studentTwoSided(0, 7.3)).toBe(1);
    expect(studentTwoSided(Infinity, 7.3)).toBe(0);
    let before = 1;
    for (let t = 0.1; t < 60; t += 0.1) {
      const p = studentTwoSided(t, 7.3);
      expect(p).toBeLessThan(before);
      expect(p).toBeGreaterThan(0);
      before = p;
    }
  });

  test('the incomplete beta function: I_x(a, 1) is xᵃ, I_x(1, b) is 1 − (1 − x)ᵇ, I_x(a, b) is 1 − I_{1−x}(b, a)', () => {
    for (const x of [0.01, 0.3, 0.5, 0.77, 0.99]) {
      expect(incompleteBeta(x, 1 - x, 2.5, 1)).toBeCloseTo(x ** 2.5, 13);
      expect(incompleteBeta(x, 1 - x, 1, 3.5)).toBeCloseTo(1 - (1 - x) ** 3.5, 13);
      expect(incompleteBeta(x, 1 - x, 4.5, 0.5)).toBeCloseTo(1 - incompleteBeta(1 - x, x, 0.5, 4.5), 13);
    }
  });

  test('ln Γ: factorials, and √π at one half', () => {
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
    for (const [z, factorial] of [[1, 1], [2, 1], [5, 24], [11, 3_628_800]] as const) expect(lnGamma(z)).toBeCloseTo(Math.log(factorial), 12);
  });
});

describe("Welch's t-test", () => {
  // The data sets sleep (Student 1908) and mtcars (Henderson & Velleman 1981), and the p that R's t.test prints for them.
  const examples = [
    { name: 'sleep', xs: [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2], ys: [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4], p: 0.07939 },
    {
      name: 'mpg by am of mtcars', p: 0.001374,
      xs: [21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 21.5, 15.5, 15.2, 13.3, 19.2],
      ys: [21, 21, 22.8, 32.4, 30.4, 33.9, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4],
    },
  ];
  test.each(examples)('published examples: of $name p is $p', ({ xs, ys, p }) => {
    expect(Number(welchTest(xs, ys).p.toPrecision(4))).toBe(p);
    expect(welchTest(ys, xs).p).toBe(welchTest(xs, ys).p);
  });

  test('two values are needed of each; without any spread means differ surely or not at all', () => {
    expect(welchTest([1], [2, 3])).toEqual({ means: [1, 2.5], p: 1 });
    expect(welchTest([], [2, 3]).p).toBe(1);
    expect(welchTest([1, 1], [2, 2]).p).toBe(0);
    expect(welchTest([2, 2], [2, 2]).p).toBe(1);
  });
});
