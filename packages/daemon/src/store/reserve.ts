import { open, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ParamoError, sleep } from '@paramo/core';
import type { CancelTimer, Clock, Entropy } from '@paramo/core';

/** Room on the disk of a store that is kept for the ends and states of trials. */
export interface Reserve {
  /** Why nothing but those should be stored now; undefined: there is room. */
  shortage(): ParamoError | undefined;
  /** Calls `listener` whenever there is room again; returns how to end that. */
  onRoom(listener: () => void): () => void;
  /** Looks whether a write that failed just now is likely to have failed for want of room. */
  isScarce(): Promise<boolean>;
  /** Resolves when there may be room: at once when what was kept was given up, else after a while. */
  makeRoom(): Promise<void>;
  /** Stops watching the disk; the room stays kept. */
  close(): Promise<void>;
}

/** Where room is kept, and by which clock the disk is looked at. */
export interface ReserveOptions {
  /** The file that keeps it. */
  readonly path: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** The share of the disk below which metrics are refused, within bounds in bytes. */
const scarceShare = 0.01;
const leastScarceBytes = 4 * 2 ** 20;
const mostScarceBytes = 256 * 2 ** 20;
/** What is kept: this share of the disk, within bounds in bytes. The end of a trial takes some ten pages of 4 KiB, most of them used before. */
const keptShare = 1 / 32;
const leastKeptBytes = 2 ** 20;
const mostKeptBytes = 8 * 2 ** 20;
/** There is room again only when a quarter more than what is scarce is free. */
const easing = 1.25;

const lookEveryMs = 1000;
const waitMs = 500;
/** When a refused batch should come again. */
const retryAfterMs = 1000;

/**
 * Keeps room in a file that is filled and of no other use, and looks at the disk once a second. A file that was given up is
 * written again once the disk has room for it and more.
 */
export async function openReserve({ path, clock, entropy }: ReserveOptions): Promise<Reserve> {
  const listeners = new Set<() => void>();
  let short: ParamoError | undefined;
  let cancel: CancelTimer = () => undefined;
  let closed = false;
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    const { free, scarce, wanted } = await measure(path);
    let kept = (await stat(path).catch(() => undefined))?.size === wanted;
    if (!kept && free >= scarce * easing + wanted) kept = await fill(path, wanted, entropy);
    if (!kept || free < scarce) short ??= shortageOf(path, free);
    else if (free >= scarce * easing) relax();
  }

  function relax(): void {
    if (!short) return;
    short = undefined;
    for (const listener of [...listeners]) listener();
  }

  /** One look after the other. A disk that cannot be looked at is taken to be as it was. */
  function next(): Promise<void> {
    return (looking = looking.then(look).catch(() => undefined));
  }

  function later(): void {
    if (!closed) cancel = clock.setTimer(lookEveryMs, () => void next().then(later));
  }

  await next();
  later();
  return {
    shortage: () => short,
    onRoom(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // What is free may change a moment later: file systems set room aside for what is on its way, and let go of it.
    isScarce: () => measure(path).then(({ free, scarce }) => short !== undefined || free < scarce, () => false),
    async makeRoom() {
      const given = looking.then(async () => {
        short ??= shortageOf(path, 0);
        const there = (await stat(path).catch(() => undefined)) !== undefined;
        await rm(path, { force: true });
        return there;
      });
      looking = given.then(() => undefined, () => undefined);
      if (!(await given.catch(() => false))) await sleep(clock, waitMs);
    },
    async close() {
      closed = true;
      cancel();
      await looking;
    },
  };
}

/** What is free on the disk of `path`, when that is scarce, and how much is to be kept, in bytes. */
async function measure(path: string): Promise<{ readonly free: number; readonly scarce: number; readonly wanted: number }> {
  const { bavail, blocks, bsize } = await statfs(dirname(path));
  const total = blocks * bsize;
  return { free: bavail * bsize, scarce: clamp(total * scarceShare, leastScarceBytes, mostScarceBytes), wanted: Math.floor(clamp(total * keptShare, leastKeptBytes, mostKeptBytes)) };
}

/** Writes a file that takes its size on any disk: what compresses would not. False: there was no room. */
async function fill(path: string, bytes: number, entropy: Entropy): Promise<boolean> {
  try {
    const block = entropy.bytes(Math.min(bytes, 2 ** 20));
    const file = await open(path, 'w', 0o600);
    try {
      for (let left = bytes; left > 0; left -= block.length) await file.writeFile(block.subarray(0, Math.min(left, block.length)));
    } finally {
      await file.close();
    }
    return true;
  } catch {
    await rm(path, { force: true }).catch(() => undefined);
    return false;
  }
}

function shortageOf(path: string, free: number): ParamoError {
  return new ParamoError({
    code: 'STORE_FULL', message: `the disk of ${dirname(path)} is full (${(free / 1e6).toFixed(1)} MB free): the ends and states of trials are still stored, metrics and files are not`,
    hint: 'Free some space: all goes on by itself then. Nothing that was acknowledged is lost.', details: { retryAfterMs },
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
