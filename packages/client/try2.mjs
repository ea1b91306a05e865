import { tune, space, float, connect } from '@paramo/client';
import { readFileSync } from 'node:fs';
const home = process.argv[2];
const connection = await connect({ home });
const pids = [];
let killed = 0;
const t0 = performance.now();
const best = await tune({ name: 'kill', space: space({ lr: float(0, 1) }), objective: 'min val_loss', stopper: 'median', budget: { trials: 30 }, fresh: true }, async (trial) => {
  for await (const s of trial.steps(10)) {
    await new Promise(r => setTimeout(r, 20));
    trial.log({ val_loss: trial.params.lr + 1 / (s + 1), extra: s });
    if (trial.number % 8 === 5 && s === 4 && killed < 3) { killed++; process.kill(JSON.parse(readFileSync(home + '/daemon.json')).pid, 'SIGKILL'); console.log('killed daemon at trial', trial.number); }
  }
}, { workers: 4, connection });
console.log('best', best.number, best.value, Math.round(performance.now() - t0), 'ms', best.study.record.counts, connection.reporter.lost);
const trials = await best.study.trials();
console.log(trials.map(t => t.number + ':' + t.state[0] + t.done + 'a' + t.attempt).join(' '));
for (const t of trials) { const s = await t.series('extra'); const want = Array.from({length: t.done}, (_, i) => i).join(); if (s.steps.join() !== want) console.log('GAP', t.number, s.steps.join()); }
console.log('end', Math.round(performance.now() - t0));
process.on('exit', () => console.log('exit', Math.round(performance.now() - t0)));
