import { strategyCases } from '@paramo/core/testing';
import { describe, test } from 'vitest';
import strategy from './index.js';

describe('bayes', () => {
  for (const { name, run } of strategyCases(strategy, { runs: 3 })) test(name, { timeout: 60_000 }, run);
});
