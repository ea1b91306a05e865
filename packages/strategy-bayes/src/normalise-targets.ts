import { expm1, ln, log1p, pow } from '@paramo/core';

/** Values brought to mean 0 and variance 1, and the way back. */
export interface NormalisedTargets {
  readonly targets: Float64Array;
  /** The value that a target stands for. Finite and increasing. */
  restore(target: number): number;
}

const leastLambda = -1;
const mostLambda = 3;
/** The distance of the quartiles of a standard normal distribution. */
const normalQuartiles = 1.3489795003921634;
/** The least part of the standard deviation that the quartiles may make of it. */
const leastShare = 1e-3;
const goldenSection = 0.6180339887498949;
const searchSteps = 24;
/** How far from the mean a restored value may lie, in standard deviations. */
const farthest = 1e6;

/**
 * Standardised values, made as normal as a power transform can (Yeo & Johnson 2000; λ by maximum likelihood), and
 * standardised again. Values that are all the same become zeros.
 */
export function normaliseTargets(values: readonly number[]): NormalisedTargets {
  // Divided by the largest first, so that no square overflows.
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const first = centre(Float64Array.from(values, (value) => value / size));
  const lambda = likeliestLambda(first.values);
  const second = standardise(first.values.map((z) => power(z, lambda)));
  return {
    targets: second.values,
    restore: (target) => {
      const z = inversePower(second.mean + second.sd * target, lambda);
      const value = (first.mean + first.sd * Math.max(-farthest, Math.min(farthest, z))) * size;
      return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
    },
  };
}

/** The transform ψ(z, λ) of Yeo and Johnson; λ = 1 changes nothing. */
export function power(z: number, lambda: number): number {
  return z >= 0 ? boxCox(z, lambda) : -boxCox(-z, 2 - lambda);
}

/** The z with power(z, λ) = t; infinite beyond the transform's range. */
export function inversePower(t: number, lambda: number): number {
  return t >= 0 ? inverseBoxCox(t, lambda) : -inverseBoxCox(-t, 2 - lambda);
}

/** ((1 + z)^λ − 1) / λ for z ≥ 0. */
function boxCox(z: number, lambda: number): number {
  return Math.abs(lambda) < 1e-9 ? log1p(z) : expm1(lambda * log1p(z)) / lambda;
}

function inverseBoxCox(t: number, lambda: number): number {
  if (Math.abs(lambda) < 1e-9) return expm1(t);
  const grown = 1 + lambda * t;
  return grown <= 0 ? Infinity : pow(grown, 1 / lambda) - 1;
}

interface Standardised {
  readonly values: Float64Array;
  readonly mean: number;
  readonly sd: number;
}

function standardise(values: Float64Array): Standardised {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length);
  const spread = sd > 1e-14 * Math.max(1, Math.abs(mean));
  return { values: values.map((value) => (spread ? (value - mean) / sd : 0)), mean, sd: spread ? sd : 0 };
}

/** The same by median and quartiles, which a few far values do not move, as long as they are not almost all there is. */
function centre(values: Float64Array): Standardised {
  const sorted = values.toSorted();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const mean = at(0.5);
  const whole = standardise(values);
  const sd = Math.max((at(0.75) - at(0.25)) / normalQuartiles, leastShare * whole.sd);
  return sd > 0 ? { values: values.map((value) => (value - mean) / sd), mean, sd } : whole;
}

/** Golden-section search over λ. */
function likeliestLambda(z: Float64Array): number {
  const logs = z.reduce((sum, value) => sum + (value >= 0 ? log1p(value) : -log1p(-value)), 0);
  const logLikelihood = (lambda: number): number => {
    const { sd } = standardise(z.map((value) => power(value, lambda)));
    return sd > 0 ? -z.length * ln(sd) + (lambda - 1) * logs : -Infinity;
  };
  let [a, b] = [leastLambda, mostLambda];
  let [c, d] = [b - goldenSection * (b - a), a + goldenSection * (b - a)];
  let [atC, atD] = [logLikelihood(c), logLikelihood(d)];
  for (let step = 0; step < searchSteps; step++) {
    if (atC >= atD) {
      [b, d, atD] = [d, c, atC];
      c = b - goldenSection * (b - a);
      atC = logLikelihood(c);
    } else {
      [a, c, atC] = [c, d, atD];
      d = a + goldenSection * (b - a);
      atD = logLikelihood(d);
    }
  }
  return (a + b) / 2;
}
