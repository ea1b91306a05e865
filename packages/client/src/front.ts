import { isBetter } from '@paramo/core';
import type { Objective, TrialRecord } from '@paramo/core';

/** The trials of `trials` that no other one beats: at least as good in every objective, and better in one. In the given order. */
export function paretoFront<T extends Pick<TrialRecord, 'values'>>(trials: readonly T[], objectives: readonly Objective[]): readonly T[] {
  const ranked = trials.filter(({ values }) => objectives.every(({ metric }) => Number.isFinite(values[metric])));
  return ranked.filter((trial) => !ranked.some((other) => dominates(other, trial, objectives)));
}

function dominates(a: Pick<TrialRecord, 'values'>, b: Pick<TrialRecord, 'values'>, objectives: readonly Objective[]): boolean {
  let better = false;
  for (const { metric, goal } of objectives) {
    const [x, y] = [a.values[metric]!, b.values[metric]!];
    if (isBetter(y, x, goal)) return false;
    better ||= isBetter(x, y, goal);
  }
  return better;
}
