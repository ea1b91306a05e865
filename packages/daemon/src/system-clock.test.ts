import { clockCases } from '@paramo/core/testing';
import { test } from 'vitest';
import { systemClock } from './system-clock.js';

for (const { name, run } of clockCases(() => ({ clock: systemClock, pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 1)) }))) {
  test(`system clock: ${name}`, run);
}
