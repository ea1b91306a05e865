import { isBetter, type EndReason } from '@paramo/core';
import { judgeFailures } from './hosts.js';
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
export function reachedLimit(state: StudyState): ReachedLimit | undefined {
  const { record, committedTrials, failuresInARow } = state;
  const { budget, rules, objectives, strategy } = record.spec;
  // Runs that are only tracked say nothing of one another. Failures of several hosts pause the study, those of one among many hold that back.
  if (strategy && failuresInARow >= rules.maxFailures && judgeFailures(state) === 'end') {
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

/** Why the study has to wait for a person: most of its hosts fail. Undefined: it has not. */
export function reasonToPause(state: StudyState): string | undefined {
  const { spec } = state.record;
  if (!spec.strategy || state.failuresInARow < spec.rules.maxFailures || judgeFailures(state) !== 'pause') return undefined;
  const bad = [...state.hosts].filter(([, { failures }]) => failures > 0).map(([host]) => host);
  const named = bad.length > 3 ? `${bad.slice(0, 3).join(', ')} and ${bad.length - 3} others` : bad.join(', ');
  return `${state.failuresInARow} trials in a row failed, on most hosts (${named}): look at their errors, then \`paramo resume ${spec.name}\``;
}
