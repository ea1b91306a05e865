import type { Condition } from './parameter-spec.js';
import type { ParamValue } from './params.js';
import type { Dimension } from './unit-cube.js';

/** How many parameters the count may visit before it gives up. Nested branches need one visit a level and parameter. */
const mostVisits = 100_000;

interface Node {
  readonly dimension: Dimension;
  /** Conditions not yet decided. */
  readonly when: readonly Condition[];
}

/** How many configurations the dimensions have together; undefined when one that can be active is continuous, or when counting gives up. */
export function countSpace(dimensions: readonly Dimension[]): bigint | undefined {
  const visits = { left: mostVisits };
  return count(dimensions.map((dimension) => ({ dimension, when: dimension.parameter.when })), visits);
}

/** Independent groups multiply; within a group the first parameter is decided and the alternatives add up. */
function count(nodes: readonly Node[], visits: { left: number }): bigint | undefined {
  let product = 1n;
  for (const group of independentGroups(nodes)) {
    const size = group.length === 1 ? cellsOf(group[0]!) : split(group, visits);
    if (size === undefined) return undefined;
    product *= size;
  }
  return product;
}

function split(group: readonly Node[], visits: { left: number }): bigint | undefined {
  visits.left -= group.length;
  if (visits.left < 0) return undefined;
  const [first, ...rest] = group;
  const { name, cells, parameter } = first!.dimension;
  const named = new Set(rest.flatMap(({ when }) => when.filter((condition) => condition.parameter === name).map(({ equals }) => equals)));
  const own = [...named].filter((value) => first!.dimension.cellOf(value) !== undefined);
  let sum = 0n;
  for (const value of own) {
    const size = count(decide(rest, name, value), visits);
    if (size === undefined) return undefined;
    sum += size;
  }
  const others = BigInt(cells!) - BigInt(own.length);
  if (others === 0n) return sum;
  const size = count(decide(rest, parameter.name, undefined), visits);
  return size === undefined ? undefined : sum + others * size;
}

/** What is left when a parameter has `value`, or, if undefined, a value that no condition names. */
function decide(nodes: readonly Node[], name: string, value: ParamValue | undefined): readonly Node[] {
  const alive: Node[] = [];
  for (const { dimension, when } of nodes) {
    const mine = when.find((condition) => condition.parameter === name);
    if (!mine) alive.push({ dimension, when });
    else if (mine.equals === value) alive.push({ dimension, when: when.filter((condition) => condition !== mine) });
  }
  return withoutOrphans(alive);
}

/** Drops parameters whose condition names one that is no longer there: they cannot become active. */
function withoutOrphans(nodes: readonly Node[]): readonly Node[] {
  const names = new Set<string>();
  return nodes.filter(({ dimension, when }) => {
    const possible = when.every(({ parameter }) => names.has(parameter));
    if (possible) names.add(dimension.name);
    return possible;
  });
}

/** Groups that share no condition, each in the order of the space. */
function independentGroups(nodes: readonly Node[]): Iterable<readonly Node[]> {
  const parent = new Map<string, string>();
  const root = (name: string): string => {
    let top = name;
    for (let up = parent.get(top); up !== undefined; up = parent.get(top)) top = up;
    return top;
  };
  for (const { dimension, when } of nodes) {
    for (const condition of when) {
      const [a, b] = [root(dimension.name), root(condition.parameter)];
      if (a !== b) parent.set(a, b);
    }
  }
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const name = root(node.dimension.name);
    const group = groups.get(name);
    if (group) group.push(node);
    else groups.set(name, [node]);
  }
  return groups.values();
}

function cellsOf({ dimension }: Node): bigint | undefined {
  return dimension.cells === undefined ? undefined : BigInt(dimension.cells);
}
