import { studentTwoSided } from './student-t.js';

/** What Welch's t-test says of two samples. */
export interface WelchResult {
  /** The means, in the order of the samples. */
  readonly means: readonly [number, number];
  /** The chance of means so far apart if those behind them are equal; 1 where a sample has fewer than two values. */
  readonly p: number;
}

/**
 * Welch's t-test, two-sided: t = (x̄ − ȳ) / √(s²ₓ/n + s²ᵧ/m), with the degrees of freedom of Welch and Satterthwaite
 * (B. L. Welch, Biometrika 34, 1947).
 */
export function welchTest(xs: readonly number[], ys: readonly number[]): WelchResult {
  const [x, y] = [summarise(xs), summarise(ys)];
  const means = [x.mean, y.mean] as const;
  if (xs.length < 2 || ys.length < 2) return { means, p: 1 };
  const [a, b] = [x.variance / xs.length, y.variance / ys.length];
  const difference = x.mean - y.mean;
  if (a + b === 0) return { means, p: difference === 0 ? 1 : 0 };
  const share = a / (a + b);
  const freedom = 1 / ((share * share) / (xs.length - 1) + ((1 - share) * (1 - share)) / (ys.length - 1));
  return { means, p: studentTwoSided(difference / Math.sqrt(a + b), freedom) };
}

function summarise(xs: readonly number[]): { readonly mean: number; readonly variance: number } {
  let sum = 0;
  for (const x of xs) sum += x;
  const mean = sum / xs.length;
  let squares = 0;
  for (const x of xs) squares += (x - mean) * (x - mean);
  return { mean, variance: squares / (xs.length - 1) };
}
