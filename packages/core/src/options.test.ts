import { describe, expect, expectTypeOf, it } from 'vitest';
import { optionsJsonSchema, resolveOptions, type OptionsInput, type OptionsOf } from './options.js';

const schema = {
  eta: { type: 'integer', minimum: 2, default: 3, description: 'Reduction factor.' },
  rate: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'A share above 0.' },
  mode: { type: 'string', enum: ['uniform', 'sobol'], default: 'uniform', description: 'Which sequence.' },
  label: { type: 'string', description: 'Any text.' },
  eager: { type: 'boolean', default: false, description: 'Whether to hurry.' },
  points: { type: 'object', additionalProperties: { type: 'integer', minimum: 1 }, description: 'Counts by name.' },
} as const;

describe('the options of a plugin', () => {
  it('come with their defaults', () => {
    expect(resolveOptions('x', schema, {})).toEqual({ eta: 3, mode: 'uniform', eager: false });
    expect(resolveOptions('x', schema, { eta: 4, points: { lr: 5 } })).toEqual({ eta: 4, mode: 'uniform', eager: false, points: { lr: 5 } });
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
  ])('that are wrong (%j) are refused, naming the option and what is allowed', (given, text, hint) => {
    expect(() => resolveOptions('x', schema, given)).toThrow(text);
    expect(() => resolveOptions('x', schema, given)).toThrow(hint);
  });

  it('are typed by the schema', () => {
    expectTypeOf<OptionsOf<typeof schema>['eta']>().toEqualTypeOf<number>();
    expectTypeOf<OptionsOf<typeof schema>['mode']>().toEqualTypeOf<'uniform' | 'sobol'>();
    expectTypeOf<OptionsOf<typeof schema>['rate']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<OptionsInput<typeof schema>['eager']>().toEqualTypeOf<boolean | undefined>();
  });

  it('can be shown as JSON Schema', () => {
    expect(optionsJsonSchema(schema)).toMatchObject({ type: 'object', additionalProperties: false, properties: { eta: { type: 'integer', minimum: 2 } } });
  });

  it('are not fooled by names of Object.prototype', () => {
    expect(() => resolveOptions('x', schema, { constructor: 1 })).toThrow('has no option constructor');
    expect(() => resolveOptions('x', schema, JSON.parse('{"__proto__": 1}') as never)).toThrow('has no option __proto__');
  });
});
