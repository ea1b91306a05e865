import { normalCdf, normalPdf } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import { logExpectedImprovement } from './log-expected-improvement.js';

describe('the logarithm of the expected improvement', () => {
  test('it is that of sd (φ(z) + z Φ(z)) where this can be computed', () => {
    for (const [mean, sd, best] of [[0, 1, 0], [1, 0.5, 2], [3, 2, -1], [0.2, 0.1, -0.1], [5, 1, 0]] as const) {
      const z = (best - mean) / sd;
      expect(logExpectedImprovement(mean, sd, best).value).toBeCloseTo(Math.log(sd * (normalPdf(z) + z * normalCdf(z))), 9);
    }
  });

  test('far below, where the expectation underflows, it follows the asymptotic series', () => {
    // h(z) = φ(z) / z² (1 − 3/z² + 15/z⁴ − …)
    for (const z of [30, 100, 1e4, 1e8]) {
      const expected = -(z * z) / 2 - Math.log(2 * Math.PI) / 2 - 2 * Math.log(z) + Math.log1p(-3 / z ** 2 + 15 / z ** 4 - 105 / z ** 6);
      expect(logExpectedImprovement(z, 1, 0).value / expected).toBeCloseTo(1, 10);
    }
  });

  test('its three formulas meet', () => {
    for (const z of [-1, -25]) {
      const [below, above] = [logExpectedImprovement(0, 1, z - 1e-9).value, logExpectedImprovement(0, 1, z + 1e-9).value];
      expect(Math.abs(above - below)).toBeLessThan(1e-7);
    }
  });

  test('its slope in the far tail is that of −z²/2 − 2 ln |z|', () => {
    const { byMean, bySd } = logExpectedImprovement(1e7, 1, 0);
    expect(byMean / -1e7).toBeCloseTo(1, 12);
    expect(bySd / 1e14).toBeCloseTo(1, 12);
  });

  test('its derivatives are those of finite differences, in the tail too', () => {
    for (const [mean, sd, best] of [[0, 1, 0.5], [1, 0.5, 0], [4, 0.5, 0], [20, 0.5, 0]] as const) {
      const h = 1e-5;
      const { byMean, bySd } = logExpectedImprovement(mean, sd, best);
      const byMeanNear = (logExpectedImprovement(mean + h, sd, best).value - logExpectedImprovement(mean - h, sd, best).value) / (2 * h);
      const bySdNear = (logExpectedImprovement(mean, sd + h, best).value - logExpectedImprovement(mean, sd - h, best).value) / (2 * h);
      expect(byMean / byMeanNear).toBeCloseTo(1, 5);
      expect(bySd / bySdNear).toBeCloseTo(1, 5);
    }
  });
});
