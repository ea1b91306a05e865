/** Stops a timer; calling it again does nothing. */
export type CancelTimer = () => void;

/**
 * Time as everything in Paramo sees it. Leases and waits use `monotonicMs`, which no wall-clock jump moves; `wallMs` is
 * only ever written down for people.
 */
export interface Clock {
  /** Milliseconds since 1970, for people. May jump. */
  wallMs(): number;
  /** Milliseconds since some fixed moment of this process; never goes back. */
  monotonicMs(): number;
  /** Calls `action` once after `delayMs`. A pending timer keeps no process alive. */
  setTimer(delayMs: number, action: () => void): CancelTimer;
}

/** Resolves after `delayMs` of the clock, or at once when `signal` is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.setTimer(delayMs, finish);
    signal?.addEventListener('abort', finish);
  });
}
