import { createRequire } from 'node:module';
import type { OptionsInput, OptionsOf, PluginContext, PluginReference, Strategy, StrategyPlugin } from '@paramo/core';
import { defineStrategy } from '@paramo/core';
import { createGridAxes } from './grid-axis.js';
import { createGridTree, gridIndex, gridPoint } from './grid-tree.js';
import { createSeededPermutation, identityPermutation } from './seeded-permutation.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

const options = {
  points: {
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 1 },
    description: 'How many points a float or int gets, by its name: { lr: 5 }. Spread evenly, in ln(x) for log parameters, both ends included.',
  },
  resolution: {
    type: 'integer',
    minimum: 1,
    description: 'How many points every float gets that has no step and is not named in points.',
  },
  order: {
    type: 'string',
    enum: ['lexicographic', 'shuffled'],
    default: 'lexicographic',
    description: 'lexicographic: the last parameter varies fastest; shuffled: an order that follows from the seed, so that an early end has seen all regions.',
  },
} as const;

/** Options of `grid`. */
export type GridOptions = OptionsInput<typeof options>;

/** Names grid search for a study: `strategy: grid({ resolution: 5, points: { lr: 9 } })`. */
export function grid(given: GridOptions = {}): PluginReference {
  return { name: 'grid', options: { ...given } };
}

/**
 * Grid search: every combination once, live ones only where the space branches, and then it is done. A point that any
 * trial has already, whoever made it, is skipped. The size of the grid costs nothing: points are computed when due.
 */
export const gridStrategy: StrategyPlugin<typeof options> = defineStrategy({
  name: 'grid',
  version,
  description: 'Every combination of a grid of values.',
  options,
  capabilities: { conditional: true, multiObjective: true },
  create,
});

function create(context: PluginContext<OptionsOf<typeof options>>): Strategy {
  const { space, options: chosen } = context;
  const tree = createGridTree(createGridAxes(space, chosen));
  const order = chosen.order === 'shuffled' ? createSeededPermutation(tree.size, context.random('order')) : identityPermutation;

  // All places before `next` are taken, and of those behind it the ones in `takenAhead`. In a study of its own trials
  // that set stays empty, so memory does not grow with the trials.
  let next = 0n;
  const takenAhead = new Set<bigint>();

  return {
    observe: (event) => {
      if (event.kind !== 'created') return;
      const index = gridIndex(tree, event.params);
      if (index === undefined) return;
      const place = order.placeOf(index);
      if (place >= next) takenAhead.add(place);
      while (takenAhead.delete(next)) next++;
    },
    suggest: () => {
      if (next >= tree.size) return undefined;
      const params = space.validate(gridPoint(tree, order.at(next)));
      return { params, because: { kind: 'design', detail: `point ${next + 1n} of ${tree.size}` } };
    },
    done: () => next >= tree.size,
  };
}
