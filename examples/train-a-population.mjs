// Population-based training: eight members train side by side, the worst go on from the checkpoints of the best with another
// learning rate, and so find a schedule that no fixed rate has.
// Run it: npm install @paramo/strategy-pbt && node train-a-population.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pbt } from '@paramo/strategy-pbt';
import { float, space, tune } from 'paramo';

const best = await tune(
  {
    name: 'rosenbrock',
    space: space({ rate: float(1e-4, 1e-2, { log: true }) }),
    objective: 'min loss',
    strategy: pbt({ population: 8, every: 10 }),
    steps: 60,
    budget: { trials: 8 },
  },
  async (trial) => {
    // What is trained are two numbers; a network's weights go the same way.
    let [x, y] = trial.resume ? JSON.parse(await readFile(join(trial.resume.dir, 'weights.json'), 'utf8')) : [-1.5, 2];
    for await (const step of trial.steps(60)) {
      const slope = [-2 * (1 - x) - 400 * x * (y - x ** 2), 200 * (y - x ** 2)].map((one) => Math.max(-50, Math.min(50, one)));
      x -= trial.params.rate * slope[0];
      y -= trial.params.rate * slope[1];
      trial.log({ loss: (1 - x) ** 2 + 100 * (y - x ** 2) ** 2, step });
      await trial.checkpoint((directory) => writeFile(join(directory, 'weights.json'), JSON.stringify([x, y])));
    }
  },
  { workers: 4 },
);

console.log(`member ${best.number} came to a loss of ${best.value.toFixed(4)}, at last with a rate of ${best.params.rate.toExponential(1)}`);
