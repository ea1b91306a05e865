// Finds the lowest point of Branin's function, which has three of them, all at 0.397887.
// Run it: node tune-a-function.mjs
import { float, space, tune } from 'paramo';

const best = await tune(
  {
    name: 'branin',
    space: space({ x: float(-5, 10), y: float(0, 15) }),
    objective: 'min value',
    strategy: { name: 'random', options: { sequence: 'sobol' } },
    budget: { trials: 60 },
  },
  ({ params: { x, y } }) => {
    const bend = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6;
    return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
  { workers: 4 },
);

console.log(`best value ${best.value.toFixed(4)} at x = ${best.params.x.toFixed(3)}, y = ${best.params.y.toFixed(3)} (trial ${best.number})`);
