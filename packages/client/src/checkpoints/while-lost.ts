import { sleep } from '@paramo/core';
import { backoffMs } from '../backoff.js';
import type { Connection } from '../connect.js';
import { holdProcess } from '../hold-process.js';
import { isLost } from '../link.js';

/** Does what streams, which links do not repeat by themselves: again and again while the daemon is away, and for `patienceMs` at most. */
export async function whileLost<T>({ clock, entropy }: Connection, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const giveUpMs = clock.monotonicMs() + patienceMs;
  const release = holdProcess();
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const waitMs = backoffMs(tries, entropy);
        if (!isLost(error) || clock.monotonicMs() + waitMs > giveUpMs) throw error;
        await sleep(clock, waitMs);
      }
    }
  } finally {
    release();
  }
}
