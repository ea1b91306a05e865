import fc from 'fast-check';
import type { Objective } from '@paramo/core';
import { expect, test } from 'vitest';
import { paretoFront } from './front.js';

const objectives: readonly Objective[] = [{ metric: 'loss', goal: 'min', at: 'last' }, { metric: 'accuracy', goal: 'max', at: 'last' }];
const trial = (loss: number, accuracy: number) => ({ values: { loss, accuracy } });

test('the front holds what nothing beats in every objective', () => {
  const [cheap, good, beaten, same] = [trial(1, 0.5), trial(3, 0.9), trial(3, 0.6), trial(1, 0.5)];
  expect(paretoFront([cheap, good, beaten, same], objectives)).toEqual([cheap, good, same]);
  expect(paretoFront([trial(Number.NaN, 1), cheap], objectives)).toEqual([cheap]);
});

test('no member of a front dominates another, and every other trial is dominated by one', () => {
  const points = fc.array(fc.record({ loss: fc.integer({ min: 0, max: 5 }), accuracy: fc.integer({ min: 0, max: 5 }) }).map((values) => ({ values })), { minLength: 1, maxLength: 20 });
  const beats = (a: { values: { loss: number; accuracy: number } }, b: typeof a): boolean => a.values.loss <= b.values.loss && a.values.accuracy >= b.values.accuracy && (a.values.loss < b.values.loss || a.values.accuracy > b.values.accuracy);
  fc.assert(fc.property(points, (trials) => {
    const front = paretoFront(trials, objectives);
    expect(front.length).toBeGreaterThan(0);
    for (const one of trials) expect(front.some((member) => beats(member, one))).toBe(!front.includes(one));
  }));
});
