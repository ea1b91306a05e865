// Population-based training: eight members train side by side, the worst go on from the checkpoints of the best with another
// learning rate, and so find a schedule that no fixed rate has.
// Run it: npm install @paramo/strategy-pbt && node train-a-population.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pbt } from '@paramo/strategy-pbt';
import { float, space, tune } from 'paramo';

const best = await tune(
  {
    name: 'valley',
    space: space({ rate: float(1e-4, 0.1, { log: true }) }),
    objective: 'min loss',
    strategy: pbt({ population: 8, every: 5 }),
    steps: 60,
    budget: { trials: 8 },
  },
  async (trial) => {
    // What is trained are two numbers; a network's weights go the same way.
    let [x, y] = trial.resume ? JSON.parse(await readFile(join(trial.resume.dir, 'weights.json'), 'utf8')) : [3, 2];
    for await (const step of trial.steps(60)) {
      // A long valley: 40 times as steep across as along.
      x -= trial.params.rate * x;
      y -= trial.params.rate * 40 * y;
      trial.log({ loss: (x ** 2 + 40 * y ** 2) / 2, step });
      await trial.checkpoint((directory) => writeFile(join(directory, 'weights.json'), JSON.stringify([x, y])));
    }
  },
  { workers: 4 },
);

console.log(`member ${best.number} came to a loss of ${best.value.toExponential(1)}, at last with a rate of ${best.params.rate.toExponential(1)}`);
