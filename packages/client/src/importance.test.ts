import { bool, branch, choice, float, int, ordinal, space } from '@paramo/core';
import type { Params } from '@paramo/core';
import { expect, test } from 'vitest';
import { parameterImportance } from './importance.js';

const trial = (params: Params, value?: number, data?: number) => ({ params, ...(value !== undefined && { value }), ...(data !== undefined && { fidelity: { data } }) });

test('parameters come strongest first, whichever way they pull, and equals as in the space', () => {
  const { spec } = space({ noise: float(0, 1), same: int(1, 4), lr: float(1e-4, 1, { log: true }), size: ordinal(['s', 'm', 'l']), flag: bool() });
  const trials = [
    trial({ noise: 0.3, same: 2, lr: 1e-1, size: 's', flag: false }, 1),
    trial({ noise: 0.1, same: 2, lr: 1e-2, size: 'm', flag: false }, 2),
    trial({ noise: 0.4, same: 2, lr: 1e-3, size: 'm', flag: true }, 3),
    trial({ noise: 0.2, same: 2, lr: 1e-4, size: 'l', flag: true }, 4),
  ];
  const found = parameterImportance(trials, spec);
  expect(found.map(({ parameter }) => parameter)).toEqual(['lr', 'size', 'flag', 'noise', 'same']);
  // flag: ranks 1.5, 1.5, 3.5, 3.5 against 1, 2, 3, 4: 4/√(4 · 5). noise: ranks 3, 1, 4, 2 and 1 − 6 Σd²/(n³ − n), Σd² = 4 + 1 + 1 + 4.
  [-1, 4.5 / Math.sqrt(22.5), 4 / Math.sqrt(20), 0, 0].forEach((correlation, place) => expect(found[place]!.correlation).toBeCloseTo(correlation, 14));
  expect(found.every(({ measure, trials: count }) => measure === 'spearman' && count === 4)).toBe(true);
});

test('a choice counts by the mean ranks of its categories, in whatever order they are written', () => {
  const { spec } = space({ opt: choice(['adam', 'sgd', 'lion']) });
  const trials = ([['sgd', 1], ['lion', 900], ['adam', 5], ['adam', 30], ['lion', 70], ['sgd', 2]] as const).map(([opt, value]) => trial({ opt }, value));
  // Ranks: sgd 1, 2; adam 3, 4; lion 5, 6. Between: 2 (2² + 0 + 2²) = 16, in all 17.5.
  expect(parameterImportance(trials, spec)).toEqual([{ parameter: 'opt', correlation: expect.closeTo(Math.sqrt(16 / 17.5), 14) as number, measure: 'correlation ratio', trials: 6 }]);
});

test('a parameter of a branch rests on the trials that have it, and is left out below three', () => {
  const { spec } = space({}).and(branch('model', { linear: { l2: float(0, 1) }, mlp: { hidden: float(0, 1) } }));
  const trials = [
    trial({ model: 'mlp', hidden: 0.1 }, 3), trial({ model: 'mlp', hidden: 0.5 }, 2), trial({ model: 'mlp', hidden: 0.9 }, 1),
    trial({ model: 'linear', l2: 0.1 }, 9), trial({ model: 'linear', l2: 0.2 }, 8),
  ];
  expect(parameterImportance(trials, spec).map(({ parameter, trials: count }) => [parameter, count])).toEqual([['hidden', 3], ['model', 5]]);
});

test('trials without a value, and those on part of the data, do not count', () => {
  const { spec } = space({ x: float(0, 1) });
  const trials = [trial({ x: 0.1 }, 1), trial({ x: 0.2 }, 2), trial({ x: 0.3 }), trial({ x: 0.4 }, 0, 0.5)];
  expect(parameterImportance(trials, spec)).toEqual([]);
  expect(parameterImportance([...trials, trial({ x: 0.5 }, 3, 1)], spec)).toMatchObject([{ correlation: 1, trials: 3 }]);
});
