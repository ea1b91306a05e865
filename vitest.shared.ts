import { availableParallelism } from 'node:os';
import type { ViteUserConfig } from 'vitest/config';

/** What every package's tests have in common; each package's `vitest.config.ts` hands it on. */
export const packageTests: ViteUserConfig = {
  test: {
    include: ['src/**/*.test.ts'],
    // `npm run check` leaves the slow ones to `npm test`.
    exclude: process.env['PARAMO_QUICK_TESTS'] ? ['src/**/*.slow.test.ts'] : [],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // What is polled may be a program that has to start, on a machine that does other things too.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
    passWithNoTests: true,
  },
};
