import { exp } from '@paramo/core';

/** What the test says of two samples. */
export interface KolmogorovSmirnov {
  /** The largest distance between the two empirical distributions. */
  readonly distance: number;
  /** The chance of a distance so large if both come from one distribution; of large samples. */
  readonly p: number;
}

/**
 * The two-sample test of Kolmogorov and Smirnov; p = 2 Σ (−1)ᵏ⁻¹ exp(−2k²λ²) with λ = (√n + 0.12 + 0.11/√n) D and
 * n = n₁n₂ / (n₁ + n₂) (M. A. Stephens, J. R. Stat. Soc. B 32, 1970).
 */
export function kolmogorovSmirnov(xs: readonly number[], ys: readonly number[]): KolmogorovSmirnov {
  const [a, b] = [xs, ys].map((sample) => sample.toSorted((u, v) => u - v)) as [number[], number[]];
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= x) i++;
    while (j < b.length && b[j]! <= x) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  const root = Math.sqrt((a.length * b.length) / (a.length + b.length));
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  // Below this the sum is 1 to many digits, and slow to come to it.
  if (lambda < 0.2) return { distance, p: 1 };
  let p = 0;
  for (let k = 1; k <= 100; k++) p += (k % 2 === 1 ? 2 : -2) * exp(-2 * k * k * lambda * lambda);
  return { distance, p: Math.min(1, Math.max(0, p)) };
}
