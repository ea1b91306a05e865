import { bool, float, space } from '@paramo/core';
import { OpenMode } from '@paramo/protocol';
import { expect, test } from 'vitest';
import { searchRequest, trackingRequest } from './study-options.js';
import type { StudyOptions } from './study-options.js';

const options = { name: 'n', space: space({ lr: float(0, 1), bias: bool() }), objective: 'min loss' } as const;
const request = (more: object = {}) => searchRequest({ ...options, ...more } as StudyOptions, 'r');

test('what is not asked for is left to the daemon, and to a study that is joined', () => {
  const { spec, mode, requestId } = request();
  expect(spec).toMatchObject({ name: 'n', budget: undefined, rules: undefined, seed: undefined });
  expect(spec?.plan).toMatchObject({ strategy: { name: 'bayes' }, stopper: undefined, steps: undefined, strictOrder: undefined });
  expect([mode, requestId]).toEqual([OpenMode.OPEN_MODE_JOIN, 'r']);
});

test('several objectives are searched at random, unless a strategy is asked for', () => {
  const objective = ['min loss', 'max accuracy'];
  expect(request({ objective }).spec?.plan?.strategy?.name).toBe('random');
  expect(request({ objective, strategy: 'grid' }).spec?.plan?.strategy?.name).toBe('grid');
});

test('everything that is asked for travels', () => {
  const { spec } = request({
    strategy: { name: 'grid', options: { resolution: 5 } }, stopper: 'median', steps: 30, order: { strict: 2 }, seed: 7, target: 0.1, maxFailures: 3, retries: 0, lease: '1m',
    budget: { trials: 5, wall: '10m', cost: 2.5 }, labels: { team: 'a' }, attributes: { note: [1] },
  });
  expect(spec).toMatchObject({ seed: 7n, budget: { trials: 5n, wallMs: 600_000n, cost: 2.5 }, rules: { target: 0.1, maxFailures: 3, retries: 0, leaseMs: 60_000, retryOnFailure: false }, attributesJson: '{"note":[1]}' });
  expect(spec?.plan).toMatchObject({ strategy: { name: 'grid', optionsJson: '{"resolution":5}' }, stopper: { name: 'median' }, steps: 30n, strictOrder: 2 });
  expect(spec?.labels).toEqual(new Map([['team', 'a']]));
});

test('revise and fresh choose how a study of the same name is treated', () => {
  expect(request({ revise: true }).mode).toBe(OpenMode.OPEN_MODE_REVISE);
  expect(request({ fresh: true }).mode).toBe(OpenMode.OPEN_MODE_FRESH);
  expect(trackingRequest({ name: 'n', fresh: true }, 'r').mode).toBe(OpenMode.OPEN_MODE_FRESH);
});

test('a tracking study has neither space nor strategy', () => {
  expect(trackingRequest({ name: 'runs' }, 'r').spec?.plan).toMatchObject({ space: undefined, strategy: undefined, objectives: [] });
});

test.each([
  [{ strateggy: 'random' }, 'there is no option strateggy. Did you mean strategy?'],
  [{ budget: { trails: 3 } }, 'there is no option budget.trails. Did you mean budget.trials?'],
  [{ budget: { trials: 0 } }, 'budget.trials is 0. Give a whole number from 1.'],
  [{ budget: { cost: -1 } }, 'budget.cost is -1. Give a number above 0.'],
  [{ budget: 5 }, 'budget must be an object'],
  [{ seed: 1.5 }, 'seed is 1.5. Give a whole number from 0.'],
  [{ name: '' }, 'name is missing'],
  [{ space: { lr: 1 } }, 'space is missing or not one'],
  [{ strategy: {} }, 'strategy is {}'],
  [{ target: Number.NaN }, 'target is NaN'],
])('%j is refused with what to do', (more, message) => {
  expect(() => request(more)).toThrow(message);
});

test('a space without parameters is refused', () => {
  expect(() => request({ space: space({}) })).toThrow('INVALID_OPTIONS: the space has no parameters. Give at least one to search');
});
