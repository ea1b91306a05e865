import type { Clock } from '@paramo/core';

/** The real clock of this process. Its timers keep no process alive. */
export function createSystemClock(): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer(delayMs, action) {
      const timer = setTimeout(action, Math.max(0, delayMs));
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
