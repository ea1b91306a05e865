import type { Clock } from '@paramo/core';
import type { DecisionPoints } from '../decision-points.js';

/** When a trial saves a checkpoint. */
export interface CheckpointSchedule {
  /** Whether one is due with so many steps done; `leaving`: the trial is about to be set aside. */
  isDue(done: number, leaving: boolean): boolean;
  /** One of step `done` was saved, which took so long in all. */
  saved(done: number, tookMs: number): void;
  /** One of step `done` could not be stored, which took so long in all. */
  failed(done: number, tookMs: number): void;
}

/** Between two checkpoints lies so much time at least, where nothing else asks for one. */
const leastMs = 60_000;
/** And so many times what the last one took: saving costs a twentieth of the training at most. */
const shareOfTime = 19;

/**
 * The schedule of an attempt that starts with `from` steps done: where the study wants a checkpoint, and as often as a restart is worth.
 * One that fails is tried again as late as one that was saved, unless the study `insists`: it cannot do without.
 */
export function createCheckpointSchedule(clock: Clock, points: DecisionPoints, from: number, insists: boolean): CheckpointSchedule {
  let savedDone = from;
  let passedDone = from;
  let notBeforeMs = clock.monotonicMs() + leastMs;
  const postpone = (tookMs: number): void => {
    notBeforeMs = clock.monotonicMs() + Math.max(leastMs, tookMs * shareOfTime);
  };
  return {
    isDue: (done, leaving) => done > savedDone && (leaving || points.passed(passedDone, done) || clock.monotonicMs() >= notBeforeMs),
    saved(done, tookMs) {
      savedDone = passedDone = done;
      postpone(tookMs);
    },
    failed(done, tookMs) {
      if (!insists) passedDone = done;
      postpone(tookMs);
    },
  };
}
