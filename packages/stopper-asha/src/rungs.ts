import type { Step, TrialEvent, TrialId } from '@paramo/core';
import type { Ranking, Result } from './ranking.js';
import { createRanking } from './ranking.js';
import type { AshaRules } from './rules.js';

/** A trial at a rung. */
export interface Placement {
  readonly result: Result;
  readonly milestone: Step;
  /** All results at this rung, of trials that ended too. */
  readonly rung: Ranking;
  /** There is no more to decide: the trial has done the steps of a full one, or all that it was to do. */
  readonly final: boolean;
}

/** The results at every rung. */
export interface Rungs {
  /** Folds one event in. Answers where a report puts its trial, if it is the first of the trial at a rung. */
  observe(event: TrialEvent): Placement | undefined;
  /** How many of the rung's results go on by the rule: the best ⌊n/η⌋. */
  quota(rung: Ranking): number;
  /** The place of a trial in words: `place 2 of 9 at 3 steps (loss 0.5)`. */
  describe(placement: Placement): string;
}

interface LiveTrial {
  /** The steps at which this trial is through. */
  readonly end: Step;
  /** The last rung it got to. */
  milestone: Step;
}

/** Rungs without results. */
export function createRungs({ objective: { metric, goal }, eta, maxSteps }: AshaRules): Rungs {
  const sign = goal === 'min' ? 1 : -1;
  const rungs = new Map<Step, Ranking>();
  const live = new Map<TrialId, LiveTrial>();

  function rungAt(milestone: Step): Ranking {
    const rung = rungs.get(milestone) ?? createRanking();
    rungs.set(milestone, rung);
    return rung;
  }

  return {
    observe: (event) => {
      if (event.kind === 'created') live.set(event.trial, { end: Math.min(maxSteps, event.fidelity?.steps ?? Infinity), milestone: 0 });
      else if (event.kind === 'ended') live.delete(event.trial);
      if (event.kind !== 'reported') return undefined;
      const { trial: id, milestone, done, values } = event;
      const trial = live.get(id);
      // A later attempt repeats steps: what counts is the first that was said of a rung.
      if (!trial || milestone <= trial.milestone) return undefined;
      trial.milestone = milestone;
      const result = { trial: id, cost: sign * (values[metric] ?? NaN) };
      const rung = rungAt(milestone);
      rung.add(result);
      return { result, milestone, rung, final: done >= trial.end };
    },
    quota: (rung) => Math.floor(rung.size / eta),
    describe: ({ result, milestone, rung }) => {
      const value = Number.isNaN(result.cost) ? 'not a number' : String(Number((sign * result.cost).toPrecision(6)));
      return `place ${rung.placeOf(result) + 1} of ${rung.size} at ${milestone} ${milestone === 1 ? 'step' : 'steps'} (${metric} ${value})`;
    },
  };
}
