import type { FloatParameter, IntParameter } from './parameter.js';
import { exp, ln } from './exponential.js';

/** The most values a discrete parameter can have: beyond it a number no longer tells them apart. */
export const mostCells: number = 2 ** 53;

/** The largest bound of a whole-number log range: beyond it neighbours fall on one coordinate. */
export const mostLogInt: number = 2 ** 44;

/** How far from the lattice a number may lie and still count as on it, in steps: room for rounding in `low + k * step`. */
const tolerance = 1e-9;

/** The distance from 1 to the number below it. */
const ulp = 2 ** -53;

/** The values of a discrete parameter by number, from 0, and the interval of [0, 1] that belongs to each. */
export interface Lattice<T> {
  readonly cells: number;
  /** The value of cell k. */
  valueAt(cell: number): T;
  /** The cell of a value, or undefined when it is none of the values. */
  cellOf(value: unknown): number | undefined;
  /** The cell whose interval holds u; clamped. */
  cellAt(u: number): number;
  /** The centre of the cell's interval in the transformed space. */
  centreOf(cell: number): number;
}

/** Values given one by one, in intervals of equal length. */
export function listLattice<T>(values: readonly T[]): Lattice<T> {
  const cellOf = new Map<unknown, number>(values.map((value, cell) => [value, cell]));
  return { ...equalCells(values.length), valueAt: (cell) => values[cell]!, cellOf: (value) => cellOf.get(value) };
}

/** A number with a step, or a whole number: low, low + step, … up to high. */
export function stepLattice(parameter: FloatParameter | IntParameter): Lattice<number> {
  const { low, high } = parameter;
  const step = parameter.step ?? 1;
  const cells = countCells(low, high, step);
  const round = decimalRounding(low, step);
  const valueAt = (cell: number): number => Math.min(high, round(low + cell * step));
  const cellOf = (value: unknown): number | undefined => {
    if (typeof value !== 'number' || !(value >= low && value <= high)) return undefined;
    const cell = Math.min(cells - 1, Math.round((value - low) / step));
    return Math.abs(value - valueAt(cell)) <= tolerance * step ? cell : undefined;
  };
  return { ...(parameter.scale === 'log' ? logCells(low, cells) : equalCells(cells)), valueAt, cellOf };
}

/** One number only. */
export function constantLattice(value: number): Lattice<number> {
  return { ...equalCells(1), valueAt: () => value, cellOf: (other) => (other === value ? 0 : undefined) };
}

/** How many of low, low + step, … are at most high. */
export function countCells(low: number, high: number, step: number): number {
  return Math.floor((high - low) / step + tolerance) + 1;
}

type Intervals = Pick<Lattice<unknown>, 'cells' | 'cellAt' | 'centreOf'>;

/** Cell k is [k/n, (k+1)/n). */
function equalCells(cells: number): Intervals {
  const cellAt = (u: number): number => Math.max(0, Math.min(cells - 1, Math.floor(u * cells)));
  const centreOf = (cell: number): number => {
    // Near 2^53 cells the centre is no longer a number: take the next one inside the cell. One ulp of 1 is at most a cell.
    let u = Math.min((cell + 0.5) / cells, 1 - ulp);
    while (cellAt(u) < cell) u += ulp;
    while (cellAt(u) > cell) u -= ulp;
    return u;
  };
  return { cells, cellAt, centreOf };
}

/** The whole number x = low + k owns [x − ½, x + ½] in ln(x), so that the ends weigh no less than the rest. */
function logCells(low: number, cells: number): Intervals {
  const start = ln(low - 0.5);
  const width = ln(low + cells - 0.5) - start;
  return {
    cells,
    cellAt: (u) => Math.max(0, Math.min(cells - 1, Math.round(exp(start + u * width)) - low)),
    centreOf: (cell) => ((ln(low + cell - 0.5) + ln(low + cell + 0.5)) / 2 - start) / width,
  };
}

/** Rounds to the decimals that low and step are written with, so that 0 + 3 × 0.1 is 0.3. */
function decimalRounding(low: number, step: number): (x: number) => number {
  const digits = Math.max(decimals(low), decimals(step));
  if (digits === 0 || digits > 100) return (x) => x;
  return (x) => Number(x.toFixed(digits));
}

function decimals(x: number): number {
  const [mantissa, exponent] = String(x).split('e');
  const fraction = mantissa!.split('.')[1] ?? '';
  return Math.max(0, fraction.length - Number(exponent ?? 0));
}
