import type { Params, ParamValue, Random, Space } from '@paramo/core';

/** The largest space whose last free points are listed, to draw evenly from them. */
const listable = 1_000_000n;

/** Which points of a finite space no trial has yet. A fold of the params of all created trials. */
export interface UnseenPoints {
  add(params: Params): void;
  has(params: Params): boolean;
  /** True when there are none left. */
  empty(): boolean;
  /** One of them: for spaces of up to a million points each with the same chance, else the first. */
  draw(random: Random): Params;
}

/** The points of `space`; of an infinite one none is remembered and all are free. */
export function createUnseenPoints(space: Space): UnseenPoints {
  const { size } = space;
  const seen = new Set<string>();
  if (size === undefined) return { add: () => {}, has: () => true, empty: () => false, draw: () => { throw new RangeError('an infinite space has no list'); } };

  // What is left, listed when it is first needed: derived from `seen`, so that a rebuilt instance lists the same.
  let left: Map<string, Params> | undefined;
  const isFree = (params: Params): boolean => !seen.has(space.key(params));

  return {
    add: (params) => {
      const key = space.key(params);
      seen.add(key);
      left?.delete(key);
    },
    has: isFree,
    empty: () => BigInt(seen.size) >= size,
    draw: (random) => {
      if (size > listable) for (const params of enumerate(space)) if (isFree(params)) return params;
      if (!left) {
        left = new Map();
        for (const params of enumerate(space)) if (isFree(params)) left.set(space.key(params), params);
      }
      let skip = random.int(left.size);
      for (const params of left.values()) if (skip-- === 0) return params;
      throw new RangeError('nothing is left to draw');
    },
  };
}

/** All points of a finite space, in the order of its parameters. Takes no memory beyond one point. */
function* enumerate(space: Space, index = 0, chosen: Readonly<Record<string, ParamValue>> = {}): Generator<Params, void, undefined> {
  const dimension = space.dimensions[index];
  if (!dimension) {
    yield chosen;
    return;
  }
  const { name, when } = dimension.parameter;
  if (when.some(({ parameter, equals }) => chosen[parameter] !== equals)) {
    yield* enumerate(space, index + 1, chosen);
    return;
  }
  for (let cell = 0; cell < dimension.cells!; cell++) {
    yield* enumerate(space, index + 1, { ...chosen, [name]: dimension.valueAt(cell)! });
  }
}
