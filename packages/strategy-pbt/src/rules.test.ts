import { float, isParamoError, parseObjective, resolveOptions, space, type Json, type ParamoError } from '@paramo/core';
import { createPluginContext } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import strategy from './index.js';
import { createPbtRules, quantileSize, readyInterval } from './rules.js';

const where = space({ rate: float(0, 1), momentum: float(0, 1) });

interface Study {
  readonly trials?: number;
  /** 100 by default. */
  readonly steps?: number | undefined;
  readonly objective?: readonly ('min loss' | 'max accuracy')[];
}

function context(options: Readonly<Record<string, Json>>, study: Study = {}): Parameters<typeof createPbtRules>[0] {
  const { trials, steps, objective = ['min loss'] } = { steps: 100, ...study };
  return createPluginContext(strategy, { space: where, objectives: parseObjective(objective), options, ...(trials !== undefined && { trials }), ...(steps !== undefined && { steps }) });
}

function refusal(options: Readonly<Record<string, Json>>, study?: Study): ParamoError {
  try {
    strategy.create(context(options, study));
  } catch (error) {
    if (isParamoError(error)) return error;
  }
  throw new Error('it was not refused');
}

describe('defaults', () => {
  test('the population is the budget, else 8', () => {
    expect(createPbtRules(context({ every: 5 })).population).toBe(8);
    expect(createPbtRules(context({ every: 5 }, { trials: 12 })).population).toBe(12);
    expect(createPbtRules(context({ every: 5, population: 4 }, { trials: 12 })).population).toBe(4);
  });

  test('the ready interval is a twentieth of the steps; milestones are its multiples', () => {
    expect(readyInterval(context({}, { steps: 200 }))).toBe(10);
    expect(readyInterval(context({}, { steps: 7 }))).toBe(1);
    expect(strategy.milestones!(context({ every: 3 }, { steps: 200 }))).toEqual({ interval: 3 });
  });

  test('a quantile is rounded down, without being fooled by rounding errors', () => {
    expect([[0.25, 8], [0.25, 7], [0.2, 5], [0.29, 100], [0.5, 2], [0.07, 100]].map(([q, n]) => quantileSize(q!, n!))).toEqual([2, 1, 1, 29, 1, 7]);
  });
});

describe('what does not fit is refused before the first trial, with what to change', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, Json>>, Study, RegExp, RegExp])[] = [
    ['a study without steps', {}, { steps: undefined }, /does not say how many steps a trial takes/, /steps: 100 \(steps=100 in Python\)/],
    ['a study with an interval and no steps', { every: 3 }, { steps: undefined }, /does not say how many steps a trial takes/, /steps: 60 /],
    ['a budget below the population', { every: 5, population: 8 }, { trials: 6 }, /8 members, but the budget allows 6 trials/, /budget\.trials to 8 or more, or population to 6 or less/],
    ['a budget of one trial', { every: 5, population: 2 }, { trials: 1 }, /the budget allows 1 trial$/, /budget\.trials to 2 or more\.$/],
    ['a population of one', { every: 5 }, { trials: 1 }, /nobody to learn from/, /budget\.trials to 2 or more/],
    ['a quantile of nobody', { every: 5, population: 3 }, {}, /a quantile of 0\.25 of 3 members is nobody/, /population to 4 or more, or quantile to 0\.34 or more/],
    ['several objectives', { every: 5 }, { objective: ['min loss', 'max accuracy'] }, /2 objectives/, /one objective/],
    ['an interval as long as a trial', { every: 10 }, { steps: 10 }, /every is 10, but a trial of this study takes 10 steps/, /every to 5 or less/],
    ['a name that the space does not have', { every: 5, mutate: ['rat'] }, {}, /mutate names "rat"/, /Did you mean rate\?/],
    ['a name like no other', { every: 5, mutate: ['zzz'] }, {}, /mutate names "zzz"/, /It has: rate, momentum\./],
    ['more founders than members', { every: 5, population: 4, founders: Array.from({ length: 5 }, () => ({ rate: 0, momentum: 0 })) }, {}, /5 founders for 4 members/, /Leave out 1/],
  ];
  test.each(cases)('%s', (_, options, study, summary, hint) => {
    const error = refusal(options, study);
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(error.summary).toMatch(/^pbt: /);
    expect(error.summary).toMatch(summary);
    expect(error.hint).toMatch(hint);
  });

  test('what the hints say is taken', () => {
    expect(createPbtRules(context({ every: 5, population: 4 })).population).toBe(4);
    expect(createPbtRules(context({ every: 5, population: 3, quantile: 0.34 })).population).toBe(3);
    expect(createPbtRules(context({ every: 5, population: 2, exploit: 'tournament' })).population).toBe(2);
  });

  test('founders outside the space', () => {
    expect(refusal({ every: 5, founders: [{ rate: 2, momentum: 0 }] }).code).toBe('INVALID_PARAMS');
  });

  test.each([
    [{ popultion: 8 }, 'Did you mean population?'],
    [{ exploit: 'truncate' }, 'truncation'],
    [{ quantile: 0.6 }, 'at most 0.5'],
    [{ factors: [0] }, 'above 0'],
    [{ resample: 2 }, 'at most 1'],
    [{ every: 0 }, 'at least 1'],
  ])('options that are wrong: %j', (options, text) => {
    expect(() => resolveOptions('pbt', strategy.options, options as Readonly<Record<string, Json>>)).toThrow(text);
  });
});
