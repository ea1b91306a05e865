import { bool, branch, choice, createRandom, float, int, ordinal, space, type Params, type Random } from '@paramo/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exploreFrom, type ExploreRules } from './explore.js';

const paper: ExploreRules = { explore: 'perturb', factors: [0.8, 1.2], resample: 0.25 };
const onlyPerturb: ExploreRules = { ...paper, resample: 0 };

const streams = (seed: number) => (key: string): Random => createRandom('explore', seed, key);

function children(parent: Params, where: Parameters<typeof exploreFrom>[1], rules: ExploreRules, count = 400): Params[] {
  return Array.from({ length: count }, (_, seed) => exploreFrom(parent, where, rules, streams(seed)).params);
}

function valuesOf(name: string, list: readonly Params[]): unknown[] {
  return [...new Set(list.map((params) => params[name]!))].sort();
}

describe('perturbing', () => {
  test('multiplies floats by one of the factors, on a log scale too, each about as often', () => {
    const where = space({ x: float(-10, 10), rate: float(1e-6, 1, { log: true }), momentum: float(0, 0.999, { log: 'reverse' }) });
    const list = children({ x: -2, rate: 1e-3, momentum: 0.5 }, where, onlyPerturb);
    expect(valuesOf('x', list)).toEqual([-2 * 0.8, -2 * 1.2].sort());
    expect(valuesOf('rate', list)).toEqual([1e-3 * 0.8, 1e-3 * 1.2].sort());
    expect(valuesOf('momentum', list)).toEqual([0.5 * 0.8, 0.5 * 1.2].sort());
    expect(Math.abs(list.filter(({ x }) => x === -2 * 0.8).length - 200)).toBeLessThan(50);
  });

  test('changes each parameter by a draw of its own', () => {
    const where = space({ x: float(0, 10), y: float(0, 10) });
    const kinds = new Set(children({ x: 1, y: 1 }, where, onlyPerturb).map(({ x, y }) => `${String(x)} ${String(y)}`));
    expect(kinds.size).toBe(4);
  });

  test('clips into the range', () => {
    const where = space({ x: float(1, 2), n: int(4, 5), s: float(0, 1, { step: 0.25 }) });
    expect(valuesOf('x', children({ x: 1.9, n: 5, s: 1 }, where, onlyPerturb))).toEqual([1.9 * 0.8, 2]);
    expect(valuesOf('n', children({ x: 1.9, n: 5, s: 1 }, where, onlyPerturb))).toEqual([4, 5]);
    expect(valuesOf('s', children({ x: 1.9, n: 5, s: 1 }, where, onlyPerturb))).toEqual([0.75, 1]);
  });

  test('rounds whole numbers and numbers with a step', () => {
    const where = space({ n: int(1, 100), even: int(2, 100, { step: 2 }), log: int(8, 1024, { log: true }), s: float(0, 1, { step: 0.1 }) });
    const list = children({ n: 12, even: 20, log: 64, s: 0.5 }, where, onlyPerturb);
    expect(valuesOf('n', list)).toEqual([10, 14]);
    expect(valuesOf('even', list)).toEqual([16, 24]);
    expect(valuesOf('log', list)).toEqual([51, 77]);
    expect(valuesOf('s', list)).toEqual([0.4, 0.6]);
  });

  test('moves ordinals to a neighbour, which at an end may be themselves', () => {
    const where = space({ size: ordinal([0, 16, 32, 64]) });
    expect(valuesOf('size', children({ size: 32 }, where, onlyPerturb))).toEqual([16, 64]);
    expect(valuesOf('size', children({ size: 0 }, where, onlyPerturb))).toEqual([0, 16]);
    expect(valuesOf('size', children({ size: 64 }, where, onlyPerturb))).toEqual([32, 64]);
  });

  test('draws anew what cannot be perturbed: choices, bools and 0', () => {
    const where = space({ kind: choice(['a', 'b', 'c']), flag: bool(), x: float(0, 1) });
    const list = children({ kind: 'a', flag: true, x: 0 }, where, { ...paper, resample: 1e-9 });
    expect(valuesOf('kind', list)).toEqual(['a', 'b', 'c']);
    expect(valuesOf('flag', list)).toEqual([false, true]);
    expect(list.every(({ x }) => x !== 0)).toBe(true);
  });

  test('draws nothing anew with resample 0: choices, bools and 0 stay', () => {
    const where = space({ kind: choice(['a', 'b', 'c']), flag: bool(), x: float(0, 1) });
    const parent = { kind: 'b', flag: true, x: 0 };
    for (const child of children(parent, where, onlyPerturb, 50)) expect(child).toEqual(parent);
    expect(exploreFrom(parent, where, onlyPerturb, streams(0)).change).toBe('nothing');
  });

  test('draws anew with the probability that is asked for', () => {
    const list = children({ x: 0.5 }, space({ x: float(0, 1) }), paper, 2000);
    const fresh = list.filter(({ x }) => x !== 0.5 * 0.8 && x !== 0.5 * 1.2).length;
    expect(Math.abs(fresh - 500)).toBeLessThan(4 * Math.sqrt(2000 * 0.25 * 0.75));
  });

  test('takes the factors that are given', () => {
    const list = children({ x: 1 }, space({ x: float(0, 10) }), { ...onlyPerturb, factors: [0.5, 1, 2] });
    expect(valuesOf('x', list)).toEqual([0.5, 1, 2]);
  });

  test('says what it did', () => {
    const where = space({ rate: float(0, 1), size: ordinal([1, 2, 3]), kind: choice(['a', 'b']) });
    const changes = Array.from({ length: 60 }, (_, seed) => exploreFrom({ rate: 0.5, size: 2, kind: 'a' }, where, paper, streams(seed)).change);
    expect(changes).toContain('rate × 1.2, size one down, kind drawn anew');
    expect(changes).toContain('rate drawn anew, size one up, kind drawn anew');
  });
});

describe('other ways to explore', () => {
  const where = space({ x: float(0, 1), kind: choice(['a', 'b']) });

  test('resample draws everything anew, none changes nothing', () => {
    const fresh = children({ x: 0.5, kind: 'a' }, where, { ...paper, explore: 'resample' });
    expect(new Set(fresh.map(({ x }) => x)).size).toBe(fresh.length);
    expect(valuesOf('kind', fresh)).toEqual(['a', 'b']);
    expect(children({ x: 0.5, kind: 'a' }, where, { ...paper, explore: 'none' }, 1)).toEqual([{ x: 0.5, kind: 'a' }]);
  });

  test('only what mutate names changes', () => {
    for (const explore of ['perturb', 'resample'] as const) {
      const list = children({ x: 0.5, kind: 'a' }, where, { ...paper, explore, mutate: ['x'] });
      expect(valuesOf('kind', list)).toEqual(['a']);
      expect(list.every(({ x }) => x !== 0.5)).toBe(true);
    }
  });
});

describe('conditional params', () => {
  const tree = space({ flag: bool() }).and(branch('model', { linear: {}, mlp: { hidden: int(1, 64), drop: float(0.1, 0.5) }, cnn: { hidden: int(100, 200) } }));

  test('of an arm that was drawn anew are drawn, those of the old one are dropped; in the same arm they are inherited', () => {
    const list = children({ flag: true, model: 'mlp', hidden: 20, drop: 0.3 }, tree, paper);
    const [mlp, cnn] = ['mlp', 'cnn'].map((model) => list.filter((params) => params['model'] === model));
    expect(list.filter(({ model }) => model === 'linear')[0]).toSatisfy((params: Params) => !('hidden' in params) && !('drop' in params));
    expect(mlp!.filter(({ hidden }) => hidden === 16 || hidden === 24).length).toBeGreaterThan(mlp!.length / 2);
    expect(cnn!.every(({ hidden }) => (hidden as number) >= 100)).toBe(true);
  });

  test('are drawn though mutate does not name them', () => {
    const list = children({ flag: true, model: 'linear' }, tree, { ...paper, mutate: ['model'] });
    expect(list.every((params) => tree.isValid(params))).toBe(true);
    expect(valuesOf('flag', list)).toEqual([true]);
  });
});

describe('a child', () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  const range = fc.tuple(number, number).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const positive = fc.tuple(fc.double({ min: 1e-8, max: 1e3, noNaN: true }), fc.double({ min: 1e-8, max: 1e3, noNaN: true })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const parameter = fc.oneof(
    range.map(([low, high]) => float(low, high)),
    positive.map(([low, high]) => float(low, high, { log: true })),
    fc.double({ min: 0, max: 0.99, noNaN: true }).map((low) => float(low, 0.999, { log: 'reverse' })),
    fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 40 }), fc.constantFrom(0.1, 0.25, 3)).map(([low, cells, step]) => float(low, low + cells * step, { step })),
    fc.tuple(fc.integer({ min: -100, max: 100 }), fc.nat(200)).map(([low, more]) => int(low, low + more)),
    fc.tuple(fc.integer({ min: -100, max: 100 }), fc.nat(200), fc.integer({ min: 1, max: 7 })).map(([low, more, step]) => int(low, low + more + step, { step })),
    fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat(2000)).map(([low, more]) => int(low, low + more, { log: true })),
    fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 }).map((values) => choice(values)),
    fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 }).map((values) => ordinal(values)),
    fc.constant(bool()),
  );
  const arm = fc.dictionary(fc.constantFrom('p', 'q', 'r'), parameter, { maxKeys: 3 });
  const spaces = fc.tuple(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), parameter, { minKeys: 1, maxKeys: 4 }), fc.option(fc.tuple(arm, arm, arm))).map(([plain, arms]) => {
    const base = space(plain);
    return arms ? base.and(branch('arm', { one: arms[0], two: arms[1], three: arms[2] })) : base;
  });
  const rules = fc.record({
    explore: fc.constantFrom('perturb' as const, 'resample' as const, 'none' as const),
    factors: fc.array(fc.double({ min: 0, minExcluded: true, max: 20, noNaN: true }), { minLength: 1, maxLength: 4 }),
    resample: fc.constantFrom(0, 0.25, 0.5, 1),
  });

  test('is always canonical, and the same for the same streams', () => {
    fc.assert(fc.property(spaces, rules, fc.nat(), (where, how, seed) => {
      const random = createRandom('parent', seed);
      let parent: Params = where.fromUnit(where.dimensions.map(() => random.next()));
      for (let generation = 0; generation < 5; generation++) {
        const { params, change } = exploreFrom(parent, where, how, streams(seed + generation));
        expect(JSON.stringify(where.validate(params))).toBe(JSON.stringify(params));
        expect(change).not.toBe('');
        expect(exploreFrom(parent, where, how, streams(seed + generation)).params).toEqual(params);
        parent = params;
      }
    }), { numRuns: 1000 });
  });
});
