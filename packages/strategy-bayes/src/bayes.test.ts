import { bool, branch, choice, float, int, ordinal, resolveOptions, space } from '@paramo/core';
import type { NewTrial, Params, Space, Strategy } from '@paramo/core';
import { createPluginContext, simulateStudy } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import strategy, { bayes } from './index.js';

const line = space({ x: float(0, 1) });
const open = (over: Space, seed = 0): Strategy => strategy.create(createPluginContext(strategy, { space: over, seed }));
const propose = (instance: Strategy): NewTrial => instance.suggest() as NewTrial;

/** A study told event by event. */
function tell(instance: Strategy) {
  let position = 0;
  let trials = 0;
  const create = (params: Params, own = false, memo?: NewTrial['memo']): number => {
    instance.observe({ position: position++, kind: 'created', trial: trials, own, params, ...(memo !== undefined && { memo }) });
    return trials++;
  };
  const end = (trial: number, state: 'completed' | 'stopped' | 'failed' | 'cancelled', value?: number): void =>
    instance.observe({ position: position++, kind: 'ended', trial, state, done: 1, ...(value !== undefined && { value }) });
  return { create, end };
}

/** Six values along a line, falling towards 0.6. */
function sixResults(instance: Strategy): ReturnType<typeof tell> {
  const study = tell(instance);
  for (const x of [0, 0.2, 0.4, 0.6, 0.8, 1]) study.end(study.create({ x }), 'completed', (x - 0.6) ** 2);
  return study;
}

describe('bayes', () => {
  test('the first trial is the defaults where the space declares any, else its centre', () => {
    expect(propose(open(space({ lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }), layers: int(1, 5) })))).toEqual({ params: { lr: 1e-3, layers: 3 }, because: { kind: 'default' } });
    expect(propose(open(line))).toMatchObject({ params: { x: 0.5 }, because: { kind: 'design' } });
  });

  test('then come scrambled Sobol points from the first one on, and then the model', () => {
    const { suggestions } = simulateStudy({ space: space({ x: float(0, 1), y: float(0, 1) }), strategy, workers: 1, budget: { trials: 8 } });
    expect(suggestions.map(({ because }) => because.kind)).toEqual(['design', 'design', 'design', 'design', 'design', 'model', 'model', 'model']);
    const design = suggestions.slice(1, 5).map((suggestion) => suggestion as NewTrial);
    expect(design.map(({ because }) => because)).toEqual([0, 1, 2, 3].map((index) => ({ kind: 'design', detail: `sobol point ${index}` })));
    for (const axis of ['x', 'y']) expect(new Set(design.map(({ params }) => Math.floor(4 * (params[axis] as number)))).size).toBe(4);
  });

  test.each([[1, 5], [7, 8], [12, 10]])('of %i parameters the model chooses from trial %i on', (parameters, first) => {
    const cube = space(Object.fromEntries(Array.from({ length: parameters }, (_, i) => [`x${i}`, float(0, 1)])));
    const { suggestions } = simulateStudy({ space: cube, strategy, workers: 1, budget: { trials: 11 }, evaluate: ({ x0 }) => ({ loss: x0 as number }) });
    expect(suggestions.findIndex(({ because }) => because.kind === 'model')).toBe(first);
  });

  test('it says what the model expects in the units of the objective, also of one to maximise', () => {
    const { suggestions } = simulateStudy({
      space: line, strategy, workers: 1, budget: { trials: 12 }, objectives: [{ metric: 'accuracy', goal: 'max', at: 'last' }],
      evaluate: ({ x }) => ({ accuracy: 90 - 100 * ((x as number) - 0.3) ** 2 }),
    });
    const last = suggestions.at(-1)! as NewTrial;
    expect(last.params['x']).toBeCloseTo(0.3, 1);
    expect(last.because).toMatchObject({ kind: 'model', acquisition: 'log expected improvement' });
    if (last.because.kind === 'model') expect([Math.round(last.because.mean), last.because.sd < 1]).toEqual([90, true]);
  });

  test('a pending trial keeps the next one away from itself', () => {
    const instance = open(line);
    const study = sixResults(instance);
    const first = propose(instance);
    study.create(first.params, true, first.memo);
    const second = propose(instance);
    expect(Math.abs((first.params['x'] as number) - (second.params['x'] as number))).toBeGreaterThan(1e-3);
  });

  test('where trials failed it does not look again', () => {
    const results = (failures: readonly number[]): number => {
      const instance = open(line);
      const study = tell(instance);
      for (const x of [0, 0.2, 0.4, 0.6, 0.8]) study.end(study.create({ x }), 'completed', -x);
      for (const x of failures) study.end(study.create({ x }), 'failed');
      return propose(instance).params['x'] as number;
    };
    expect(results([])).toBeGreaterThan(0.9);
    expect(results([0.9, 0.95, 1])).toBeLessThan(0.88);
  });

  test('along a log parameter it reckons in factors', () => {
    const instance = open(space({ rate: float(1e-6, 1, { log: true }) }));
    const study = tell(instance);
    for (const power of [-6, -5, -4, -3, -2, -1, 0]) study.end(study.create({ rate: 10 ** power }), 'completed', (power + 3.5) ** 2);
    expect(Math.abs(Math.log10(propose(instance).params['rate'] as number) + 3.5)).toBeLessThan(0.3);
  });

  test.each([
    ['integers', int(0, 100), [0, 20, 40, 60, 80, 100]],
    ['ordinals', ordinal(Array.from({ length: 101 }, (_, rank) => rank)), [0, 20, 40, 60, 80, 100]],
  ])('of %s it tries one between the best', (_, parameter, tried) => {
    const instance = open(space({ n: parameter }));
    const study = tell(instance);
    for (const n of tried) study.end(study.create({ n }), 'completed', (n - 47) ** 2);
    expect(Math.abs((propose(instance).params['n'] as number) - 47)).toBeLessThan(6);
  });

  test('choices have no order: those never tried are all alike, whatever stands beside the best', () => {
    const instance = open(space({ kind: choice(['a', 'b', 'c', 'd', 'e', 'f', 'g']) }));
    const study = tell(instance);
    for (const [kind, loss] of [['b', 1], ['c', 0.9], ['d', 1.1], ['e', 1], ['g', 0]] as const) study.end(study.create({ kind }), 'completed', loss);
    expect(propose(instance).params).toEqual({ kind: 'a' });
  });

  test('what a parameter brings that exists in one branch only, other branches do not show', () => {
    const instance = open(space({}).and(branch('model', { linear: {}, mlp: { hidden: float(0, 1) } })));
    const study = tell(instance);
    for (const model of ['linear', 'linear', 'linear'] as const) study.end(study.create({ model }), 'completed', 0.9);
    for (const hidden of [0, 0.3, 0.6, 0.9]) study.end(study.create({ model: 'mlp', hidden }), 'completed', (hidden - 0.7) ** 2);
    const { params } = propose(instance);
    expect(params['model']).toBe('mlp');
    expect(Math.abs((params['hidden'] as number) - 0.7)).toBeLessThan(0.15);
  });

  test('a stopped trial never counts as better than the median of the completed ones', () => {
    const instance = open(line);
    const study = sixResults(instance);
    study.end(study.create({ x: 0.05 }), 'stopped', -100);
    expect(Math.abs((propose(instance).params['x'] as number) - 0.6)).toBeLessThan(0.15);
  });

  test('a cancelled trial says nothing, and without any value the design goes on', () => {
    const [plain, disturbed] = [open(line), open(line)];
    sixResults(plain);
    const study = sixResults(disturbed);
    study.end(study.create({ x: 0.61 }), 'cancelled', -100);
    expect(propose(disturbed)).toEqual(propose(plain));

    const failing = open(line);
    const failed = tell(failing);
    for (let i = 0; i < 12; i++) failed.end(failed.create(propose(failing).params, true), 'failed');
    expect(propose(failing).because.kind).toBe('design');
  });

  test('the hyperparameters come back in the memo, and a memo of another space is passed over', () => {
    const instance = open(line);
    const study = sixResults(instance);
    const { params, memo } = propose(instance);
    expect(memo).toMatchObject({ results: 6 });
    expect((memo as { hyperparameters: number[] }).hyperparameters).toHaveLength(3);
    study.create(params, true, { hyperparameters: [1, 2, 3, 4], results: 6 });
    expect(propose(instance).because.kind).toBe('model');
  });

  test('it finds the best of mixed and conditional parameters', () => {
    const mixed = space({ rate: float(1e-4, 1, { log: true }), units: int(1, 64), size: ordinal([16, 32, 64]), flag: bool(), kind: choice(['a', 'b', 'c']) })
      .and(branch('model', { linear: {}, mlp: { hidden: float(0, 1) } }));
    const evaluate = (params: Params) => {
      const distance = (Math.log10(params['rate'] as number) + 2) ** 2 + ((params['units'] as number) / 32 - 1) ** 2 + (params['size'] === 32 ? 0 : 0.3) + (params['flag'] ? 0 : 0.3) + (params['kind'] === 'b' ? 0 : 0.5);
      return { loss: distance + (params['model'] === 'mlp' ? ((params['hidden'] as number) - 0.7) ** 2 : 0.5) };
    };
    const { trials } = simulateStudy({ space: mixed, strategy, workers: 2, steps: 1, budget: { trials: 50 }, evaluate });
    expect(Math.min(...trials.map(({ params }) => evaluate(params).loss))).toBeLessThan(0.05);
  });

  test.each([space({ n: int(1, 40, { log: true }) }), space({ n: int(1, 15), kind: choice(['a', 'b']), flag: bool() })])('it uses up a finite space without a repeat', (finite) => {
    const { trials, reason } = simulateStudy({ space: finite, strategy, steps: 1, workers: 3 });
    expect([trials.length, new Set(trials.map(({ params }) => finite.key(params))).size, reason]).toEqual([Number(finite.size), Number(finite.size), 'done']);
  });

  test('with more results than a model is given it still answers, from the fit of an earlier trial where there is one', () => {
    const instance = open(space({ x: float(0, 1), y: float(0, 1) }));
    const study = tell(instance);
    for (let i = 0; i < 320; i++) study.end(study.create({ x: (i * 0.618) % 1, y: (i * 0.755) % 1 }), 'completed', ((i * 0.618) % 1) + ((i * 0.755) % 1));
    const hyperparameters = [0.5, 0.5, 0, -7];
    study.create({ x: 0.5, y: 0.5 }, true, { hyperparameters, results: 315 });
    expect(propose(instance)).toMatchObject({ memo: { hyperparameters, results: 315 }, because: { kind: 'model' } });
  });

  test('it names itself and its options for a study', () => {
    expect(bayes({ start: 12 })).toEqual({ name: 'bayes', options: { start: 12 } });
    expect(resolveOptions('bayes', strategy.options, {})).toEqual({});
    expect(() => resolveOptions('bayes', strategy.options, { start: 0 })).toThrow(/at least 1/);
  });
});
