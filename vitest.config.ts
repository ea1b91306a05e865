import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// All tests of the workspace in one run; `npx vitest run --root packages/core` runs one package's.
export default defineConfig({
  test: {
    projects: ['packages/*/vitest.config.ts', 'apps/*/vitest.config.ts', 'tools/*/vitest.config.ts'],
    maxWorkers: Math.max(2, availableParallelism() - 1),
    passWithNoTests: true,
  },
});
