import type { Dimension, ParamValue, Space } from '@paramo/core';
import { nearMiss, ParamoError } from '@paramo/core';

/** The values of one parameter that lie on the grid, in order. */
export interface GridAxis {
  readonly dimension: Dimension;
  readonly cells: number;
  /** The value of a cell, 0 ≤ cell < cells. */
  valueAt(cell: number): ParamValue;
  /** The cell of a value; undefined when it lies between the grid's points. */
  cellOf(value: ParamValue): number | undefined;
}

/** How fine the grid is, as users say it. */
export interface GridResolution {
  /** How many points a parameter gets, by its name, or by its key where arms of a branch share the name. */
  readonly points?: Readonly<Record<string, number>>;
  /** How many points every float gets that has neither a step nor an entry in `points`. */
  readonly resolution?: number;
}

/** How far a number may lie from a point of the grid and still count as that point, in the unit interval. */
const tolerance = 1e-9;

/** The most values that are picked from those of a discrete parameter; picking keeps a list of them. */
const mostChosen = 1_000_000;

/**
 * One axis a dimension of the space.
 * @throws ParamoError INVALID_OPTIONS when a float has no number of points, or `points` names what cannot have one.
 */
export function createGridAxes({ dimensions }: Space, { points = {}, resolution }: GridResolution): readonly GridAxis[] {
  for (const [name, count] of Object.entries(points)) checkPoints(name, count, dimensions);
  return dimensions.map((dimension) => {
    const count = points[dimension.key] ?? points[dimension.name];
    if (count !== undefined) return dimension.cells === undefined ? continuousAxis(dimension, count) : chosenCells(dimension, count);
    if (dimension.cells !== undefined) return allCells(dimension, dimension.cells);
    if (resolution !== undefined) return continuousAxis(dimension, resolution);
    throw new ParamoError({
      code: 'INVALID_OPTIONS',
      message: `grid: ${dimension.key} is a float without a step, so nothing says which of its values to try`,
      hint: `Set points: { ${JSON.stringify(dimension.key)}: 5 } for this one, resolution: 5 for all such, or give it a step in the space.`,
    });
  });
}

function checkPoints(name: string, count: number, dimensions: readonly Dimension[]): void {
  const named = dimensions.filter((dimension) => dimension.name === name || dimension.key === name);
  if (named.length === 0) {
    const near = nearMiss(name, dimensions.map((dimension) => dimension.name));
    throw new ParamoError({
      code: 'INVALID_OPTIONS', message: `grid: points names ${name}, which is no parameter of the space`,
      hint: near === undefined ? `The space has: ${dimensions.map(({ key }) => key).join(', ')}.` : `Did you mean ${near}?`,
    });
  }
  const listed = named.find(({ parameter }) => parameter.kind !== 'float' && parameter.kind !== 'int');
  if (listed) {
    throw new ParamoError({
      code: 'INVALID_OPTIONS', message: `grid: points names ${name}, which is a ${listed.parameter.kind}: all its values are tried`,
      hint: `Leave ${name} out of points; to try fewer values, list fewer in the space.`,
    });
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new ParamoError({ code: 'INVALID_OPTIONS', message: `grid: points gives ${name} ${count} points`, hint: 'Give a whole number from 1.' });
  }
  if (count > mostChosen && named.some(({ cells }) => cells !== undefined && cells > count)) {
    throw new ParamoError({
      code: 'INVALID_OPTIONS', message: `grid: points gives ${name} ${count} of its values, more than can be spread out`,
      hint: `Give at most ${mostChosen}, or leave ${name} out of points to try all its values.`,
    });
  }
}

function allCells(dimension: Dimension, cells: number): GridAxis {
  return { dimension, cells, valueAt: (cell) => dimension.valueAt(cell)!, cellOf: (value) => dimension.cellOf(value) };
}

/** Points spread evenly in the transformed space, from low to high, both exactly; a single one is the centre. */
function continuousAxis(dimension: Dimension, cells: number): GridAxis {
  const unitAt = (cell: number): number => (cells === 1 ? 0.5 : cell / (cells - 1));
  return {
    dimension,
    cells,
    valueAt: (cell) => dimension.fromUnit(unitAt(cell)),
    cellOf: (value) => {
      const u = dimension.toUnit(value);
      const cell = cells === 1 ? 0 : Math.round(u * (cells - 1));
      return Math.abs(unitAt(cell) - u) <= tolerance ? cell : undefined;
    },
  };
}

/** The same for whole numbers and numbers with a step: rounded to the nearest value there is, each once. */
function chosenCells(dimension: Dimension, count: number): GridAxis {
  const all = dimension.cells!;
  if (count >= all) return allCells(dimension, all);
  const low = dimension.toUnit(dimension.valueAt(0)!);
  const width = dimension.toUnit(dimension.valueAt(all - 1)!) - low;
  const spread = Array.from({ length: count }, (_, i) => dimension.cellOf(dimension.fromUnit(count === 1 ? 0.5 : low + (width * i) / (count - 1)))!);
  // The ends are meant exactly, whatever rounding does to them.
  if (count > 1) [spread[0], spread[count - 1]] = [0, all - 1];
  const cells = [...new Set(spread)];
  const places = new Map(cells.map((cell, place) => [cell, place]));
  return {
    dimension,
    cells: cells.length,
    valueAt: (cell) => dimension.valueAt(cells[cell]!)!,
    cellOf: (value) => {
      const cell = dimension.cellOf(value);
      return cell === undefined ? undefined : places.get(cell);
    },
  };
}
