import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branch } from './branch.js';
import { bool, choice, float, int, ordinal } from './parameter.js';
import type { Parameter } from './parameter.js';
import { space } from './space.js';
import type { Dimension } from './unit-cube.js';

const dimensionOf = (parameter: Parameter): Dimension => space({ x: parameter }).dimensions[0]!;
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const whole = fc.maxSafeInteger();
const real = fc.double({ min: -1e150, max: 1e150, noNaN: true });

const pair = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, T]> => fc.tuple(values, values).map(([a, b]) => (a < b ? [a, b] : [b, a]));

const discrete: fc.Arbitrary<Parameter> = fc.oneof(
  pair(whole).filter(([a, b]) => b - a < 2 ** 53).map(([a, b]) => int(a, b)),
  pair(fc.integer({ min: 1, max: 2 ** 44 })).map(([a, b]) => int(a, b, { log: true })),
  fc.tuple(whole, fc.integer({ min: 1, max: 1000 }), fc.nat(1e6)).map(([a, step, n]) => (a > 0 ? int(a - step * n, a, { step: Math.min(step, step * n || 1) }) : int(a, a + step * n, { step: Math.min(step, step * n || 1) }))),
  fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 500 })).map(([a, step, n]) => float(a / 1000, a / 1000 + (step * n) / 1000, { step: step / 1000 })),
  fc.uniqueArray(fc.oneof(fc.integer(), fc.string({ unit: 'grapheme' }), fc.boolean()), { minLength: 1 }).map((values) => choice(values.map((v) => (v === 0 ? 0 : v)))),
  fc.uniqueArray(fc.integer(), { minLength: 1 }).map((values) => ordinal(values.map((v) => v + 0))),
  fc.constant(bool()),
);

const continuous: fc.Arbitrary<Parameter & { readonly low: number; readonly high: number }> = fc.oneof(
  pair(real).map(([a, b]) => float(a, b)),
  pair(fc.double({ min: 1e-300, max: 1e300, noNaN: true })).map(([a, b]) => float(a, b, { log: true })),
  pair(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })).map(([a, b]) => float(a, b, { log: 'reverse' })),
);

describe('the mapping to the unit interval', () => {
  it('gives every discrete value back exactly, from the middle of its cell', () => {
    fc.assert(
      fc.property(discrete, unit, (parameter, share) => {
        const dimension = dimensionOf(parameter);
        const cell = Math.min(dimension.cells! - 1, Math.floor(share * dimension.cells!));
        const value = dimension.valueAt(cell)!;
        const u = dimension.toUnit(value);
        expect(dimension.cellOf(value)).toBe(cell);
        expect(dimension.fromUnit(u)).toBe(value);
        expect(u > 0 && u < 1).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('never leaves the bounds and gives a valid value for any coordinate', () => {
    fc.assert(
      fc.property(fc.oneof(discrete, continuous), fc.double({ min: -2, max: 3, noNaN: true }), (parameter, u) => {
        const one = space({ x: parameter });
        expect(one.isValid(one.fromUnit([u]))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a continuous value back to 1e-12, and both ends exactly', () => {
    fc.assert(
      fc.property(continuous, unit, (parameter, u) => {
        const dimension = dimensionOf(parameter);
        const value = dimension.fromUnit(u) as number;
        const again = dimension.fromUnit(dimension.toUnit(value)) as number;
        const size = Math.max(Math.abs(value), parameter.kind === 'float' && parameter.scale === 'log' ? 0 : Math.max(Math.abs(parameter.low), Math.abs(parameter.high)));
        expect(Math.abs(again - value)).toBeLessThanOrEqual(1e-12 * size);
        expect(dimension.fromUnit(0)).toBe(parameter.low + 0);
        expect(dimension.fromUnit(1)).toBe(parameter.high + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('is even in ln x for log, in ln(1 − x) for reverse log', () => {
    expect(dimensionOf(float(1e-4, 1, { log: true })).fromUnit(0.5)).toBeCloseTo(1e-2, 14);
    expect(dimensionOf(float(0, 0.9999, { log: 'reverse' })).fromUnit(0.5)).toBeCloseTo(0.99, 12);
  });

  it('gives the ends of a whole-number log range half a step more', () => {
    const dimension = dimensionOf(int(1, 3, { log: true }));
    const width = Math.log(3.5 / 0.5);
    expect(dimension.fromUnit(Math.log(1.5 / 0.5) / width - 1e-9)).toBe(1);
    expect(dimension.fromUnit(Math.log(1.5 / 0.5) / width + 1e-9)).toBe(2);
    expect(dimension.toUnit(1)).toBeCloseTo(Math.log(1.5 / 0.5) / 2 / width, 14);
  });

  it('writes stepped values as people do', () => {
    const dimension = dimensionOf(float(0, 0.5, { step: 0.05 }));
    expect(Array.from({ length: dimension.cells! }, (_, cell) => dimension.valueAt(cell))).toEqual([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5]);
  });
});

it('a whole space goes to the cube and back, and keeps its key', () => {
  const tree = space({ n: int(1, 100, { log: true }), rate: float(0, 1, { step: 0.01 }) }).and(
    branch('model', { mlp: { act: choice(['relu', 'tanh']) }, cnn: space({ pool: bool() }).and(branch('norm', { batch: {}, group: { act: int(1, 32) } })) }),
  );
  fc.assert(
    fc.property(fc.array(unit, { minLength: tree.dimensions.length, maxLength: tree.dimensions.length }), (point) => {
      const params = tree.fromUnit(point);
      expect(tree.validate(params)).toEqual(params);
      const again = tree.fromUnit(tree.toUnit(params));
      expect(again).toEqual(params);
      expect(tree.key(again)).toBe(tree.key(Object.fromEntries(Object.entries(params).reverse())));
    }),
  );
});
