import { stopperCases } from '@paramo/core/testing';
import { describe, test } from 'vitest';
import stopper from './index.js';

describe.each([
  {}, { form: 'promote' }, { eta: 2, minSteps: 2 }, { eta: 2, form: 'promote' }, { maxSteps: 5, form: 'promote' }, { minSteps: 9, form: 'promote' },
])('asha with %o', (options) => {
  for (const { name, run } of stopperCases(stopper, { options })) test(name, run);
});
