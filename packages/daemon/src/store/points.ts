/** Points of one metric as columns of equal length. */
export interface Points {
  /** Step indices, from 0. */
  readonly steps: number[];
  readonly values: number[];
  /** Wall clock, in milliseconds since 1970. */
  readonly timesMs: number[];
}

/** No points yet. */
export function noPoints(): Points {
  return { steps: [], values: [], timesMs: [] };
}

/** Adds all points of `more` at the end. */
export function addPoints(target: Points, { steps, values, timesMs }: Points): void {
  for (let i = 0; i < steps.length; i++) {
    target.steps.push(steps[i]!);
    target.values.push(values[i]!);
    target.timesMs.push(timesMs[i]!);
  }
}

/** The points from an index on. */
export function pointsFrom(points: Points, from: number): Points {
  return from === 0 ? points : { steps: points.steps.slice(from), values: points.values.slice(from), timesMs: points.timesMs.slice(from) };
}

/** The points at these indices, in this order. */
export function pickPoints({ steps, values, timesMs }: Points, indices: readonly number[]): Points {
  return { steps: indices.map((i) => steps[i]!), values: indices.map((i) => values[i]!), timesMs: indices.map((i) => timesMs[i]!) };
}

/** The points in order of step, and of each step the last one. */
export function inStepOrder(points: Points): Points {
  const { steps } = points;
  let ascending = true;
  for (let i = 1; ascending && i < steps.length; i++) ascending = steps[i - 1]! < steps[i]!;
  if (ascending) return points;
  const order = steps.map((_, i) => i).sort((i, j) => steps[i]! - steps[j]! || i - j);
  return pickPoints(points, order.filter((i, place) => steps[order[place + 1] ?? -1] !== steps[i]));
}
