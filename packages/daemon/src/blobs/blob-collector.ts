import type { CancelTimer, Clock } from '@paramo/core';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import type { BlobFolder } from './blob-folder.js';

/** What a collector works on. */
export interface CollectorPorts {
  readonly blobs: BlobFolder;
  readonly studies: StudyStore;
  readonly clock: Clock;
  /** Whether somebody is about to use a blob, or reads it. */
  readonly isHeld: (sha256: string) => boolean;
}

/** Removes blobs that no artifact and no checkpoint has any more. */
export interface BlobCollector {
  /** Looks at the blobs that deletions have left, now. */
  sweep(): Promise<void>;
  /** Resolves when a blob is not, or no longer, being removed. */
  removed(sha256: string): Promise<void>;
  /** Ends after the blob at hand. */
  close(): Promise<void>;
}

const sweepEveryMs = 60_000;

/**
 * Starts a collector. It goes over all blobs once, for those that a dead daemon stored without getting to what uses them,
 * and from then on once a minute over those that deletions noted. A blob goes before its note does, and what uses a
 * blob is committed while it is held, so that a crash at any instant leaves at most a blob too many.
 */
export function startBlobCollector({ blobs, studies, clock, isHeld }: CollectorPorts): BlobCollector {
  const { store } = studies;
  const removing = new Map<string, Promise<void>>();
  let closed = false;
  let cancel: CancelTimer = () => undefined;
  let working: Promise<void> = Promise.resolve();

  async function sweep(noted: () => AsyncIterable<string> | Iterable<string>): Promise<void> {
    for await (const sha256 of noted()) {
      if (closed) return;
      // Who holds it notes it again where it comes to nothing.
      if (isHeld(sha256)) continue;
      const removal = collect(sha256);
      removing.set(sha256, removal.catch(() => undefined));
      try {
        await removal;
      } finally {
        removing.delete(sha256);
      }
    }
  }

  async function collect(sha256: string): Promise<void> {
    const done = createWrites();
    done.blobCheck(sha256, false);
    // While the note is removed another deletion may have made it anew, so it is looked at again.
    if (studies.isBlobUsed(sha256)) await store.commit(done.writes);
    // Nothing is removed once a commit has failed: what uses the blob may have reached the disk all the same.
    await store.commit([]);
    if (studies.isBlobUsed(sha256)) return;
    await blobs.remove(sha256);
    await store.commit(done.writes);
  }

  /** One after the other; what cannot be removed now is tried again by the next. */
  function next(noted: () => AsyncIterable<string> | Iterable<string>): Promise<void> {
    const run = working.then(() => sweep(noted));
    working = run.catch(() => undefined);
    return run;
  }

  function later(): void {
    if (closed) return;
    cancel = clock.setTimer(sweepEveryMs, () => void next(() => studies.blobsToCheck()).then(later, later));
  }

  void next(() => blobs.hashes()).then(later, later);
  return {
    sweep: () => next(() => studies.blobsToCheck()),
    removed: (sha256) => removing.get(sha256) ?? Promise.resolve(),
    async close() {
      closed = true;
      cancel();
      await working;
    },
  };
}
