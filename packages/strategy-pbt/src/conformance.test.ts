import { float, space } from '@paramo/core';
import { strategyCases } from '@paramo/core/testing';
import { describe, test } from 'vitest';
import strategy from './index.js';

const spaces = [{ name: 'one-number', space: space({ x: float(0, 1, { default: 0.5 }) }) }];

describe.each([
  {}, { population: 4 }, { synchronous: true }, { population: 8, synchronous: true, quantile: 0.5 }, { exploit: 'tournament' }, { exploit: 'ttest', explore: 'resample' },
  { exploit: 'tournament', synchronous: true, explore: 'none' }, { population: 6, every: 2 }, { population: 5, resample: 0, synchronous: true },
])('pbt with %o', (options) => {
  for (const { name, run } of strategyCases(strategy, { options, exhausts: false, spaces })) test(name, run);
});
