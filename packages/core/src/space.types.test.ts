import { expectTypeOf, it } from 'vitest';
import { branch } from './branch.js';
import { bool, choice, float, int, ordinal } from './parameter.js';
import type { Params } from './params.js';
import { space } from './space.js';
import type { ParamsOf, Space } from './space.js';

const flat = space({ lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }), opt: choice(['adam', 'sgd']), layers: int(1, 8), size: ordinal([32, 64]), bias: bool(), off: choice(['on', null]) });

const branched = space({ lr: float(0, 1) }).and(branch('model', { mlp: { hidden: int(8, 512) }, cnn: space({ filters: int(8, 64) }).and(branch('pool', { max: {}, avg: { width: int(2, 4) } })), none: {} }));

it('infers the params of a space without help at the call', () => {
  expectTypeOf<ParamsOf<typeof flat>>().toEqualTypeOf<{
    readonly lr: number;
    readonly opt: 'adam' | 'sgd';
    readonly layers: number;
    readonly size: 32 | 64;
    readonly bias: boolean;
    readonly off: 'on' | null;
  }>();
  expectTypeOf(flat).toExtend<Space>();
  expectTypeOf(flat.center()).toExtend<Params>();
});

it('refuses what the space does not have', () => {
  const params = flat.center();
  // @ts-expect-error: no such parameter
  void params.lrr;
  // @ts-expect-error: read-only
  void (() => (params.lr = 1));
  // @ts-expect-error: not one of the values
  void (params.opt === 'rmsprop');
  // @ts-expect-error: the default is none of the values
  void (() => choice(['adam', 'sgd'], { default: 'rmsprop' }));
  // @ts-expect-error: no such option
  void (() => float(0, 1, { lgo: true }));
  // @ts-expect-error: a whole number has no reverse log
  void (() => int(0, 1, { log: 'reverse' }));
  // @ts-expect-error: not a parameter
  void (() => space({ lr: 1 }));
  // @ts-expect-error: no such arm
  void (() => branch('model', { mlp: {} }, { default: 'cnn' }));
});

it('makes a discriminated union of a branch', () => {
  const params = branched.center();
  expectTypeOf(params.lr).toEqualTypeOf<number>();
  expectTypeOf(params.model).toEqualTypeOf<'mlp' | 'cnn' | 'none'>();
  // @ts-expect-error: only the mlp has it
  void params.hidden;
  if (params.model === 'mlp') {
    expectTypeOf(params.hidden).toEqualTypeOf<number>();
    // @ts-expect-error: only the cnn has it
    void params.filters;
  }
  if (params.model === 'cnn' && params.pool === 'avg') expectTypeOf(params.width).toEqualTypeOf<number>();
});
