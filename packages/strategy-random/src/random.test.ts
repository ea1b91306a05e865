import { bool, choice, float, int, resolveOptions, space } from '@paramo/core';
import type { NewTrial, Params, Strategy } from '@paramo/core';
import { createPluginContext, simulateStudy } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import strategy, { random } from './index.js';

const propose = (instance: Strategy): NewTrial => instance.suggest() as NewTrial;
const own = (trial: number, { params, memo }: NewTrial) => ({ position: trial + 1, kind: 'created', trial, own: true, params, ...(memo !== undefined && { memo }) }) as const;

describe('random', () => {
  test('the first trial is the defaults, where the space declares any', () => {
    const withDefault = space({ lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }), layers: int(1, 5) });
    const { suggestions } = simulateStudy({ space: withDefault, strategy, workers: 1, budget: { trials: 3 } });
    expect(suggestions[0]).toEqual({ params: { lr: 1e-3, layers: 3 }, because: { kind: 'default' } });
    expect(suggestions[1]).toMatchObject({ memo: { index: 0 }, because: { kind: 'design' } });

    const without = simulateStudy({ space: space({ x: float(0, 1) }), strategy, budget: { trials: 1 } });
    expect(without.suggestions[0]).toMatchObject({ because: { kind: 'design' } });
  });

  test('defaults that a user tried already are not tried again', () => {
    const instance = strategy.create(createPluginContext(strategy, { space: space({ x: float(0, 1, { default: 0.5 }) }) }));
    instance.observe({ position: 1, kind: 'created', trial: 0, own: false, params: { x: 0.5 } });
    expect(propose(instance).because.kind).toBe('design');
  });

  test('draws are even in the transformed space', () => {
    const { trials } = simulateStudy({ space: space({ lr: float(1e-4, 1, { log: true }) }), strategy, steps: 1, budget: { trials: 400 } });
    const decades = [0, 0, 0, 0];
    for (const { params } of trials) decades[Math.min(3, Math.floor(4 + Math.log10(params['lr'] as number)))]!++;
    // Binomial(400, 1/4): five standard deviations are 43.
    for (const count of decades) expect(Math.abs(count - 100)).toBeLessThan(43);
  });

  test.each(['uniform', 'sobol', 'halton'])('%s uses up a space whose last points are a thousand times rarer than others', (sequence) => {
    const skewed = space({ n: int(1, 1000, { log: true }) });
    const { trials, reason } = simulateStudy({ space: skewed, strategy, strategyOptions: { sequence }, steps: 1, workers: 4 });
    expect([trials.length, new Set(trials.map(({ params }) => params['n'])).size, reason]).toEqual([1000, 1000, 'done']);
  });

  test('points of others count as used up', () => {
    const two = space({ flag: bool() });
    const instance = strategy.create(createPluginContext(strategy, { space: two }));
    instance.observe({ position: 1, kind: 'created', trial: 0, own: false, params: { flag: true } });
    expect(propose(instance).params).toEqual({ flag: false });
    instance.observe(own(1, propose(instance)));
    expect([instance.suggest(), instance.done()]).toEqual([undefined, true]);
  });

  test('a finite space too large to list is searched all the same', () => {
    const large = space(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, choice(['a', 'b', 'c'])])));
    const { trials } = simulateStudy({ space: large, strategy, steps: 1, budget: { trials: 200 } });
    expect(new Set(trials.map(({ params }) => large.key(params))).size).toBe(200);
  });

  test('a hundred thousand trials of a continuous space leave nothing behind but a count', () => {
    const instance = strategy.create(createPluginContext(strategy, { space: space({ x: float(0, 1) }) }));
    for (let trial = 0; trial < 100_000; trial++) instance.observe({ position: trial + 1, kind: 'created', trial, own: true, params: { x: 0.5 }, memo: { index: trial } });
    expect(propose(instance).memo).toEqual({ index: 100_000 });
  });

  test('users name it with typed options, and a misspelled sequence is refused with the near miss', () => {
    expect(random({ sequence: 'sobol' })).toEqual({ name: 'random', options: { sequence: 'sobol' } });
    // @ts-expect-error no such sequence
    random({ sequence: 'sobel' });
    expect(() => resolveOptions('random', strategy.options, { sequence: 'sobel' })).toThrow(/did you mean sobol/);
  });

  test('quasi-random sequences go on where they were when users enqueue trials in between', () => {
    const cube = space({ x: float(0, 1), y: float(0, 1) });
    const alone = simulateStudy({ space: cube, strategy, strategyOptions: { sequence: 'sobol' }, workers: 1, budget: { trials: 16 } });
    const disturbed = simulateStudy({ space: cube, strategy, strategyOptions: { sequence: 'sobol' }, workers: 1, budget: { trials: 32 }, faults: { enqueue: 0.03, death: 0.1, rebuild: 0.2 } });
    const points = (trials: readonly { own: boolean; params: Params }[]) => trials.filter((trial) => trial.own).map(({ params }) => params);
    const common = Math.min(points(alone.trials).length, points(disturbed.trials).length);
    expect(common).toBeGreaterThan(8);
    expect(points(disturbed.trials).slice(0, common)).toEqual(points(alone.trials).slice(0, common));
  });
});
