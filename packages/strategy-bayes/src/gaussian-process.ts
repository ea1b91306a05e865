// n points x of d coordinates, targets y; K = σf² k(x, x′) + σn² I = L Lᵀ; α = K⁻¹ y. The mean is 0, for standardised targets.
// At x: k its covariances with the points, mean = k·α, variance = σf² − kᵀ K⁻¹ k, of the function and not of a noisy value.
import { exp } from '@paramo/core';
import type { KernelValue } from './kernel.js';
import { axisDistance, matern52 } from './kernel.js';
import { dot, factorCholesky, solveLower, solveLowerTransposed } from './linear-algebra.js';

/** ln ℓ of each dimension, then ln σf² and ln σn². Length d + 2. */
export type Hyperparameters = Float64Array;

/** What the model expects at one point. */
export interface Prediction {
  readonly mean: number;
  /** Above 0. */
  readonly sd: number;
}

/** A Gaussian process conditioned on points. */
export interface GaussianProcess {
  predict(x: Float64Array): Prediction;
  /** The same, with the gradients by each coordinate written to the arrays; 0 for Hamming and inactive coordinates. */
  predictWithGradient(x: Float64Array, meanGradient: Float64Array, sdGradient: Float64Array): Prediction;
}

const leastVariance = 1e-12;

/** What a process is conditioned on. */
export interface ProcessInput {
  readonly points: readonly Float64Array[];
  readonly targets: Float64Array;
  readonly hamming: readonly boolean[];
  readonly hyperparameters: Hyperparameters;
}

/** The process given the points; undefined when their covariance is not positive definite in double precision. */
export function createGaussianProcess({ points, targets, hamming, hyperparameters }: ProcessInput): GaussianProcess | undefined {
  const n = points.length;
  const d = hamming.length;
  const weights = hyperparameters.slice(0, d).map((lnLength) => exp(-2 * lnLength));
  const signal = exp(hyperparameters[d]!);
  const noise = exp(hyperparameters[d + 1]!);
  const kernel: KernelValue = { value: 0, slope: 0 };

  const evaluate = (a: Float64Array, b: Float64Array): void => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += weights[j]! * axisDistance(a[j]!, b[j]!, hamming[j]!);
    matern52(sum, kernel);
  };

  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      evaluate(points[i]!, points[j]!);
      l[i * n + j] = signal * kernel.value;
    }
    l[i * n + i] = signal + noise;
  }
  if (!factorCholesky(l, n)) return undefined;
  const alpha = targets.slice();
  solveLower(l, n, alpha);
  solveLowerTransposed(l, n, alpha);

  const covariances = new Float64Array(n);
  const slopes = new Float64Array(n);
  const solved = new Float64Array(n);

  function predict(x: Float64Array): Prediction {
    for (let i = 0; i < n; i++) {
      evaluate(x, points[i]!);
      covariances[i] = signal * kernel.value;
      slopes[i] = signal * kernel.slope;
    }
    const mean = dot(covariances, 0, alpha, 0, n);
    solved.set(covariances);
    solveLower(l, n, solved);
    return { mean, sd: Math.sqrt(Math.max(leastVariance, signal - dot(solved, 0, solved, 0, n))) };
  }

  return {
    predict,
    predictWithGradient: (x, meanGradient, sdGradient) => {
      const prediction = predict(x);
      solveLowerTransposed(l, n, solved);
      meanGradient.fill(0);
      sdGradient.fill(0);
      for (let i = 0; i < n; i++) {
        const point = points[i]!;
        const byMean = -slopes[i]! * alpha[i]!;
        const bySd = (slopes[i]! * solved[i]!) / prediction.sd;
        for (let j = 0; j < d; j++) {
          const step = (x[j]! - point[j]!) * weights[j]!;
          if (hamming[j]! || step !== step) continue;
          meanGradient[j] = meanGradient[j]! + byMean * step;
          sdGradient[j] = sdGradient[j]! + bySd * step;
        }
      }
      return prediction;
    },
  };
}
