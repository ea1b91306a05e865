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
const tries = 6;

/** Says where a process holds more than before, beyond what is allowed: 10 % of memory, 2 descriptors. */
export function checkHoldings(before: Holdings, after: Holdings): string[] {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    ...(after.heapBytes > before.heapBytes * (1 + tolerance) ? [`memory is kept: ${mb(before.heapBytes)} of heap before, ${mb(after.heapBytes)} after`] : []),
    ...(after.residentBytes > before.residentBytes * (1 + tolerance) ? [`memory is kept: ${mb(before.residentBytes)} before, ${mb(after.residentBytes)} after`] : []),
    ...(after.files > before.files + fileTolerance ? [`descriptors are kept: ${before.files} before, ${after.files} after`] : []),
  ];
}

/** What a process at rest holds, after three seconds in which it may let go of what it no longer needs. */
export async function settled(holdings: () => Promise<Holdings>): Promise<Holdings> {
  let least = await holdings();
  for (let i = 1; i < tries; i++) {
    await pause(500);
    const now = await holdings();
    least = { heapBytes: Math.min(least.heapBytes, now.heapBytes), residentBytes: Math.min(least.residentBytes, now.residentBytes), files: Math.min(least.files, now.files) };
  }
  return least;
}
