import type { Clock } from '@paramo/core';
import type { MetricBatch } from './metric-batch.js';

/** Batches that wait for one another, to be stored in one commit. */
export interface Gathering {
  /** Resolves once the batch is stored. */
  add(batch: MetricBatch): Promise<void>;
  /** Stores what waits, now. */
  flush(): void;
}

/** So many milliseconds lie between two commits of gathered batches, unless so many points have come. */
const gatherMs = 5;
const gatherPoints = 50_000;

interface Group {
  readonly batches: MetricBatch[];
  points: number;
  readonly stored: Promise<void>;
  /** Stops waiting, and stores. */
  send(): void;
}

/** Nothing waits yet. A batch that comes 5 ms or more after the last commit goes with whatever else comes in the same event turn. */
export function createGathering(clock: Clock, store: (batches: readonly MetricBatch[]) => Promise<void>): Gathering {
  let group: Group | undefined;
  let sentMs = -Infinity;

  function begin(): Group {
    const batches: MetricBatch[] = [];
    let send = (): void => undefined;
    const stored = new Promise<void>((resolve) => {
      send = () => {
        cancel();
        group = undefined;
        sentMs = clock.monotonicMs();
        resolve(store(batches));
      };
    });
    const waitMs = sentMs + gatherMs - clock.monotonicMs();
    const cancel = waitMs > 0 ? clock.setTimer(waitMs, send) : atTurnsEnd(send);
    return { batches, points: 0, stored, send };
  }

  return {
    add(batch) {
      group ??= begin();
      const { batches, stored } = group;
      batches.push(batch);
      for (const { steps } of batch.series.values()) group.points += steps.length;
      if (group.points >= gatherPoints) group.send();
      return stored;
    },
    flush() {
      group?.send();
    },
  };
}

function atTurnsEnd(action: () => void): () => void {
  const turn = setImmediate(action);
  return () => clearImmediate(turn);
}
