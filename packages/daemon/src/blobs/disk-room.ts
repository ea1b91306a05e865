import { statfs } from 'node:fs/promises';
import { storeFull } from './file-error.js';

/** Answers how much room the disk of a path has, as statfs(2) does. */
export type StatDisk = (path: string) => Promise<{ readonly bavail: number; readonly blocks: number; readonly bsize: number }>;

/** Kept free for trials, their metrics and their ends, however many artifacts are sent. */
const reserveShare = 0.05;
const largestReserveBytes = 2 ** 30;

/**
 * Makes sure that `bytes` more fit on the disk of `path` and leave the store its reserve: a twentieth of the disk, 1 GiB at most.
 * @throws ParamoError STORE_FULL.
 */
export async function checkRoom(path: string, bytes: number, statDisk: StatDisk = statfs): Promise<void> {
  const { bavail, blocks, bsize } = await statDisk(path);
  const reserve = Math.min(blocks * bsize * reserveShare, largestReserveBytes);
  const free = bavail * bsize;
  if (free - bytes >= reserve) return;
  throw storeFull(`the disk of the store has ${megabytes(free)} left, ${megabytes(reserve)} of them kept for trials and metrics`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
