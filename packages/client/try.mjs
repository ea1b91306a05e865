import { tune, space, float, choice, connect, openStudy, track } from '@paramo/client';
const t0 = performance.now();
const connection = await connect({ home: process.argv[2] });
console.log('connected', Math.round(performance.now() - t0), 'ms');
const best = await tune({ name: 'demo', space: space({ lr: float(1e-5, 1, { log: true, default: 1e-3 }), opt: choice(['adam','sgd']) }), objective: 'min val_loss', stopper: 'median', budget: { trials: 20 }, fresh: true }, async (trial) => {
  for await (const s of trial.steps(10)) trial.log({ val_loss: Math.abs(Math.log10(trial.params.lr) + 2) + 1 / (s + 1) });
}, { workers: 4, connection });
console.log('best', best.number, best.value, best.params, Math.round(performance.now() - t0), 'ms', best.study.record.counts);
const r = await track('base', { params: { lr: 1 }, connection }, async (run) => { for await (const s of run.steps(3)) run.log({ loss: s }); });
console.log(r.state, (await r.series('loss')).values, r.metrics);
console.log('done', Math.round(performance.now() - t0));
