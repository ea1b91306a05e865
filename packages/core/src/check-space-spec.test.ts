import { describe, expect, it } from 'vitest';
import { branch } from './branch.js';
import { bool, choice, float, int, ordinal } from './parameter.js';
import type { Parameter } from './parameter.js';
import { space } from './space.js';
import { createSpace } from './space-spec.js';

const one = (parameter: unknown): (() => unknown) => () => space({ lr: parameter as Parameter });

describe('a parameter', () => {
  it.each<[string, unknown, string]>([
    ['reversed bounds', float(1, 0), 'INVALID_SPACE: lr: the range is reversed: it goes from 1 to 0. Write the lower end first: 0, 1.'],
    ['a log range from 0', float(0, 1, { log: true }), 'INVALID_SPACE: lr: a log range must start above 0, but starts at 0.'],
    ['a log range of whole numbers from 0', int(0, 9, { log: true }), 'lr: a log range must start above 0'],
    ['a reverse log range up to 1', float(0, 1, { log: 'reverse' }), 'lr: a reverse log range must lie in [0, 1), but goes from 0 to 1'],
    ['a reverse log range of whole numbers', int(0, 9, { log: 'reverse' as never }), 'lr: an int has no reverse log range'],
    ['NaN as a bound', float(NaN, 1), 'lr: the range goes from NaN to 1, but both ends must be finite numbers'],
    ['an infinite bound', float(0, Infinity), 'both ends must be finite numbers'],
    ['a string as a bound', float('0' as never, 1), 'lr: the range goes from "0" to 1'],
    ['a range wider than a number', float(-1.7e308, 1.7e308), 'wider than a number can say'],
    ['a part as a bound of an int', int(0.5, 3), 'lr: the range goes from 0.5 to 3, but an int needs whole numbers'],
    ['an int beyond 2^53 − 1', int(0, 2 ** 53), 'goes beyond ±(2^53 − 1)'],
    ['an int of more than 2^53 values', int(-(2 ** 53 - 1), 2 ** 53 - 1), 'has more than 2^53 values'],
    ['a log int beyond 2^44', int(1, 2 ** 50, { log: true }), 'must end at or below 2^44'],
    ['log and step together', float(1, 2, { log: true, step: 0.1 }), 'lr: log and step do not go together'],
    ['a step of 0', float(0, 1, { step: 0 }), 'lr: the step is 0, but must be a number above 0'],
    ['a step larger than the range', int(1, 5, { step: 9 }), 'lr: the step 9 is larger than the range from 1 to 5. Give a step of at most 4.'],
    ['a part as a step of an int', int(1, 5, { step: 0.5 }), 'lr: the step is 0.5, but an int needs a whole one'],
    ['a step too small to tell values apart', float(1e18, 1e18 + 4096, { step: 1 }), 'is too small for the range'],
    ['no values', choice([]), 'lr: the list of values is empty'],
    ['values that are no list', choice('adam' as never), 'lr: the values are "adam", but must be a list'],
    ['a value twice', ordinal([1, 2, 1]), 'lr: the value 1 is listed twice'],
    ['0 and −0', choice([0, -0]), 'is listed twice'],
    ['an object as a value', choice([{}] as never), 'lr: the value {} cannot be a value'],
    ['NaN as a value', choice([NaN]), 'lr: the value NaN is not finite'],
    ['a default outside', float(0, 1, { default: 2 }), 'lr: the default is 2, but must be a number from 0 to 1'],
    ['a default of another type', bool({ default: 'yes' as never }), 'lr: the default is "yes", but must be true or false'],
    ['a mistyped default', choice(['adam', 'sgd'], { default: 'sdg' as 'sgd' }), 'lr: the default is "sdg", but must be one of "adam", "sgd". Did you mean "sgd"?'],
    ['a mistyped option', float(0, 1, { lgo: true } as never), 'lr: float has no option "lgo". Did you mean log?'],
    ['a mistyped kind', { kind: 'flaot' }, 'lr: "flaot" is not a kind of parameter. Did you mean float?'],
    ['a bare value', 0.1, 'lr: this is not a parameter. Use float, int, choice, ordinal or bool'],
  ])('with %s is refused', (_, parameter, message) => {
    expect(one(parameter)).toThrow(message);
  });

  it('may be a constant, and may have a step that does not reach the end', () => {
    expect(space({ a: float(2, 2), b: float(2, 2, { log: true }), c: int(3, 3, { log: true }), d: int(3, 3, { step: 1 }) }).center()).toEqual({ a: 2, b: 2, c: 3, d: 3 });
    expect(space({ a: int(0, 10, { step: 4 }) }).dimensions[0]).toMatchObject({ cells: 3 });
    expect(space({ a: int(0, 10, { step: 4 }) }).fromUnit([1])).toEqual({ a: 8 });
  });
});

describe('a name', () => {
  it.each([
    ['', 'is empty'],
    ['  ', 'is empty'],
    ['a\u0000b', 'control character'],
    ['a\ud800', 'half a character'],
    ['a\ufffd', 'U+FFFD'],
    ['é'.repeat(129), 'has 258 bytes, but at most 256'],
  ])('%j is refused', (name, message) => {
    expect(() => space({ [name]: bool() })).toThrow(message);
  });

  it('may be in any script', () => {
    expect(space({ 学習率: bool(), 'a b/c': bool(), ['é'.repeat(128)]: bool() }).dimensions).toHaveLength(3);
  });
});

describe('a space', () => {
  const a = { name: 'a', kind: 'choice', values: ['x', 'y'] };
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'but must be { parameters: […] }'],
    ['an unknown field', { parameters: [], paramters: [] }, 'unknown field "paramters"'],
    ['something that is no parameter', { parameters: [3] }, '3 is not a parameter'],
    ['a name that is no string', { parameters: [{ name: 3, kind: 'bool' }] }, '3 is not a name'],
    ['a name twice', { parameters: [a, a] }, 'a: two parameters that can be active at once have this name'],
    ['a condition on what does not exist', { parameters: [a, { name: 'b', kind: 'bool', when: [{ parameter: 'q', equals: 1 }] }] }, 'b: its condition names "q", which is no earlier parameter'],
    ['a condition on what comes later', { parameters: [{ name: 'b', kind: 'bool', when: [{ parameter: 'a', equals: 'x' }] }, a] }, 'List the parameter that decides before those that depend on it.'],
    ['a condition that cannot hold', { parameters: [a, { name: 'b', kind: 'bool', when: [{ parameter: 'a', equals: 'z' }] }] }, 'b: its condition a = "z" can never hold'],
    ['a condition on a number', { parameters: [{ name: 'n', kind: 'int', low: 0, high: 1 }, { name: 'b', kind: 'bool', when: [{ parameter: 'n', equals: 1 }] }] }, 'must be a choice, an ordinal or a bool'],
    ['two conditions on one parameter', { parameters: [a, { name: 'b', kind: 'bool', when: [{ parameter: 'a', equals: 'x' }, { parameter: 'a', equals: 'y' }] }] }, 'b: two conditions name "a"'],
    ['a condition with an unknown field', { parameters: [a, { name: 'b', kind: 'bool', when: [{ parameter: 'a', in: ['x'] }] }] }, 'is not a condition'],
    ['too many parameters', { parameters: Array.from({ length: 1001 }, (_, i) => ({ name: `p${i}`, kind: 'bool' })) }, 'has 1001 parameters, but at most 1000'],
  ])('with %s is refused', (_, spec, message) => {
    expect(() => createSpace(spec)).toThrow(message);
  });

  it('may share a name between the arms of a branch, and not beside it', () => {
    const shared = branch('model', { mlp: { hidden: int(1, 9) }, cnn: { hidden: int(1, 3) } });
    expect(space({}).and(shared).dimensions).toHaveLength(3);
    expect(() => space({ hidden: int(1, 2) }).and(shared)).toThrow('hidden: two parameters that can be active at once have this name');
    expect(() => space({}).and(shared).and(shared)).toThrow('model: two parameters');
  });

  it('refuses what is no record, no branch and no arm', () => {
    expect(() => space(undefined as never)).toThrow('must be an object');
    expect(() => space({}).and({} as never)).toThrow('{} is not a branch');
    expect(() => space({}).and(branch('model', { mlp: null as never }))).toThrow('arm "mlp" is null');
    expect(() => space({}).and(branch('model', {}))).toThrow('model: the list of values is empty');
  });
});
