import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../clock.js';
import { clockCases } from './clock-cases.js';
import { entropyCases } from './entropy-cases.js';
import { createSeededEntropy } from './seeded-entropy.js';
import { createSimulatedClock } from './simulated-clock.js';

const realClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, action) => {
    const timer = setTimeout(action, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

describe('a simulated clock', () => {
  const create = () => {
    const clock = createSimulatedClock();
    return { clock, pass: clock.advance };
  };
  for (const { name, run } of clockCases(create)) test(name, run);

  test('a jump of the wall clock moves no timer and no monotonic time', () => {
    const clock = createSimulatedClock(1_000);
    let called = false;
    clock.setTimer(50, () => (called = true));
    clock.jumpWall(-5_000_000);
    expect([clock.wallMs(), clock.monotonicMs(), called]).toEqual([-4_999_000, 0, false]);
    clock.advance(50);
    expect([clock.wallMs(), clock.monotonicMs(), called]).toEqual([-4_998_950, 50, true]);
  });

  test('each timer is called at its own moment, also when an earlier one sets it', () => {
    const clock = createSimulatedClock();
    const calledAt: number[] = [];
    clock.setTimer(10, () => {
      calledAt.push(clock.monotonicMs());
      clock.setTimer(5, () => calledAt.push(clock.monotonicMs()));
    });
    clock.setTimer(20, () => calledAt.push(clock.monotonicMs()));
    clock.advance(100);
    expect(calledAt).toEqual([10, 15, 20]);
    expect(() => clock.advance(-1)).toThrow(/does not go back/);
  });
});

describe("the platform's clock", () => {
  const create = () => ({ clock: realClock, pass: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) });
  for (const { name, run } of clockCases(create)) test(name, run);
});

describe('seeded entropy', () => {
  for (const { name, run } of entropyCases(() => createSeededEntropy(1))) test(name, run);

  test('the same seed gives the same bytes, another seed others', () => {
    expect(createSeededEntropy(5).bytes(16)).toEqual(createSeededEntropy(5).bytes(16));
    expect(createSeededEntropy(5).bytes(16)).not.toEqual(createSeededEntropy(6).bytes(16));
  });
});

describe("the platform's entropy", () => {
  for (const { name, run } of entropyCases(() => ({ bytes: (count) => randomBytes(count) }))) test(name, run);
});
