import type { Condition, Params, ParamValue } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import type { GridAxis } from './grid-axis.js';

/*
 * The live combinations as an and-or tree. Parameters that share no condition multiply (a Product of Factors); where
 * conditions hang on a parameter, its values are the alternatives, and their sizes add up (a Factor with arms).
 */

/** Independent factors; the last one varies fastest. `size` is the product of theirs. */
export interface GridProduct {
  readonly size: bigint;
  readonly factors: readonly GridFactor[];
}

interface GridFactor {
  readonly size: bigint;
  readonly axis: GridAxis;
  /** What each value brings along; undefined: nothing does. */
  readonly arms: readonly GridProduct[] | undefined;
}

interface Node {
  readonly axis: GridAxis;
  /** Conditions not yet decided. */
  readonly when: readonly Condition[];
}

/** More than any space of branches within branches needs. */
const mostArms = 100_000;

/** The grid of the axes, live combinations only, each once. @throws ParamoError INVALID_SPACE when its conditions are too entangled. */
export function createGridTree(axes: readonly GridAxis[]): GridProduct {
  return product(axes.map((axis) => ({ axis, when: axis.dimension.parameter.when })), { left: mostArms });
}

/** The point with number `index`, 0 ≤ index < size. */
export function gridPoint(tree: GridProduct, index: bigint): Params {
  const values = new Map<GridAxis, ParamValue>();
  decode(tree, index, values);
  const ordered = [...values].sort(([a], [b]) => a.dimension.index - b.dimension.index);
  return Object.fromEntries(ordered.map(([axis, value]) => [axis.dimension.name, value]));
}

/** The number of a point; undefined when it does not lie on the grid. */
export function gridIndex(tree: GridProduct, params: Params): bigint | undefined {
  let index = 0n;
  for (const { axis, arms, size } of tree.factors) {
    const value = params[axis.dimension.name];
    const cell = value === undefined ? undefined : axis.cellOf(value);
    if (cell === undefined) return undefined;
    let place = BigInt(cell);
    if (arms) {
      const inner = gridIndex(arms[cell]!, params);
      if (inner === undefined) return undefined;
      place = inner;
      for (let before = 0; before < cell; before++) place += arms[before]!.size;
    }
    index = index * size + place;
  }
  return index;
}

function decode({ factors }: GridProduct, index: bigint, values: Map<GridAxis, ParamValue>): void {
  for (let i = factors.length - 1; i >= 0; i--) {
    const { axis, arms, size } = factors[i]!;
    let place = index % size;
    index /= size;
    if (!arms) {
      values.set(axis, axis.valueAt(Number(place)));
      continue;
    }
    let cell = 0;
    while (place >= arms[cell]!.size) place -= arms[cell++]!.size;
    values.set(axis, axis.valueAt(cell));
    decode(arms[cell]!, place, values);
  }
}

function product(nodes: readonly Node[], budget: { left: number }): GridProduct {
  const factors = independentGroups(nodes).map((group) => factor(group, budget));
  return { factors, size: factors.reduce((size, one) => size * one.size, 1n) };
}

/** A group's first parameter has no open condition: those of its members name earlier members. */
function factor([first, ...rest]: readonly Node[], budget: { left: number }): GridFactor {
  const { axis } = first!;
  if (rest.length === 0) return { axis, arms: undefined, size: BigInt(axis.cells) };
  if ((budget.left -= axis.cells) < 0) {
    throw new ParamoError({
      code: 'INVALID_SPACE', message: `grid: the conditions that hang on ${axis.dimension.key} are too entangled to enumerate`,
      hint: 'Nest the branches, so that a parameter depends on one chain of choices, or use another strategy.',
    });
  }
  const arms = Array.from({ length: axis.cells }, (_, cell) => product(decide(rest, axis.dimension.name, axis.valueAt(cell)), budget));
  return { axis, arms, size: arms.reduce((size, arm) => size + arm.size, 0n) };
}

/** What is left of the nodes when the parameter `name` has `value`. */
function decide(nodes: readonly Node[], name: string, value: ParamValue): readonly Node[] {
  const alive = nodes
    .filter(({ when }) => when.every((condition) => condition.parameter !== name || condition.equals === value))
    .map(({ axis, when }) => ({ axis, when: when.filter((condition) => condition.parameter !== name) }));
  // Whose condition names a parameter that is gone cannot become active.
  const names = new Set<string>();
  return alive.filter(({ axis, when }) => {
    const possible = when.every(({ parameter }) => names.has(parameter));
    if (possible) names.add(axis.dimension.name);
    return possible;
  });
}

/** Groups between which there is no condition, each in the order of the space, the groups in that of their first members. */
function independentGroups(nodes: readonly Node[]): readonly (readonly Node[])[] {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const names = [node.axis.dimension.name, ...node.when.map(({ parameter }) => parameter)];
    const touched = new Set(names.map((name) => groups.get(name)).filter((group) => group !== undefined));
    const merged = [...touched].flat().concat(node).sort((a, b) => a.axis.dimension.index - b.axis.dimension.index);
    for (const { axis } of merged) groups.set(axis.dimension.name, merged);
  }
  return [...new Set(groups.values())].sort(([a], [b]) => a!.axis.dimension.index - b!.axis.dimension.index);
}
