import type { Params, ParamValue, Space } from '@paramo/core';

/** Which configurations trials already have. A fold of the params of all created trials. */
export interface SeenPoints {
  add(params: Params): void;
  has(params: Params): boolean;
  /** True when the space is finite and every point of it is among them. */
  full(): boolean;
  /** At most `limit` of the others, in the order of the space's parameters. Empty for an infinite space. */
  free(limit: number): Params[];
  /** How many others there are; Infinity where they cannot be counted. */
  remaining(): number;
}

/** None of the points of `space` yet. */
export function createSeenPoints(space: Space): SeenPoints {
  const seen = new Set<string>();
  const size = space.size === undefined ? Infinity : Number(space.size);
  const has = (params: Params): boolean => seen.has(space.key(params));
  return {
    add: (params) => void seen.add(space.key(params)),
    has,
    full: () => seen.size >= size,
    free: (limit) => {
      const found: Params[] = [];
      if (size === Infinity) return found;
      for (const params of points(space, 0, {})) {
        if (found.length >= limit) break;
        if (!has(params)) found.push(params);
      }
      return found;
    },
    remaining: () => size - seen.size,
  };
}

/** All points of a finite space that begin with the chosen values. */
function* points(space: Space, index: number, chosen: Readonly<Record<string, ParamValue>>): Generator<Params, void, undefined> {
  const dimension = space.dimensions[index];
  if (!dimension) yield chosen;
  else if (!space.isActive(dimension, chosen)) yield* points(space, index + 1, chosen);
  else for (let cell = 0; cell < dimension.cells!; cell++) yield* points(space, index + 1, { ...chosen, [dimension.name]: dimension.valueAt(cell)! });
}
