import { strategyCases } from '@paramo/core/testing';
import { describe, test } from 'vitest';
import strategy from './index.js';

describe.each(['uniform', 'sobol', 'halton'])('random, %s', (sequence) => {
  for (const { name, run } of strategyCases(strategy, { options: { sequence } })) test(name, run);
});
