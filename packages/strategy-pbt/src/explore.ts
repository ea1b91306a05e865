import type { Dimension, Params, ParamValue, Random, Space } from '@paramo/core';

/** How a child's params differ from its donor's. */
export interface ExploreRules {
  readonly explore: 'perturb' | 'resample' | 'none';
  /** What a param may be multiplied by. */
  readonly factors: readonly number[];
  /** The chance of a param to be drawn anew instead; 0: nothing is ever drawn anew. */
  readonly resample: number;
  /** The names of those that change; undefined: all. */
  readonly mutate?: readonly string[];
}

/** A child's params, and what was changed in words. */
export interface Mutation {
  readonly params: Params;
  /** Such as `rate × 1.2, kind drawn anew`. */
  readonly change: string;
}

interface Change {
  readonly value: ParamValue;
  readonly what: string;
}

/**
 * The params of a child of valid `params` (Jaderberg et al. 2017, section 4.1.2), canonical in `space`. Each parameter has
 * a stream of its own. A parameter of an arm that the donor was not in, because its branch was drawn anew, is drawn from
 * the space. A dimension follows the ones that its conditions name, so one pass is enough.
 */
export function exploreFrom(params: Params, space: Space, rules: ExploreRules, stream: (key: string) => Random): Mutation {
  const child: Record<string, ParamValue> = {};
  const changes: string[] = [];
  for (const dimension of space.dimensions) {
    if (!space.isActive(dimension, child)) continue;
    const { name, key } = dimension;
    const random = stream(key);
    const inherited = space.isActive(dimension, params);
    const change = inherited ? mutate(dimension, params[name]!, rules, random) : drawAnew(dimension, random);
    child[name] = change?.value ?? params[name]!;
    if (change) changes.push(`${name} ${change.what}`);
  }
  return { params: child, change: changes.length === 0 ? 'nothing' : changes.join(', ') };
}

function mutate(dimension: Dimension, value: ParamValue, rules: ExploreRules, random: Random): Change | undefined {
  const { explore, resample, mutate: names } = rules;
  if (explore === 'none' || (names && !names.includes(dimension.name))) return undefined;
  if (explore === 'resample') return drawAnew(dimension, random);
  // Drawn in any case, so that resample = 0 is the same stream.
  const anew = random.next() < resample;
  const { kind } = dimension.parameter;
  const rigid = kind === 'choice' || kind === 'bool' || (kind !== 'ordinal' && value === 0);
  if (anew || (rigid && resample > 0)) return drawAnew(dimension, random);
  return rigid ? undefined : perturb(dimension, value, random.pick(rules.factors));
}

function drawAnew(dimension: Dimension, random: Random): Change {
  return { value: dimension.fromUnit(random.next()), what: 'drawn anew' };
}

/** The value times the factor, rounded to a value of the parameter and clipped into its range. */
function perturb(dimension: Dimension, value: ParamValue, factor: number): Change {
  const { parameter, cells, cellOf, valueAt } = dimension;
  if (parameter.kind === 'ordinal') {
    const cell = cellOf(value)! + (factor > 1 ? 1 : factor < 1 ? -1 : 0);
    return { value: valueAt(clip(cell, 0, cells! - 1))!, what: factor > 1 ? 'one up' : factor < 1 ? 'one down' : 'kept' };
  }
  const { low, high, step = 1 } = parameter as typeof parameter & { readonly kind: 'float' | 'int' };
  const product = clip((value as number) * factor, low, high);
  const rounded = cells === undefined ? product : valueAt(clip(Math.round((product - low) / step), 0, cells - 1))!;
  return { value: rounded, what: `× ${factor}` };
}

function clip(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}
