import type { PluginContext } from '@paramo/core';

/** Point `index` of an endless design in the unit cube. */
export type Design = (index: number) => Float64Array;

/**
 * Latin hypercubes of `size` points, one after another (McKay, Beckman & Conover 1979): along every axis each of `size`
 * intervals of equal length holds one point of each, at a random place.
 */
export function createLatinHypercube(context: PluginContext, size: number): Design {
  const rows = Array.from({ length: size }, (_, row) => row);
  return (index) => {
    const cube = Math.floor(index / size);
    const jitter = context.random('jitter', index);
    return Float64Array.from(context.space.dimensions, (_, axis) => (context.random('axis', cube, axis).shuffle(rows)[index % size]! + jitter.next()) / size);
  };
}
