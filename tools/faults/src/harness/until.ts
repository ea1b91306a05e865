import { setTimeout as pause } from 'node:timers/promises';

/** Waits until something holds. @throws Error that says what did not happen within the time. */
export async function until(holds: () => boolean, otherwise: string, withinMs = 30_000): Promise<void> {
  for (let waited = 0; !holds(); waited += 50) {
    if (waited > withinMs) throw new Error(`${otherwise} within ${withinMs / 1000} s`);
    await pause(50);
  }
}
