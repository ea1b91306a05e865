import type { Encoding } from './encoding.js';
import { firstGuess, fitHyperparameters } from './fit-hyperparameters.js';
import type { GaussianProcess, Hyperparameters } from './gaussian-process.js';
import { createGaussianProcess } from './gaussian-process.js';
import { normaliseTargets } from './normalise-targets.js';
import type { NormalisedTargets } from './normalise-targets.js';
import type { TrialResults } from './trial-results.js';

/** The most results a model is given: a fit takes time with their number cubed. */
const mostPoints = 300;
/** Up to this many results every suggestion fits anew. */
const alwaysFit = 100;
/** Beyond, a fit serves until results have grown by this part. */
const growth = 1 / 20;
/** The noise with which a process is tried again whose covariance was too close to singular: ln 1e-4. */
const safeNoise = -9.21;

/** A fit to go on from: its hyperparameters, and how many results it had. */
export interface EarlierFit {
  readonly hyperparameters: Hyperparameters;
  readonly results: number;
}

/** The model at one moment of a study. */
export interface Surrogate {
  /** Conditioned on the results, and on what it expects of the pending trials. */
  readonly process: GaussianProcess;
  readonly fit: EarlierFit;
  /** All points it is conditioned on, those of lowest mean first. */
  readonly points: readonly Float64Array[];
  /** The mean at the first of them: the value to improve on. */
  readonly best: number;
  readonly restore: NormalisedTargets['restore'];
}

/** What a model is made from. */
export interface SurrogateInput {
  readonly encoding: Encoding;
  readonly results: TrialResults;
  readonly earlier: EarlierFit | undefined;
  /** Whether a fit also starts from the first guess, lest it never leaves a poor optimum. */
  readonly restart: boolean;
}

/**
 * A Gaussian process of the results. Pending trials enter as if they had come out as it expects (kriging believer: Ginsbourger,
 * Le Riche & Carraro 2010), so that nothing is to be learnt beside them. Undefined with fewer than two results.
 */
export function createSurrogate({ encoding, results, earlier, restart }: SurrogateInput): Surrogate | undefined {
  const known = results.known();
  if (known.length < 2) return undefined;
  const { hamming } = encoding;
  const chosen = choose(known.map(({ value }) => value)).map((index) => known[index]!);
  const { targets, restore } = normaliseTargets(chosen.map(({ value }) => value));
  const points = chosen.map(({ params }) => encoding.encode(params));

  let fit = earlier;
  if (!fit || known.length <= alwaysFit || known.length >= fit.results * (1 + growth)) {
    const starts = [...(fit ? [fit.hyperparameters] : []), ...(!fit || restart ? [firstGuess(encoding.size)] : [])];
    fit = { hyperparameters: fitHyperparameters({ points, targets, hamming, starts }), results: known.length };
  }

  const given = condition(points, targets, hamming, fit.hyperparameters);
  if (!given) return undefined;
  const pending = results.pending().slice(-mostPoints).map((params) => encoding.encode(params));
  const believed = pending.map((point) => given.predict(point).mean);
  const all = [...points, ...pending];
  const process = pending.length === 0 ? given : condition(all, Float64Array.from([...targets, ...believed]), hamming, fit.hyperparameters);
  if (!process) return undefined;
  const ranked = all.map((point) => ({ point, mean: process.predict(point).mean })).sort((a, b) => a.mean - b.mean);
  return { process, fit, points: ranked.map(({ point }) => point), best: ranked[0]!.mean, restore };
}

/** The process, with more noise where it cannot be had without. */
function condition(points: readonly Float64Array[], targets: Float64Array, hamming: readonly boolean[], hyperparameters: Hyperparameters): GaussianProcess | undefined {
  const process = createGaussianProcess({ points, targets, hamming, hyperparameters });
  if (process) return process;
  const noisier = hyperparameters.slice();
  noisier[noisier.length - 1] = Math.max(noisier.at(-1)!, safeNoise);
  return createGaussianProcess({ points, targets, hamming, hyperparameters: noisier });
}

/** Which results the model is given: all, or of too many the best third, the newest third, and of the rest evenly many. Ascending. */
function choose(values: readonly number[]): number[] {
  const indices = values.map((_, index) => index);
  if (values.length <= mostPoints) return indices;
  const third = Math.floor(mostPoints / 3);
  const chosen = new Set([...indices.toSorted((a, b) => values[a]! - values[b]!).slice(0, third), ...indices.slice(-third)]);
  const rest = indices.filter((index) => !chosen.has(index));
  const wanted = mostPoints - chosen.size;
  for (let i = 0; i < wanted; i++) chosen.add(rest[Math.floor((i * rest.length) / wanted)]!);
  return [...chosen].sort((a, b) => a - b);
}
