import type { StrategyPlugin } from '../plugin.js';
import { defineStrategy } from '../plugin.js';

/** Feeds a stopper where a simulated study names no strategy: independent draws without end. */
export const independentDraws: StrategyPlugin = defineStrategy({
  name: 'independent-draws', version: '0.0.0', description: 'Independent draws, for simulations.', options: {},
  capabilities: { conditional: true, multiObjective: true },
  create: (context) => {
    let own = 0;
    return {
      observe: (event) => {
        if (event.kind === 'created' && event.own) own++;
      },
      suggest: () => {
        const random = context.random('draw', own);
        return { params: context.space.fromUnit(Float64Array.from(context.space.dimensions, () => random.next())), because: { kind: 'design', detail: `draw ${own}` } };
      },
      done: () => false,
    };
  },
});
