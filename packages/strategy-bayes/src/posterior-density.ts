// θ = (ln ℓ₁ … ln ℓ_d, ln σf², ln σn²); −ln p(θ | y) = ½ yᵀ α + Σ ln Lᵢᵢ + Σ (θₖ − mₖ)² / 2sₖ² + a constant, with K, L and α as in
// gaussian-process.ts; its gradient ½ tr((K⁻¹ − α αᵀ) ∂K/∂θₖ) + (θₖ − mₖ) / sₖ² (Rasmussen & Williams 2006, eq. 5.9).
import { exp, ln } from '@paramo/core';
import { axisDistance, matern52 } from './kernel.js';
import type { KernelValue } from './kernel.js';
import { dot, factorCholesky, invertCholesky, solveLower, solveLowerTransposed } from './linear-algebra.js';
import type { Differentiable } from './minimise.js';

const lengthVariance = 3;

/** A normal distribution of one hyperparameter's logarithm. */
export interface Prior {
  readonly mean: number;
  readonly sd: number;
}

/**
 * What is held of the hyperparameters before any result: length scales grow with the root of the dimension, ln ℓ being
 * normal with mean √2 + ½ ln d and variance 3 (Hvarfner, Hellsten & Nardi 2024), the signal's variance is about that of the
 * standardised targets, the noise small. Wanted is the likeliest ℓ, not the likeliest ln ℓ: ℓ's density is, as a function of ln ℓ, a normal curve too,
 * with its mean lower by the variance. With the longer ln ℓ a parameter that all good trials share the value of looks
 * irrelevant, is never moved again, and the search stalls.
 */
export function hyperparameterPriors(dimensions: number): readonly Prior[] {
  const lengthScale = { mean: Math.SQRT2 + 0.5 * ln(dimensions) - lengthVariance, sd: Math.sqrt(lengthVariance) };
  return [...Array.from({ length: dimensions }, () => lengthScale), { mean: 0, sd: 1 }, { mean: -7, sd: 2.5 }];
}

/** −ln of the hyperparameters' posterior density given the points and their targets, up to a constant, with its gradient. */
export function negativeLogPosterior(points: readonly Float64Array[], targets: Float64Array, hamming: readonly boolean[]): Differentiable {
  const n = points.length;
  const d = hamming.length;
  const priors = hyperparameterPriors(d);
  const distances = new Float64Array(((n * (n - 1)) / 2) * d);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      for (let k = 0; k < d; k++) distances[at++] = axisDistance(points[i]![k]!, points[j]![k]!, hamming[k]!);
    }
  }
  const slopes = new Float64Array((n * (n - 1)) / 2);
  const covariance = new Float64Array(n * n);
  const kernel: KernelValue = { value: 0, slope: 0 };

  return (theta, gradient) => {
    const weights = theta.slice(0, d).map((lnLength) => exp(-2 * lnLength));
    const signal = exp(theta[d]!);
    const noise = exp(theta[d + 1]!);

    let pair = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++, pair++) {
        matern52(dot(weights, 0, distances, pair * d, d), kernel);
        covariance[i * n + j] = signal * kernel.value;
        slopes[pair] = signal * kernel.slope;
      }
      covariance[i * n + i] = signal + noise;
    }
    const l = covariance.slice();
    if (!factorCholesky(l, n)) return Infinity;
    const alpha = targets.slice();
    solveLower(l, n, alpha);
    let value = 0.5 * dot(alpha, 0, alpha, 0, n);
    for (let i = 0; i < n; i++) value += ln(l[i * n + i]!);
    solveLowerTransposed(l, n, alpha);
    const inverse = invertCholesky(l, n);

    gradient.fill(0);
    let bySignal = 0;
    let byNoise = 0;
    pair = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++, pair++) {
        const weight = inverse[i * n + j]! - alpha[i]! * alpha[j]!;
        bySignal += weight * covariance[i * n + j]!;
        const bySlope = weight * slopes[pair]!;
        for (let k = 0; k < d; k++) gradient[k] = gradient[k]! + bySlope * distances[pair * d + k]!;
      }
      const weight = inverse[i * n + i]! - alpha[i]! * alpha[i]!;
      bySignal += 0.5 * weight * signal;
      byNoise += 0.5 * weight * noise;
    }
    for (let k = 0; k < d; k++) gradient[k] = gradient[k]! * weights[k]!;
    gradient[d] = bySignal;
    gradient[d + 1] = byNoise;

    priors.forEach(({ mean, sd }, k) => {
      const z = (theta[k]! - mean) / sd;
      value += 0.5 * z * z;
      gradient[k] = gradient[k]! + z / sd;
    });
    return value;
  };
}
