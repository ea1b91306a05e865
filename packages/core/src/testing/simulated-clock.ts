import type { Clock } from '../clock.js';

/** A clock that stands still until told otherwise. */
export interface SimulatedClock extends Clock {
  /** Lets time pass; timers due on the way are called in order, each at its own moment. */
  advance(ms: number): void;
  /** Moves the wall clock alone, forth or back, as an administrator or a time server would. */
  jumpWall(ms: number): void;
}

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** A clock for tests and simulations. It starts at `wallMs` (default: the start of 2024). */
export function createSimulatedClock(wallMs: number = Date.UTC(2024, 0, 1)): SimulatedClock {
  let monotonicMs = 0;
  let wallOffsetMs = wallMs;
  let timersSet = 0;
  const timers = new Set<Timer>();

  const nextDue = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) next = timer;
    }
    return next;
  };

  return {
    wallMs: () => wallOffsetMs + monotonicMs,
    monotonicMs: () => monotonicMs,
    setTimer: (delayMs, action) => {
      const timer: Timer = { dueMs: monotonicMs + Math.max(0, delayMs), order: timersSet++, action };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`advance(${ms}): time does not go back; jumpWall moves the wall clock alone.`);
      const untilMs = monotonicMs + ms;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        timers.delete(timer);
        monotonicMs = Math.max(monotonicMs, timer.dueMs);
        timer.action();
      }
      // A timer's action may itself have let time pass.
      monotonicMs = Math.max(monotonicMs, untilMs);
    },
    jumpWall: (ms) => {
      wallOffsetMs += ms;
    },
  };
}
