import { clockCases } from '@paramo/core/testing';
import { test } from 'vitest';
import { createSystemClock } from './system-clock.js';

for (const { name, run } of clockCases(() => ({ clock: createSystemClock(), pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 1)) }))) {
  test(`system clock: ${name}`, run);
}
