import { performance } from 'node:perf_hooks';
import type { Clock } from '@paramo/core';

// Node counts a delay in 31 bits and would call at once beyond it.
const longestDelayMs = 2 ** 31 - 1;

/** The clock of this machine. Its timers keep no process alive; delays above 24 days wait 24 days. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, action) => {
    const timer = setTimeout(action, Math.min(Math.max(0, delayMs), longestDelayMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
