import { choice, createRandom, float, int, space } from '@paramo/core';
import type { Params, Space } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import { createEncoding } from './encoding.js';
import { maximiseAcquisition } from './maximise-acquisition.js';
import type { Acquisition } from './maximise-acquisition.js';

/** Params of the largest acquisition found; it falls with the distance from the wanted ones, by one for each wrong choice. */
function nearest(over: Space, wanted: Params): Params {
  const encoding = createEncoding(over);
  const target = encoding.encode(wanted);
  const acquisition: Acquisition = {
    at: (point) => -point.reduce((sum, u, axis) => sum + (encoding.hamming[axis]! ? Number(u !== target[axis]) : (u - target[axis]!) ** 2), 0),
    withGradient: (point, gradient) => {
      point.forEach((u, axis) => (gradient[axis] = -2 * (u - target[axis]!)));
      return acquisition.at(point);
    },
  };
  const known = encoding.encode(over.center());
  return encoding.decode(maximiseAcquisition(acquisition, encoding, [known], createRandom('test'))[0]!.point);
}

describe('the maximum of an acquisition', () => {
  test('is found along continuous axes', () => {
    const cube = space(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, float(0, 1)])));
    const wanted = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, (i + 0.5) / 9]));
    const found = nearest(cube, wanted);
    for (const [name, value] of Object.entries(wanted)) expect(found[name]).toBeCloseTo(value, 3);
  });

  test('is found among ten million combinations of choices', () => {
    const choices = space(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, choice(['a', 'b', 'c', 'd', 'e'])])));
    const wanted = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, 'abcde'[(3 * i) % 5]!]));
    expect(nearest(choices, wanted)).toEqual(wanted);
  });

  test('is found beside each other along continuous axes and steps of integers', () => {
    const found = nearest(space({ x: float(0, 1), n: int(1, 8), m: int(1, 5) }), { x: 0.123, n: 7, m: 2 });
    expect(found).toMatchObject({ n: 7, m: 2 });
    expect(found['x']).toBeCloseTo(0.123, 3);
  });
});
