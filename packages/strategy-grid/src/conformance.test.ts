import { strategyCases } from '@paramo/core/testing';
import { describe, test } from 'vitest';
import strategy from './index.js';

describe('grid', () => {
  for (const { name, run } of strategyCases(strategy, { options: { resolution: 3 }, seeded: false })) test(name, run);
});

describe('grid, shuffled', () => {
  for (const { name, run } of strategyCases(strategy, { options: { resolution: 3, order: 'shuffled' } })) test(name, run);
});
