import type { Random } from '@paramo/core';
import type { Encoding } from './encoding.js';
import { minimise } from './minimise.js';

const spreadCandidates = 256;
const localCandidates = 128;
/** How many of the best points known the local candidates lie around. */
const centres = 4;
/** How far local candidates lie from their centre, as standard deviations along an axis. */
const radii = [0.01, 0.05, 0.2] as const;
const refined = 5;
const rounds = 2;
const iterations = 20;
const tolerance = 1e-6;
/** The most values of one dimension tried at a time. */
const mostTries = 8;

/** What to make large. Points are as `Encoding.settle` gives them. */
export interface Acquisition {
  at(point: Float64Array): number;
  /** The same, with the gradient by the continuous coordinates written to the array. */
  withGradient(point: Float64Array, gradient: Float64Array): number;
}

/** A point with all coordinates, and what the acquisition says of it. */
export interface Candidate {
  readonly point: Float64Array;
  readonly score: number;
}

/**
 * Points of a large acquisition, largest first: candidates drawn over the whole cube and around `known`, the best of them
 * improved by L-BFGS along the continuous axes and by steps along the others.
 */
export function maximiseAcquisition(acquisition: Acquisition, encoding: Encoding, known: readonly Float64Array[], random: Random): readonly Candidate[] {
  const scored = (point: Float64Array): Candidate => ({ point, score: acquisition.at(encoding.settle(point)) });
  const better = (a: Candidate, b: Candidate): number => b.score - a.score;
  const around = known.slice(0, centres).map((point) => point.map((u) => (u === u ? u : random.next())));

  const candidates: Candidate[] = [];
  for (let i = 0; i < spreadCandidates; i++) candidates.push(scored(Float64Array.from(encoding.hamming, () => random.next())));
  for (let i = 0; i < localCandidates; i++) candidates.push(scored(neighbour(around[i % around.length]!, encoding, random)));
  candidates.sort(better);

  const starts = [...candidates.slice(0, refined), ...around.slice(0, 1).map(scored)];
  const improved = starts.map((start) => {
    let current = start;
    for (let round = 0; round < rounds; round++) {
      const before = current.score;
      current = alongDiscrete(alongContinuous(current, acquisition, encoding), scored, encoding, random);
      if (!(current.score > before + 1e-6) || encoding.discrete.length === 0) break;
    }
    return current;
  });
  return [...improved, ...candidates].sort(better);
}

/** A point that differs from `centre` along some axes, one at least. */
function neighbour(centre: Float64Array, { size, hamming }: Encoding, random: Random): Float64Array {
  const radius = random.pick(radii);
  const share = Math.max(0.3, 1 / size);
  const always = random.int(size);
  return centre.map((u, axis) => {
    if (axis !== always && random.next() >= share) return u;
    return hamming[axis] ? random.next() : Math.max(0, Math.min(1, u + radius * random.normal()));
  });
}

function alongContinuous(start: Candidate, acquisition: Acquisition, encoding: Encoding): Candidate {
  const settled = encoding.settle(start.point);
  const axes = encoding.continuous.filter((axis) => settled[axis] === settled[axis]);
  if (axes.length === 0) return start;
  const full = new Float64Array(settled.length);
  const { x, value } = minimise(
    (u, gradient) => {
      axes.forEach((axis, i) => (settled[axis] = u[i]!));
      const score = acquisition.withGradient(settled, full);
      axes.forEach((axis, i) => (gradient[i] = -full[axis]!));
      return Number.isFinite(score) ? -score : Infinity;
    },
    Float64Array.from(axes, (axis) => start.point[axis]!),
    { lower: new Float64Array(axes.length), upper: new Float64Array(axes.length).fill(1), iterations, tolerance },
  );
  if (!(-value > start.score)) return start;
  const point = start.point.slice();
  axes.forEach((axis, i) => (point[axis] = x[i]!));
  return { point, score: -value };
}

function alongDiscrete(start: Candidate, scored: (point: Float64Array) => Candidate, encoding: Encoding, random: Random): Candidate {
  let best = start;
  for (const axis of encoding.discrete) {
    const settled = encoding.settle(best.point);
    if (settled[axis] !== settled[axis]) continue;
    const { point } = best;
    for (const cell of otherCells(axis, point[axis]!, encoding, random)) {
      const tried = scored(point.with(axis, encoding.centre(axis, cell)));
      if (tried.score > best.score) best = tried;
    }
  }
  return best;
}

/** Values to try in place of the present one: of few all; else of unordered ones some, of ordered ones those nearby. */
function otherCells(axis: number, u: number, encoding: Encoding, random: Random): number[] {
  const cells = encoding.cells(axis)!;
  const present = encoding.cellAt(axis, u);
  const tried =
    cells <= mostTries ? Array.from({ length: cells }, (_, cell) => cell)
    : encoding.hamming[axis] ? Array.from({ length: mostTries }, () => random.int(cells))
    : [1, 2, Math.ceil(cells / 20), Math.ceil(cells / 5)].flatMap((step) => [present - step, present + step]);
  return tried.filter((cell) => cell >= 0 && cell < cells && cell !== present);
}
