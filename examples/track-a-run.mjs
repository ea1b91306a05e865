// Fits a line by gradient descent and keeps the run: its configuration and the loss of every epoch.
// Run it: node track-a-run.mjs
import { track } from 'paramo';

const points = Array.from({ length: 100 }, (_, i) => ({ x: i / 100, y: 3 * (i / 100) + 2 }));

const run = await track('line', { params: { lr: 0.5, epochs: 50 } }, async (run) => {
  let slope = 0;
  let intercept = 0;
  for await (const epoch of run.steps(run.params.epochs)) {
    const errors = points.map(({ x, y }) => slope * x + intercept - y);
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    slope -= run.params.lr * 2 * mean(errors.map((error, i) => error * points[i].x));
    intercept -= run.params.lr * 2 * mean(errors);
    run.log({ loss: mean(errors.map((error) => error ** 2)), slope, intercept });
    if (epoch === 0) console.log(`run ${run.number} of the study "line" has begun`);
  }
});

const losses = await run.series('loss');
console.log(`${losses.values.length} epochs; loss ${losses.values[0].toFixed(3)} → ${losses.values.at(-1).toFixed(6)}`);
