import { pickPoints } from './points.js';
import type { Points } from './points.js';

/**
 * At most `maxPoints` of the points: the first, the last, and of each of as many equal runs between them as there is
 * room for the least and the greatest value, so that no spike is lost (from 4 points on; with NaN among the values from
 * 5). A run with NaN in it keeps its first one, so that a gap stays a gap. 0 keeps all, 1 the last.
 */
export function downSample(points: Points, maxPoints: number): Points {
  const count = points.steps.length;
  if (maxPoints === 0 || count <= maxPoints) return points;
  if (maxPoints === 1) return pickPoints(points, [count - 1]);
  const { values } = points;
  const perRun = values.some(Number.isNaN) ? 3 : 2;
  const runs = Math.floor((maxPoints - 2) / perRun);
  const kept = [0];
  for (let run = 0; run < runs; run++) {
    const begin = 1 + Math.floor((run * (count - 2)) / runs);
    const end = 1 + Math.floor(((run + 1) * (count - 2)) / runs);
    kept.push(...telling(values, begin, end));
  }
  kept.push(count - 1);
  return pickPoints(points, kept);
}

/** Indices of the first NaN, the least and the greatest value in a run, ascending, each once. */
function telling(values: readonly number[], begin: number, end: number): number[] {
  let gap = -1;
  let least = -1;
  let greatest = -1;
  for (let i = begin; i < end; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      if (gap < 0) gap = i;
      continue;
    }
    if (least < 0 || value < values[least]!) least = i;
    if (greatest < 0 || value > values[greatest]!) greatest = i;
  }
  return [...new Set([gap, least, greatest])].filter((i) => i >= 0).sort((a, b) => a - b);
}
