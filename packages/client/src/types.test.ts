import { bool, branch, choice, float, int, space } from '@paramo/core';
import { expect, expectTypeOf, test } from 'vitest';
import type { openStudy, StudyBase } from './index.js';
import { track, tune } from './index.js';
import type { SingleStudy, FrontStudy } from './study.js';

const flat = space({ lr: float(0, 1), layers: int(1, 8), opt: choice(['adam', 'sgd']), bias: bool() });

// Compiled, never run: what matters is what the compiler says.
const typed = {
  async one() {
    const best = await tune({ name: 'n', space: flat, objective: 'min val_loss', strategy: 'random' }, (trial) => {
      expectTypeOf(trial.params).toEqualTypeOf<{ readonly lr: number; readonly layers: number; readonly opt: 'adam' | 'sgd'; readonly bias: boolean }>();
      expectTypeOf(trial.params.lr).toBeNumber();
      // @ts-expect-error no such parameter
      void trial.params.lrr;
      // @ts-expect-error params never change
      trial.params.lr = 1;
      trial.log({ anything: 1 });
      // @ts-expect-error a metric is a number
      trial.log({ anything: '1' });
    });
    expectTypeOf(best.value).toBeNumber();
    expectTypeOf(best.metrics.val_loss).toBeNumber();
    expectTypeOf(best.metrics['other']).toEqualTypeOf<number | undefined>();
    expectTypeOf(best.params.opt).toEqualTypeOf<'adam' | 'sgd'>();
    expectTypeOf(best.study).toExtend<SingleStudy>();
    // @ts-expect-error no such parameter
    void best.params.lrr;
    // @ts-expect-error one objective has no front
    void best.study.front;
  },
  async several() {
    const tuned = await tune({ name: 'n', space: flat, objective: ['min loss', 'max accuracy'] }, () => ({ loss: 1, accuracy: 1 }));
    expectTypeOf(tuned.front[0]!.values.accuracy).toBeNumber();
    expectTypeOf(tuned.study).toExtend<FrontStudy>();
    // @ts-expect-error several objectives have no best
    void tuned.study.best;
    // @ts-expect-error nor a value
    void tuned.value;
  },
  async branches() {
    const searched = space({ lr: float(0, 1) }).and(branch('model', { mlp: { hidden: int(8, 512) }, cnn: { filters: int(8, 64) } }));
    await tune({ name: 'n', space: searched, objective: { metric: 'loss', goal: 'min' } }, ({ params }) => {
      if (params.model === 'mlp') expectTypeOf(params.hidden).toBeNumber();
      // @ts-expect-error filters belong to the other arm
      else void params.hidden;
    });
  },
  async study(open: typeof openStudy) {
    const study = await open({ name: 'n', space: flat, objective: 'max acc', strategy: { name: 'grid', options: { resolution: 3 } }, stopper: 'median', budget: { trials: 3, wall: '10m' } });
    expectTypeOf((await study.ask()).params.layers).toBeNumber();
    expectTypeOf(await study.ask({ wait: 0 })).toExtend<object | undefined>();
    expectTypeOf((await study.best())?.metrics.acc).toEqualTypeOf<number | undefined>();
    expectTypeOf(study).toExtend<StudyBase<{ readonly lr: number; readonly layers: number; readonly opt: 'adam' | 'sgd'; readonly bias: boolean }>>();
    // @ts-expect-error the space knows what its params are
    await study.enqueue({ lr: 1 });
    // @ts-expect-error one objective has no front
    void study.front;
    // @ts-expect-error a goal comes first
    await open({ name: 'n', space: flat, objective: 'val_loss' });
    // @ts-expect-error no such option
    await open({ name: 'n', space: flat, objective: 'min loss', strateggy: 'random' });
  },
  async tracked() {
    const run = await track('n', { params: { lr: 1e-3, opt: 'adam' } }, (running) => {
      expectTypeOf(running.params.lr).toExtend<number>();
      // @ts-expect-error no such parameter
      void running.params.layers;
    });
    expectTypeOf(run.params.opt).toExtend<string>();
  },
};

test('what the compiler promises is checked where this file is compiled', () => {
  expect(Object.keys(typed)).toHaveLength(5);
});
