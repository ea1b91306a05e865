import { describe, expect, expectTypeOf, it } from 'vitest';
import { formatObjective, isBetter, parseObjective, type IsSingle, type MetricNames } from './objective.js';
import { isParamoError } from './paramo-error.js';

describe('an objective', () => {
  it('is one string of direction and name', () => {
    expect(parseObjective('min val_loss')).toEqual([{ metric: 'val_loss', goal: 'min', at: 'last' }]);
    expect(parseObjective('max  top 5 accuracy ' as 'max x')).toEqual([{ metric: 'top 5 accuracy', goal: 'max', at: 'last' }]);
  });

  it('may be several, or say which value counts', () => {
    const objectives = parseObjective(['min loss', { metric: 'acc', goal: 'max', at: 'best' }, { metric: 'f1', goal: 'max', at: { step: 3 } }]);
    expect(formatObjective(objectives)).toBe('min loss, max acc (best), max f1 (at step 3)');
  });

  it.each([
    ['val_loss', 'is not an objective'],
    ['min', 'is not an objective'],
    ['minimum loss', 'is not an objective'],
    [[], 'empty'],
    [['min a', 'max a'], 'named twice'],
    ['min system/memory', 'tells of the machine'],
    [{ metric: 'a', goal: 'up' }, 'goal "up"'],
    [{ metric: '', goal: 'min' }, 'no name'],
    [{ metric: 'a', goal: 'min', at: { step: -1 } }, 'at {"step":-1}'],
    [null, 'is not an objective'],
    [42, 'is not an objective'],
  ])('that is wrong (%j) is refused with what to do', (input, text) => {
    const attempt = (): unknown => parseObjective(input as never);
    expect(attempt).toThrow(text);
    try {
      attempt();
    } catch (error) {
      expect(isParamoError(error, 'INVALID_OBJECTIVE')).toBe(true);
      expect((error as { hint: string }).hint).not.toBe('');
    }
  });

  it('gives its metric names and whether there is a best to the types', () => {
    expectTypeOf<MetricNames<'min val_loss'>>().toEqualTypeOf<'val_loss'>();
    expectTypeOf<MetricNames<readonly ['min loss', 'max acc']>>().toEqualTypeOf<'loss' | 'acc'>();
    expectTypeOf<MetricNames<{ metric: 'f1'; goal: 'max' }>>().toEqualTypeOf<'f1'>();
    expectTypeOf<IsSingle<'min a'>>().toEqualTypeOf<true>();
    expectTypeOf<IsSingle<readonly ['min a', 'min b']>>().toEqualTypeOf<false>();
    // @ts-expect-error a direction is needed
    const wrong: Parameters<typeof parseObjective>[0] = 'val_loss';
    expect(wrong).toBe('val_loss');
  });

  it('never prefers NaN', () => {
    expect(isBetter(Number.NaN, 1, 'min')).toBe(false);
    expect(isBetter(1, Number.NaN, 'max')).toBe(true);
    expect(isBetter(1, 2, 'min')).toBe(true);
    expect(isBetter(1, 2, 'max')).toBe(false);
    expect(isBetter(2, 2, 'min')).toBe(false);
  });
});
