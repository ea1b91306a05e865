import type { Params, Space } from '@paramo/core';

/** How the model sees the points of a space. A point is a coordinate in [0, 1] for each dimension, NaN where inactive. */
export interface Encoding {
  readonly size: number;
  /** For each dimension, whether its values are unordered, so that they are alike or not and nothing between. */
  readonly hamming: readonly boolean[];
  /** The coordinates the optimiser may move without steps. */
  readonly continuous: readonly number[];
  /** The others that have more than one value. */
  readonly discrete: readonly number[];
  /** How many values a dimension has; undefined when continuous. */
  cells(dimension: number): number | undefined;
  /** The coordinate of a discrete dimension's value, by number. */
  centre(dimension: number, cell: number): number;
  /** The number of the value at a coordinate of a discrete dimension. */
  cellAt(dimension: number, u: number): number;
  /** The point of valid params. */
  encode(params: Params): Float64Array;
  /** The params at a point all of whose coordinates are numbers. */
  decode(point: Float64Array): Params;
  /** What the model sees of such a point: discrete values snapped to their own grid, inactive ones NaN. */
  settle(point: Float64Array): Float64Array;
}

/** The encoding of `space`: integers and ordinals by rank in the transformed space, choices as Hamming dimensions. */
export function createEncoding(space: Space): Encoding {
  const { dimensions } = space;
  const conditional = dimensions.some(({ parameter }) => parameter.when.length > 0);
  const centre = (dimension: number, cell: number): number => dimensions[dimension]!.toUnit(dimensions[dimension]!.valueAt(cell)!);
  const cellAt = (dimension: number, u: number): number => dimensions[dimension]!.cellOf(dimensions[dimension]!.fromUnit(u))!;
  const indices = dimensions.map((_, index) => index);
  return {
    size: dimensions.length,
    hamming: dimensions.map(({ parameter: { kind } }) => kind === 'choice' || kind === 'bool'),
    continuous: indices.filter((index) => dimensions[index]!.cells === undefined),
    discrete: indices.filter((index) => (dimensions[index]!.cells ?? 0) > 1),
    cells: (dimension) => dimensions[dimension]!.cells,
    centre,
    cellAt,
    encode: (params) => space.toUnit(params),
    decode: (point) => space.fromUnit(point),
    settle: (point) => {
      if (conditional) return space.toUnit(space.fromUnit(point));
      return point.map((u, index) => {
        const { cells, toUnit, fromUnit } = dimensions[index]!;
        return cells === undefined ? u : toUnit(fromUnit(u));
      });
    },
  };
}
