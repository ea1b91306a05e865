import type { Clock } from '@paramo/core';
import type { Schedule } from './schedule.js';

/** A simulated process: what it does it does when its turn comes, and not while it is stopped, and never once it is dead. */
export interface SimulatedProcess {
  readonly name: string;
  readonly isAlive: boolean;
  readonly isStopped: boolean;
  /** Its clock. The wall clock can jump; timers that were due while it was stopped come when it goes on. */
  readonly clock: Clock;
  /** Does `action` now, when it goes on, or never. */
  run(action: () => void): void;
  /** Moves its wall clock. */
  jumpWall(ms: number): void;
  /** As SIGSTOP does. */
  stop(): void;
  /** As SIGCONT does. */
  goOn(): void;
  /** As SIGKILL does. */
  kill(): void;
  /** Calls `listener` when it is killed. */
  onDeath(listener: () => void): void;
}

const startWallMs = Date.UTC(2024, 0, 1);

/** A process that runs. */
export function createProcess(schedule: Schedule, name: string, wallOffsetMs = 0): SimulatedProcess {
  const backlog: (() => void)[] = [];
  const mourners: (() => void)[] = [];
  let isAlive = true;
  let isStopped = false;
  let offsetMs = wallOffsetMs;

  const run = (action: () => void): void => {
    if (!isAlive) return;
    if (isStopped) backlog.push(action);
    else action();
  };
  return {
    name,
    get isAlive() {
      return isAlive;
    },
    get isStopped() {
      return isStopped;
    },
    clock: {
      wallMs: () => Math.floor(startWallMs + offsetMs + schedule.nowMs),
      monotonicMs: () => schedule.nowMs,
      setTimer(delayMs, action) {
        let cancelled = false;
        const cancel = schedule.after(delayMs, () => run(() => cancelled || action()));
        return () => {
          cancelled = true;
          cancel();
        };
      },
    },
    run,
    jumpWall(ms) {
      offsetMs += ms;
    },
    stop() {
      isStopped = true;
    },
    goOn() {
      isStopped = false;
      // One event each, so that what follows from one comes to rest before the next.
      for (const action of backlog.splice(0)) schedule.after(0, () => run(action));
    },
    kill() {
      if (!isAlive) return;
      isAlive = false;
      backlog.length = 0;
      for (const mourner of mourners) mourner();
    },
    onDeath(listener) {
      mourners.push(listener);
    },
  };
}
