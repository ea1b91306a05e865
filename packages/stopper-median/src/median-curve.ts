import type { Step } from '@paramo/core';
import type { RunningMedian } from './running-median.js';
import { createRunningMedian } from './running-median.js';

/** The running averages of one trial: after each of its reports the mean of all so far. Steps ascend. */
export interface AverageCurve {
  readonly steps: readonly Step[];
  readonly averages: readonly number[];
}

/**
 * At each watched step, the median over all finished trials of their running average there: that of
 * the trial's last report at or before the step, so that trials that ended early go on counting.
 */
export interface MedianCurve {
  /** Makes `step` one at which the median is known from now on. */
  watch(step: Step): void;
  /** Adds a finished trial. All its steps must be watched. O(watched steps × log trials). */
  add(curve: AverageCurve): void;
  /** The median at a watched step, and of how many trials. */
  at(step: Step): RunningMedian;
}

/** A curve of no trials. */
export function createMedianCurve(): MedianCurve {
  const steps: Step[] = [];
  const medians = new Map<Step, RunningMedian>();

  return {
    watch: (step) => {
      if (medians.has(step)) return;
      let place = steps.length;
      while (place > 0 && steps[place - 1]! > step) place--;
      // No finished trial reported in between, or the step would be watched: the averages are those at the step before.
      const before = place > 0 ? medians.get(steps[place - 1]!) : undefined;
      steps.splice(place, 0, step);
      medians.set(step, before?.copy() ?? createRunningMedian());
    },
    add: ({ steps: reported, averages }) => {
      let last = -1;
      for (const step of steps) {
        while (last + 1 < reported.length && reported[last + 1]! <= step) last++;
        if (last >= 0) medians.get(step)!.add(averages[last]!);
      }
    },
    at: (step) => medians.get(step)!,
  };
}
