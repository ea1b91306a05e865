import { describe, expect, test } from 'vitest';
import { defects } from './defects.js';
import { simulate } from './simulate.js';

/** Seeds of one test; `npm run simulator` runs five hundred. */
const perTest = 25;
/** A planted defect must be found within so many seeds. */
const mostSeeds = 500;
const timeoutMs = 240_000;

test.each([0, 25, 50, 75])('daemon and workers break no promise under faults, and come to an end without (25 seeds from %i)', { timeout: timeoutMs }, async (from) => {
  for (let seed = from; seed < from + perTest; seed++) {
    const { violations } = await simulate(seed);
    expect(violations, `seed ${seed}; again with: npm run simulator -- --from ${seed} --seeds 1 --trace`).toEqual([]);
  }
});

test.each([5551, 6841, 14_005, 26_209])('seed %i, which once did, breaks none', { timeout: timeoutMs }, async (seed) => {
  expect((await simulate(seed)).violations).toEqual([]);
});

test('a seed replays exactly', { timeout: timeoutMs }, async () => {
  const digests = new Set<string>();
  for (let seed = 100; seed < 112; seed++) {
    const [first, second] = [await simulate(seed), await simulate(seed)];
    expect(second.trace, `seed ${seed}`).toEqual(first.trace);
    digests.add(first.digest);
  }
  expect(digests.size, 'every seed is another run').toBe(12);
});

describe('a daemon that is found out', () => {
  test.each(defects)('$what', { timeout: timeoutMs }, async (defect) => {
    for (let seed = 0; seed < mostSeeds; seed++) {
      const { violations } = await simulate(seed, { defect });
      if (violations.length > 0) return;
    }
    expect.fail(`${mostSeeds} seeds did not show it`);
  });
});
