import { describe, expect, expectTypeOf, it } from 'vitest';
import { optionsJsonSchema, resolveOptions, type OptionsInput, type OptionsOf } from './options.js';
import type { Params } from './params.js';

const schema = {
  eta: { type: 'integer', minimum: 2, default: 3, description: 'Reduction factor.' },
  rate: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'A share above 0.' },
  mode: { type: 'string', enum: ['uniform', 'sobol'], default: 'uniform', description: 'Which sequence.' },
  label: { type: 'string', description: 'Any text.' },
  eager: { type: 'boolean', default: false, description: 'Whether to hurry.' },
  points: { type: 'object', additionalProperties: { type: 'integer', minimum: 1 }, description: 'Counts by name.' },
  factors: { type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, minItems: 1, default: [0.5, 2], description: 'What to multiply by.' },
  names: { type: 'array', items: { type: 'string' }, description: 'Some names.' },
  starts: { type: 'array', items: { type: 'object' }, description: 'Params to start from.' },
} as const;

describe('the options of a plugin', () => {
  it('come with their defaults', () => {
    expect(resolveOptions('x', schema, {})).toEqual({ eta: 3, mode: 'uniform', eager: false, factors: [0.5, 2] });
    const given = { eta: 4, points: { lr: 5 }, factors: [3], names: ['a'], starts: [{ lr: 1 }] };
    expect(resolveOptions('x', schema, given)).toEqual({ ...given, mode: 'uniform', eager: false });
  });

  it.each([
    [{ etaa: 4 }, 'x has no option etaa', 'Did you mean eta?'],
    [{ eta: 1 }, 'option eta is 1, but it must be at least 2', 'Reduction factor.'],
    [{ eta: 2.5 }, 'it must be a whole number', 'Reduction factor.'],
    [{ eta: '3' }, 'it must be a number', 'Reduction factor.'],
    [{ rate: 0 }, 'it must be above 0', 'A share above 0.'],
    [{ rate: 2 }, 'it must be at most 1', 'A share above 0.'],
    [{ mode: 'sobel' }, 'it must be one of uniform, sobol (did you mean sobol?)', 'Which sequence.'],
    [{ label: 4 }, 'it must be a string', 'Any text.'],
    [{ eager: 'yes' }, 'it must be true or false', 'Whether to hurry.'],
    [{ points: { lr: 0 } }, 'lr in it is 0: it must be at least 1', 'Counts by name.'],
    [{ points: [1] }, 'it must be an object', 'Counts by name.'],
    [{ factors: 2 }, 'it must be a list', 'What to multiply by.'],
    [{ factors: [] }, 'it must have at least 1 item', 'What to multiply by.'],
    [{ factors: [1, 0] }, '0 is in it: it must be above 0', 'What to multiply by.'],
    [{ names: [1] }, '1 is in it: it must be a string', 'Some names.'],
    [{ starts: [[]] }, '[] is in it: it must be an object', 'Params to start from.'],
  ])('that are wrong (%j) are refused, naming the option and what is allowed', (given, text, hint) => {
    expect(() => resolveOptions('x', schema, given)).toThrow(text);
    expect(() => resolveOptions('x', schema, given)).toThrow(hint);
  });

  it('are typed by the schema', () => {
    expectTypeOf<OptionsOf<typeof schema>['eta']>().toEqualTypeOf<number>();
    expectTypeOf<OptionsOf<typeof schema>['mode']>().toEqualTypeOf<'uniform' | 'sobol'>();
    expectTypeOf<OptionsOf<typeof schema>['rate']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<OptionsInput<typeof schema>['eager']>().toEqualTypeOf<boolean | undefined>();
    expectTypeOf<OptionsOf<typeof schema>['factors']>().toEqualTypeOf<readonly number[]>();
    expectTypeOf<OptionsOf<typeof schema>['starts']>().toEqualTypeOf<readonly Params[] | undefined>();
  });

  it('can be shown as JSON Schema', () => {
    expect(optionsJsonSchema(schema)).toMatchObject({ type: 'object', additionalProperties: false, properties: { eta: { type: 'integer', minimum: 2 } } });
  });

  it('are not fooled by names of Object.prototype', () => {
    expect(() => resolveOptions('x', schema, { constructor: 1 })).toThrow('has no option constructor');
    expect(() => resolveOptions('x', schema, JSON.parse('{"__proto__": 1}') as never)).toThrow('has no option __proto__');
  });
});
