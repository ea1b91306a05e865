import type { Clock, Entropy } from '@paramo/core';
import type { StudyStore } from '../store/study-store.js';
import { startBlobCollector } from './blob-collector.js';
import { openBlobFolder, type BlobFolder } from './blob-folder.js';
import type { StatDisk } from './disk-room.js';

/** The blobs of a store: files named by their hashes, removed once neither an artifact nor a checkpoint has them. */
export interface Blobs {
  readonly folder: BlobFolder;
  /**
   * Keeps blobs from being removed, whether they are there or used by anything yet, until the returned function is called.
   * Resolves when none of them is being removed.
   */
  hold(hashes: Iterable<string>): Promise<() => void>;
  /** Removes at once the blobs that deletions have left; else that is done once a minute. */
  sweep(): Promise<void>;
  /** Lets go of the folder; the store is still needed until it resolves. */
  close(): Promise<void>;
}

/** What blobs are opened with. */
export interface BlobsOptions {
  /** Their folder. */
  readonly path: string;
  readonly studies: StudyStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** The operating system's, unless a test says otherwise. */
  readonly statDisk?: StatDisk;
}

/** Opens the blobs of a store, and begins to remove what a dead daemon has left. */
export async function openBlobs({ path, studies, clock, entropy, statDisk }: BlobsOptions): Promise<Blobs> {
  const folder = await openBlobFolder(path, { entropy, ...(statDisk && { statDisk }) });
  const held = new Map<string, number>();
  const collector = startBlobCollector({ blobs: folder, studies, clock, isHeld: (sha256) => held.has(sha256) });

  function release(hashes: readonly string[]): void {
    for (const sha256 of hashes) {
      const holders = held.get(sha256)! - 1;
      if (holders > 0) held.set(sha256, holders);
      else held.delete(sha256);
    }
  }

  return {
    folder,
    async hold(hashes) {
      const all = [...new Set(hashes)];
      for (const sha256 of all) held.set(sha256, (held.get(sha256) ?? 0) + 1);
      await Promise.all(all.map((sha256) => collector.removed(sha256)));
      let released = false;
      return () => {
        if (!released) release(all);
        released = true;
      };
    },
    sweep: () => collector.sweep(),
    close: () => collector.close(),
  };
}
