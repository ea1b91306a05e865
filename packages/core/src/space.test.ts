import { describe, expect, it } from 'vitest';
import { branch } from './branch.js';
import { bool, choice, float, int, ordinal } from './parameter.js';
import { space } from './space.js';
import { createSpace } from './space-spec.js';

const models = space({ lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }), opt: choice(['adam', 'sgd']) }).and(
  branch('model', { mlp: { hidden: int(8, 512) }, cnn: { hidden: int(1, 4), pool: bool() } }),
);

const mlp = { lr: 1e-3, opt: 'adam', model: 'mlp', hidden: 64 } as const;

describe('validate', () => {
  it('gives the params back, frozen, in the order of the space', () => {
    const params = models.validate({ hidden: 64, model: 'mlp', opt: 'adam', lr: 1e-3 });
    expect(params).toStrictEqual(mlp);
    expect(Object.keys(params)).toEqual(['lr', 'opt', 'model', 'hidden']);
    expect(Object.isFrozen(params)).toBe(true);
    expect(models.isValid(params)).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['an unknown name', { ...mlp, hiden: 1 }, 'INVALID_PARAMS: "hiden" (1) is not a parameter of the space. Did you mean hidden?'],
    ['a missing one', { opt: 'adam', model: 'mlp', hidden: 64 }, 'INVALID_PARAMS: lr is missing. Give lr; its default is 0.001.'],
    ['a missing one of the arm', { lr: 1e-3, opt: 'adam', model: 'cnn', hidden: 2 }, 'INVALID_PARAMS: pool is missing, which is needed when model = "cnn". Give pool.'],
    ['one of another arm', { ...mlp, pool: true }, 'INVALID_PARAMS: pool is true, but is used only when model = "cnn", and model is "mlp". Leave pool out.'],
    ['a value outside the range', { ...mlp, lr: 2 }, 'INVALID_PARAMS: lr is 2, but must be a number from 1e-5 to 0.1'],
    ['the range of the right arm', { lr: 1e-3, opt: 'adam', model: 'cnn', hidden: 64, pool: true }, 'INVALID_PARAMS: hidden is 64, but must be a whole number from 1 to 4'],
    ['a number in quotes', { ...mlp, lr: '1e-3' }, 'INVALID_PARAMS: lr is "1e-3", but must be a number from 1e-5 to 0.1. Give the number 0.001, without quotes.'],
    ['NaN', { ...mlp, lr: NaN }, 'INVALID_PARAMS: lr is NaN, but must be a number from 1e-5 to 0.1'],
    ['a part of a whole number', { ...mlp, hidden: 64.4 }, 'INVALID_PARAMS: hidden is 64.4, but must be a whole number from 8 to 512. The nearest such value is 64.'],
    ['a mistyped choice', { ...mlp, opt: 'adma' }, 'INVALID_PARAMS: opt is "adma", but must be one of "adam", "sgd". Did you mean "adam"?'],
    ['no object', 3, 'INVALID_PARAMS: the params are 3, but must be an object of names and values'],
  ])('names %s', (_, params, message) => {
    expect(() => models.validate(params)).toThrow(message);
    expect(models.isValid(params)).toBe(false);
  });

  it('tells a value of another type from a wrong one', () => {
    const sizes = space({ batch: ordinal([32, 64]), bias: bool() });
    expect(() => sizes.validate({ batch: '32', bias: true })).toThrow('Give 32, a number, in place of a string.');
    expect(() => sizes.validate({ batch: 32, bias: 'True' })).toThrow('bias is "True", but must be true or false. Give true, without quotes.');
  });

  it('accepts a step within rounding, and names the nearest otherwise', () => {
    const stepped = space({ drop: float(0, 0.5, { step: 0.05 }) });
    expect(stepped.isValid({ drop: 3 * 0.05 })).toBe(true);
    expect(() => stepped.validate({ drop: 0.08 })).toThrow('drop is 0.08, but must be a number from 0 to 0.5 in steps of 0.05. The nearest such value is 0.1.');
  });

  it('is safe with names that objects have by themselves', () => {
    const odd = space({ ['__proto__']: int(1, 3), constructor: int(1, 3), toString: bool() });
    const params = odd.fromUnit([0.5, 0.5, 0.9]);
    expect(JSON.stringify(params)).toBe('{"__proto__":2,"constructor":2,"toString":true}');
    expect(odd.validate(JSON.parse(JSON.stringify(params)))).toEqual(params);
    expect(() => odd.validate({})).toThrow('__proto__ is missing');
    expect(() => space({ lr: float(0, 1) }).validate(JSON.parse('{"lr":0.5,"__proto__":1}'))).toThrow('"__proto__" (1) is not a parameter');
  });
});

describe('a space', () => {
  it('names its dimensions by the branch they are in', () => {
    expect(models.dimensions.map(({ key }) => key)).toEqual(['lr', 'opt', 'model', 'model=mlp/hidden', 'model=cnn/hidden', 'model=cnn/pool']);
    expect(models.dimensions.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('is the same again from its JSON', () => {
    const again = createSpace(JSON.parse(JSON.stringify(models.spec)));
    expect(again.spec).toEqual(models.spec);
    expect(Object.isFrozen(models.spec.parameters[0])).toBe(true);
  });

  it('reads a spec without scale and when', () => {
    expect(createSpace({ parameters: [{ name: 'x', kind: 'int', low: 0, high: 1 }] }).spec.parameters).toEqual([{ name: 'x', when: [], kind: 'int', low: 0, high: 1, scale: 'linear' }]);
  });

  it('has defaults when one parameter declares one, completed from the centre', () => {
    expect(models.defaults()).toEqual({ ...models.center(), lr: 1e-3 });
    expect(space({ lr: float(0, 1) }).defaults()).toBeUndefined();
    const chosen = space({}).and(branch('model', { mlp: { hidden: int(8, 512) }, cnn: { filters: int(1, 3) } }, { default: 'mlp' }));
    expect(chosen.defaults()).toEqual({ model: 'mlp', hidden: 260 });
  });

  it('lets the coordinate of a branch decide which others count', () => {
    expect(models.fromUnit([0.5, 0, 0, 0, NaN, NaN])).toMatchObject({ opt: 'adam', model: 'mlp', hidden: 8 });
    expect(models.fromUnit([0.5, 0, 1, NaN, 0, 1])).toMatchObject({ model: 'cnn', hidden: 1, pool: true });
    expect(Array.from(models.toUnit(models.validate(mlp)), Number.isNaN)).toEqual([false, false, false, false, true, true]);
  });

  it('refuses a point that is none', () => {
    expect(() => models.fromUnit([0.5])).toThrow('the point has 1 coordinates, but the space has 6 dimensions');
    expect(() => models.fromUnit([NaN, 0, 0, 0, 0, 0])).toThrow('the coordinate of lr is NaN');
  });

  it('identifies a configuration whatever the order and rounding of its params', () => {
    const stepped = space({ a: float(0, 1, { step: 0.1 }), b: choice(['1', 1]) });
    expect(stepped.key({ b: 1, a: 3 * 0.1 })).toBe(stepped.key({ a: 0.3, b: 1 }));
    expect(stepped.key({ a: 0.3, b: '1' })).not.toBe(stepped.key({ a: 0.3, b: 1 }));
  });
});

describe('size', () => {
  it('counts live combinations only', () => {
    const nested = space({ a: int(1, 3), d: float(0, 0.5, { step: 0.05 }) }).and(
      branch('m', { x: { h: int(1, 5) }, y: space({ z: bool() }).and(branch('q', { u: { h: int(1, 2) }, v: {} })) }),
    );
    expect(nested.size).toBe(BigInt(3 * 11 * (5 + 2 * (2 + 1))));
    expect(space({}).size).toBe(1n);
    expect(space({ a: float(2, 2), b: int(1, 1) }).size).toBe(1n);
  });

  it('is exact beyond 2^53 and undefined when continuous', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, int(1, 10)]));
    expect(space(many).size).toBe(10n ** 40n);
    expect(models.size).toBeUndefined();
  });

  it('does not enumerate: forty independent branches are counted at once', () => {
    let wide = space({}) as ReturnType<typeof createSpace>;
    for (let i = 0; i < 40; i++) wide = wide.and(branch(`b${i}`, { on: { [`x${i}`]: int(1, 9) }, off: {} }));
    expect(wide.size).toBe(10n ** 40n);
  });

  it('gives up on conditions too entangled to count', () => {
    const bools = Array.from({ length: 60 }, (_, i) => ({ name: `s${i}`, kind: 'bool' }));
    const knots = Array.from({ length: 900 }, (_, i) => ({ name: `x${i}`, kind: 'bool', when: [7, 11, 13].map((m) => ({ parameter: `s${(i * m + Math.floor(i / 60) * (m - 5)) % 60}`, equals: i % m < m / 2 })).filter((c, k, all) => all.findIndex((o) => o.parameter === c.parameter) === k) }));
    const tangled = createSpace({ parameters: [...bools, ...knots] });
    expect(tangled.size).toBeUndefined();
  });
});
