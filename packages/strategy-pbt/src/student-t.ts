import { exp, ln, log1p } from '@paramo/core';

/** Where the continued fraction counts as settled, and how long it may take. */
const settled = 2 ** -52;
const mostTerms = 10_000;
/** Stands for 0 where Lentz's method would divide by it. */
const tiny = 2 ** -1000;

/** Lanczos' coefficients for g = 7, n = 9 (P. Godfrey 2001). */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const lanczosG = 7;
const halfLnTwoPi = 0.9189385332046728;

/** The chance that |T| ≥ |t| for Student's T with ν > 0 degrees of freedom, whole or not: I_x(ν/2, ½) at x = ν / (ν + t²). */
export function studentTwoSided(t: number, freedom: number): number {
  const square = t * t;
  if (square === Infinity) return 0;
  const x = freedom / (freedom + square);
  return incompleteBeta(x, square / (freedom + square), freedom / 2, 0.5);
}

/**
 * The regularised incomplete beta function I_x(a, b), given x and 1 − x, to about 1e-13 (Abramowitz & Stegun 26.5.8 by
 * Lentz's method). Core's logarithms and exponentials only, so every engine gives the same bits.
 */
export function incompleteBeta(x: number, complement: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  const lnX = x < 0.5 ? ln(x) : log1p(-complement);
  const lnComplement = x < 0.5 ? log1p(-x) : ln(complement);
  const front = exp(a * lnX + b * lnComplement - lnBeta(a, b));
  // The fraction converges fast below the mean of the distribution.
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(complement, b, a)) / b;
}

/** 1 / (1 + d₁ / (1 + d₂ / (1 + …))) with d₂ₘ = m(b − m)x / ((a + 2m − 1)(a + 2m)), d₂ₘ₊₁ = −(a + m)(a + b + m)x / ((a + 2m)(a + 2m + 1)). */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) <= settled) break;
  }
  return fraction;
}

function awayFromZero(x: number): number {
  return Math.abs(x) < tiny ? tiny : x;
}

function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

/** ln Γ(z) for z ≥ ½, to about 1e-14 of its size. */
export function lnGamma(z: number): number {
  const x = z - 1;
  let series = lanczos[0]!;
  for (let i = 1; i < lanczos.length; i++) series += lanczos[i]! / (x + i);
  const base = x + lanczosG + 0.5;
  return halfLnTwoPi + (x + 0.5) * ln(base) - base + ln(series);
}
