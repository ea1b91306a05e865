import { addPoints } from './points.js';
import type { Points } from './points.js';
import { packedCount, unpackPoints } from './series-chunk.js';

/** Points of a series as they lie in memory: a long run packed, as it came to disk, a short one as columns that can grow. */
export type Run = Points | Uint8Array;

/** A run of fewer points is short. */
const shortRun = 256;

/** The run of some packed points. `unpacked`: the same points, for whoever has them. */
export function runOf(packed: Uint8Array, unpacked?: Points): Run {
  if (packedCount(packed) >= shortRun) return packed;
  const points = unpacked ?? { steps: [], values: [], timesMs: [] };
  if (!unpacked) unpackPoints(packed, points);
  return points;
}

/** How many points a run has. */
export function runLength(run: Run): number {
  return run instanceof Uint8Array ? packedCount(run) : run.steps.length;
}

/** Adds the points of a run to `points`. */
export function addRun(points: Points, run: Run): void {
  if (run instanceof Uint8Array) unpackPoints(run, points);
  else addPoints(points, run);
}

/** Adds a run to those before it, and to the last of them where both are short. */
export function pushRun(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  if (last === undefined || last instanceof Uint8Array || run instanceof Uint8Array || last.steps.length >= shortRun) runs.push(run);
  else addPoints(last, run);
}
