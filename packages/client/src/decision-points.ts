import { milestonePassed } from '@paramo/core';
import type { Milestones, Step } from '@paramo/core';
import type { Milestones as MilestonesMessage } from '@paramo/protocol';

/** Steps at which something is due: a decision to wait for, or a checkpoint. */
export interface DecisionPoints {
  /** Whether one lies in (`before`, `done`]. */
  passed(before: Step, done: Step): boolean;
  /** Workers wait there as long as the daemon is connected. */
  readonly barrier: boolean;
}

/** The points a message names; absent: none. */
export function decisionPoints(message: MilestonesMessage | undefined): DecisionPoints {
  const { every = false, steps = [], intervals = [], barrier = false } = message ?? {};
  const rules: readonly Milestones[] = [steps.map(Number), ...intervals.map((interval) => ({ interval: Number(interval) }))];
  return { barrier, passed: (before, done) => (every ? done > before : rules.some((rule) => milestonePassed(rule, before, done) !== undefined)) };
}
