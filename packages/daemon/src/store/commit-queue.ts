import { ParamoError } from '@paramo/core';
import { maxKeyBytes } from './key.js';
import type { Write } from './store.js';

/** Orders commits into transactions, one at a time; what both stores promise of `commit` is kept here. */
export interface CommitQueue {
  /** As `Store.commit`. */
  commit(writes: readonly Write[]): Promise<void>;
  /** As `Store.failure`. */
  readonly failure: Promise<ParamoError>;
  /** Throws once closed. */
  assertOpen(): void;
  /** Refuses further commits and resolves when those under way are settled. */
  close(): Promise<void>;
}

interface Pending {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: ParamoError) => void;
}

/**
 * A queue whose transactions are made durable by `apply`. The commits of one event turn, and those that come while a
 * transaction is being synced, go into the next one together, so a slow disk makes larger transactions and not longer
 * queues. A transaction is begun only when the one before is durable: after a failure nothing later can slip in.
 */
export function createCommitQueue(apply: (writes: readonly Write[]) => Promise<void>): CommitQueue {
  let waiting: Pending[] = [];
  let running: Promise<void> | undefined;
  let failed: ParamoError | undefined;
  let closed = false;
  let announce: (error: ParamoError) => void = () => {};
  const failure = new Promise<ParamoError>((resolve) => (announce = resolve));

  async function run(): Promise<void> {
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (failed) throw failed;
        const writes = batch.length === 1 ? batch[0]!.writes : batch.flatMap((pending) => pending.writes);
        if (writes.length > 0) await apply(writes);
        for (const pending of batch) pending.resolve();
      } catch (thrown) {
        failed ??= ParamoError.from(thrown);
        announce(failed);
        for (const pending of batch) pending.reject(failed);
      }
    }
    running = undefined;
  }

  return {
    failure,
    commit(writes) {
      if (closed) return Promise.reject(closedError());
      if (failed) return Promise.reject(failed);
      const unfit = writes.find(({ key }) => key.length === 0 || key.length > maxKeyBytes);
      if (unfit) return Promise.reject(new ParamoError({ code: 'INVALID_ARGUMENT', message: `a key of ${unfit.key.length} bytes cannot be stored`, hint: `Keys have 1 to ${maxKeyBytes} bytes.` }));
      return new Promise((resolve, reject) => {
        waiting.push({ writes, resolve, reject });
        running ??= run();
      });
    },
    assertOpen() {
      if (closed) throw closedError();
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

function closedError(): ParamoError {
  return new ParamoError({ code: 'UNAVAILABLE', message: 'the store is closed', hint: 'Open it again, or ask the daemon that runs now.' });
}
