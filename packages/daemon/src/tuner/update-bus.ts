import type { Step, TrialId } from '@paramo/core';

/** What an attempt should do. */
export type Verdict = 'continue' | 'stop' | 'pause' | 'fenced' | 'ended';

/** What a worker must know about one of its attempts. */
export interface AttemptUpdate {
  readonly studyId: string;
  readonly trial: TrialId;
  readonly attempt: number;
  readonly ackedSequence: number;
  readonly decidedDone: Step;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly grantedThrough?: Step;
}

/** Carries updates to the report streams of worker processes. */
export interface UpdateBus {
  /** Tells the process's streams; without one the news waits for the next message of the worker. */
  publish(process: string, update: AttemptUpdate): void;
  /** Calls `listener` with every update for `process`; returns how to end that. */
  subscribe(process: string, listener: (update: AttemptUpdate) => void): () => void;
}

/** A bus without subscribers. */
export function createUpdateBus(): UpdateBus {
  const listeners = new Map<string, Set<(update: AttemptUpdate) => void>>();
  return {
    publish(process, update) {
      for (const listener of listeners.get(process) ?? []) listener(update);
    },
    subscribe(process, listener) {
      const mine = listeners.get(process) ?? new Set();
      listeners.set(process, mine.add(listener));
      return () => {
        mine.delete(listener);
        if (mine.size === 0 && listeners.get(process) === mine) listeners.delete(process);
      };
    },
  };
}
