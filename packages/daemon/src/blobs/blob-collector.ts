import type { CancelTimer, Clock } from '@paramo/core';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import type { BlobFolder } from './blob-folder.js';
import type { Turns } from './turns.js';

/** What a collector works on. */
export interface CollectorPorts {
  readonly blobs: BlobFolder;
  readonly studies: StudyStore;
  /** By hash; also taken by whoever stores a blob together with its artifact. */
  readonly turns: Turns;
  readonly clock: Clock;
}

/** Removes blobs that no artifact has any more. */
export interface BlobCollector {
  /** Looks at the blobs that deletions have left, now. */
  sweep(): Promise<void>;
  /** Ends after the blob at hand. */
  close(): Promise<void>;
}

const sweepEveryMs = 60_000;

/**
 * Starts a collector. It goes over all blobs once, for those that a dead daemon stored without getting to their artifact,
 * and from then on once a minute over those that deletions noted.
 */
export function startBlobCollector({ blobs, studies, turns, clock }: CollectorPorts): BlobCollector {
  const { store } = studies;
  let closed = false;
  let cancel: CancelTimer = () => undefined;
  let working: Promise<void> = Promise.resolve();

  async function sweep(noted: () => AsyncIterable<string> | Iterable<string>): Promise<void> {
    for await (const sha256 of noted()) {
      if (closed) return;
      await turns.take(sha256, () => collect(sha256));
    }
  }

  async function collect(sha256: string): Promise<void> {
    const done = createWrites();
    done.blobCheck(sha256, false);
    // While the note is removed another deletion may have made it anew, so it is looked at again.
    if (studies.isBlobUsed(sha256)) await store.commit(done.writes);
    // Nothing is removed once a commit has failed: the artifact may have reached the disk all the same.
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
    async close() {
      closed = true;
      cancel();
      await working;
    },
  };
}
