import { stopperCases } from '@paramo/core/testing';
import { describe, test } from 'vitest';
import stopper from './index.js';

describe.each([{}, { startupTrials: 1, warmupSteps: 0 }, { warmupSteps: 2, interval: 3 }])('median with %o', (options) => {
  for (const { name, run } of stopperCases(stopper, { options })) test(name, run);
});
