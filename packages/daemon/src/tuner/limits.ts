import { isBetter, type EndReason } from '@paramo/core';
import type { StudyState } from './study-state.js';

/** A limit that is reached. */
export interface ReachedLimit {
  readonly reason: EndReason;
  readonly detail: string;
  /** Running trials are told to stop too. */
  readonly endsRunning: boolean;
  /** Nothing that waits may start any more. */
  readonly voidsWaiting: boolean;
}

/** Whether places in a population may still be filled anew: no member is counted twice, so a budget of trials that is used up does not forbid it. */
export function takesSuccessors(state: StudyState): boolean {
  if (!state.closed) return true;
  return state.closed.reason === 'budget' && reachedLimit(state)?.voidsWaiting !== true;
}

/** The first limit of the study that is reached, if any. */
export function reachedLimit({ record, committedTrials, failuresInARow }: StudyState): ReachedLimit | undefined {
  const { budget, rules, objectives, strategy } = record.spec;
  // Runs that are only tracked say nothing of one another.
  if (strategy && failuresInARow >= rules.maxFailures) {
    return { reason: 'failures', detail: `${failuresInARow} trials in a row failed`, endsRunning: true, voidsWaiting: true };
  }
  const [objective] = objectives;
  if (rules.target !== undefined && objective && record.bestValue !== undefined && !isBetter(rules.target, record.bestValue, objective.goal)) {
    return { reason: 'target', detail: `trial ${record.bestTrial} reached ${record.bestValue}, the target is ${rules.target}`, endsRunning: true, voidsWaiting: true };
  }
  if (budget.wallMs !== undefined && record.spent.wallMs >= budget.wallMs) {
    return { reason: 'budget', detail: `${Math.round(budget.wallMs / 1000)} s of wall time are used up`, endsRunning: false, voidsWaiting: true };
  }
  if (budget.trials !== undefined && committedTrials >= budget.trials) {
    return { reason: 'budget', detail: `${budget.trials} trials`, endsRunning: false, voidsWaiting: false };
  }
  return undefined;
}
