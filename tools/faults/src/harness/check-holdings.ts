import { setTimeout as pause } from 'node:timers/promises';

/** What a process holds once garbage is collected. */
export interface Holdings {
  /** JavaScript's heap and what hangs on it. */
  readonly heapBytes: number;
  /** All memory of its own. */
  readonly residentBytes: number;
  /** Open descriptors. */
  readonly files: number;
}

const tolerance = 0.1;
const fileTolerance = 2;
const tries = 20;

/** Says where a process holds more than before, beyond what is allowed: 10 % of memory, 2 descriptors. */
export function checkHoldings(before: Holdings, after: Holdings): string[] {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    ...(after.heapBytes > before.heapBytes * (1 + tolerance) ? [`memory is kept: ${mb(before.heapBytes)} of heap before, ${mb(after.heapBytes)} after`] : []),
    ...(after.residentBytes > before.residentBytes * (1 + tolerance) ? [`memory is kept: ${mb(before.residentBytes)} before, ${mb(after.residentBytes)} after`] : []),
    ...(after.files > before.files + fileTolerance ? [`descriptors are kept: ${before.files} before, ${after.files} after`] : []),
  ];
}

/**
 * The same for a process at rest, which gets ten seconds to let go of what it no longer needs. `before` is best taken after
 * work like what follows, since a first call of anything loads code.
 */
export async function checkSettled(before: Holdings, holdings: () => Promise<Holdings>): Promise<string[]> {
  let found: string[] = [];
  for (let i = 0; i < tries; i++) {
    found = checkHoldings(before, await holdings());
    if (found.length === 0) break;
    await pause(500);
  }
  return found;
}
