import { createRequire } from 'node:module';
import type { Explanation, OptionsInput, Params, PluginContext, PluginReference, PointSequence, Strategy, StrategyPlugin } from '@paramo/core';
import { createSobolSequence, defineStrategy, ParamoError, sobolDimensions } from '@paramo/core';
import { createHaltonSequence } from './halton-sequence.js';
import { createUnseenPoints } from './unseen-points.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** How often a draw that hits a point that a trial already has is repeated, before the free points are listed. */
const mostDraws = 64;

const options = {
  sequence: {
    type: 'string',
    enum: ['uniform', 'sobol', 'halton'],
    default: 'uniform',
    description: "uniform: independent draws; sobol: Owen-scrambled Sobol points; halton: scrambled Halton points. The last two cover the space more evenly.",
  },
} as const;

/** Options of `random`. */
export type RandomOptions = OptionsInput<typeof options>;

/** Names random search for a study: `strategy: random({ sequence: 'sobol' })`. */
export function random(given: RandomOptions = {}): PluginReference {
  return { name: 'random', options: { ...given } };
}

/**
 * Random search: points drawn evenly in the transformed space, after the space's defaults where it declares any. A
 * point of a finite space is proposed once; when all of them have been, the strategy is done.
 */
export const randomStrategy: StrategyPlugin<typeof options> = defineStrategy({
  name: 'random',
  version,
  description: 'Random search, or an evenly spread sequence of points.',
  options,
  capabilities: { conditional: true, multiObjective: true },
  create,
});

interface Draw {
  /** Place in the sequence; the next trial looks behind it. */
  readonly index: number;
  readonly params: Params;
  readonly because: Explanation;
}

function create(context: PluginContext<{ readonly sequence: 'uniform' | 'sobol' | 'halton' }>): Strategy {
  const { space } = context;
  const { sequence } = context.options;
  if (sequence === 'sobol' && space.dimensions.length > sobolDimensions) {
    throw new ParamoError({
      code: 'INVALID_OPTIONS',
      message: `random: sequence sobol has direction numbers for ${sobolDimensions} parameters, and this space has ${space.dimensions.length}`,
      hint: "Use sequence: 'uniform'.",
    });
  }
  const points: PointSequence | undefined = sequence === 'sobol' ? createSobolSequence(context) : sequence === 'halton' ? createHaltonSequence(context) : undefined;
  const defaults = space.defaults();
  const defaultsKey = defaults && space.key(defaults);

  const unseen = createUnseenPoints(space);
  let own = 0;
  let defaultsSeen = false;
  let next = 0;

  function draw(): Draw {
    const stream = context.random('trial', next);
    for (let i = 0; i < mostDraws; i++) {
      const u = points ? points(next + i) : Float64Array.from(space.dimensions, () => stream.next());
      const params = space.fromUnit(u);
      // A sequence moves on by each point it skips; independent draws all belong to one place.
      const index = points ? next + i : next;
      if (unseen.has(params)) return { index, params, because: { kind: 'design', detail: `${sequence} point ${index}` } };
    }
    const index = points ? next + mostDraws - 1 : next;
    return { index, params: unseen.draw(context.random('rest', next)), because: { kind: 'design', detail: 'one of the last free points' } };
  }

  return {
    observe: (event) => {
      if (event.kind !== 'created') return;
      unseen.add(event.params);
      if (defaultsKey !== undefined && !defaultsSeen) defaultsSeen = space.key(event.params) === defaultsKey;
      if (!event.own) return;
      own++;
      const memo = event.memo as { readonly index?: number } | undefined;
      if (memo?.index !== undefined) next = Math.max(next, memo.index + 1);
    },
    suggest: () => {
      if (unseen.empty()) return undefined;
      if (defaults && own === 0 && !defaultsSeen) return { params: defaults, because: { kind: 'default' } };
      const { index, params, because } = draw();
      return { params, memo: { index }, because };
    },
    done: () => unseen.empty(),
  };
}
