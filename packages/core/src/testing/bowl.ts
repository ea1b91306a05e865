import type { Objective } from '../objective.js';
import type { Params } from '../params.js';
import type { Space } from '../space.js';
import type { Step, Values } from '../trial-event.js';

/** Metrics of simulated trials: for each objective the squared distance from a point of its own in the unit cube, plus what further steps still take away. */
export function bowl(space: Space, objectives: readonly Objective[], params: Params, done: Step): Values {
  const u = space.toUnit(params);
  return Object.fromEntries(objectives.map(({ metric, goal }, k) => {
    const centre = (k + 1) / (objectives.length + 2);
    const distance = u.reduce((sum, x) => (Number.isNaN(x) ? sum : sum + (x - centre) ** 2), 0);
    return [metric, (goal === 'min' ? 1 : -1) * (distance + 1 / done)];
  }));
}
