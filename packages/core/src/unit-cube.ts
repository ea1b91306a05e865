import { exp, expm1, ln, log1p } from './exponential.js';
import { constantLattice, listLattice, stepLattice } from './lattice.js';
import type { Lattice } from './lattice.js';
import type { FloatParameter, Parameter } from './parameter.js';
import type { ParameterSpec } from './parameter-spec.js';
import type { ParamValue } from './params.js';

/** How one parameter's values lie in [0, 1]. */
export interface UnitMapping {
  /** How many values there are; undefined when continuous. */
  readonly cells: number | undefined;
  /** The coordinate of a value: of a discrete one the centre of its cell in the transformed space. The value must be valid. */
  toUnit(value: ParamValue): number;
  /** The value at a coordinate; outside [0, 1] the nearest end. `fromUnit(toUnit(x))` is x: exactly if discrete, else to 1e-12 of the range in the transformed space. */
  fromUnit(u: number): ParamValue;
  /** The number, from 0, of a discrete value; undefined if it is none of the values, or if the parameter is continuous. */
  cellOf(value: ParamValue): number | undefined;
  /** The value of a cell, 0 ≤ cell < cells. Undefined if the parameter is continuous. */
  valueAt(cell: number): ParamValue | undefined;
}

/** One coordinate of the unit cube of a space: one parameter. */
export interface Dimension extends UnitMapping {
  /** The name, with the conditions in front where there are any: `model=mlp/hidden`. Unique in its space. */
  readonly key: string;
  readonly name: string;
  /** Place in the unit cube, from 0. */
  readonly index: number;
  readonly parameter: ParameterSpec;
}

/** The dimension of a checked parameter. */
export function createDimension(parameter: ParameterSpec, index: number): Dimension {
  return Object.freeze({ key: dimensionKey(parameter), name: parameter.name, index, parameter, ...createMapping(parameter) });
}

/** The name with its conditions in front: `model=mlp/hidden`. */
export function dimensionKey({ name, when }: ParameterSpec): string {
  const path = when.map(({ parameter, equals }) => `${parameter}=${typeof equals === 'string' ? equals : JSON.stringify(equals)}`);
  return [...path, name].join('/');
}

/** How the values of a checked parameter lie in [0, 1]. */
export function createMapping(parameter: Parameter): UnitMapping {
  switch (parameter.kind) {
    case 'float':
      if (parameter.low === parameter.high) return discrete(constantLattice(parameter.low));
      return parameter.step === undefined ? continuous(parameter) : discrete(stepLattice(parameter));
    case 'int':
      return discrete(stepLattice(parameter));
    case 'choice':
    case 'ordinal':
      return discrete(listLattice(parameter.values));
    case 'bool':
      return discrete(listLattice([false, true]));
  }
}

function discrete<T extends ParamValue>(lattice: Lattice<T>): UnitMapping {
  const { cells, cellOf, valueAt } = lattice;
  return {
    cells,
    cellOf,
    valueAt,
    toUnit: (value) => {
      const cell = cellOf(value);
      return cell === undefined ? NaN : lattice.centreOf(cell);
    },
    fromUnit: (u) => valueAt(lattice.cellAt(u)),
  };
}

function continuous({ low, high, scale }: FloatParameter): UnitMapping {
  const { forth, back } = transforms[scale];
  const start = forth(low);
  // Of two ends that are almost the same number the logarithms may be one.
  const width = Math.max(forth(high) - start, Number.MIN_VALUE);
  return {
    cells: undefined,
    cellOf: () => undefined,
    valueAt: () => undefined,
    toUnit: (value) => (typeof value === 'number' ? Math.max(0, Math.min(1, (forth(value) - start) / width)) : NaN),
    fromUnit: (u) => (u <= 0 ? low : u >= 1 ? high : Math.max(low, Math.min(high, back(start + u * width)))),
  };
}

/** Where each scale is even, and the way back. Engine-independent, so that params replay to the last bit. */
const transforms = {
  linear: { forth: (x: number): number => x, back: (t: number): number => t },
  log: { forth: ln, back: exp },
  reverse: { forth: (x: number): number => -log1p(-x), back: (t: number): number => -expm1(-t) },
} as const;
