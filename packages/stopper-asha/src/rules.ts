import type { Objective, OptionsOf, PluginContext, Step } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import type { options } from './options.js';

/** What a study asks of successive halving. */
export interface AshaRules {
  readonly objective: Objective;
  readonly eta: number;
  /** R, where nobody is stopped or paused any more; Infinity where nothing says how long a trial is. */
  readonly maxSteps: Step;
  /** Steps done at the rungs: r·ηᵏ up to R. */
  readonly milestones: readonly Step[];
}

/**
 * The rules that follow from the options and the study.
 * @throws ParamoError INVALID_OPTIONS when the first rung lies beyond the last step.
 */
export function createAshaRules({ objectives, steps, options: { minSteps, maxSteps, eta } }: PluginContext<OptionsOf<typeof options>>): AshaRules {
  const last = Math.min(maxSteps ?? Infinity, steps ?? Infinity);
  if (minSteps > last) {
    const whose = last === maxSteps ? `maxSteps is ${last}` : `a trial of this study takes ${last} steps`;
    throw new ParamoError({
      code: 'INVALID_OPTIONS',
      message: `asha: minSteps is ${minSteps}, but ${whose}, so no trial would ever be judged`,
      hint: `Set minSteps to ${last} or less (a ${eta}th or less of a trial's steps, for a rung to be worth it), or allow more steps.`,
    });
  }
  const milestones: Step[] = [];
  for (let step = minSteps; step <= last && Number.isSafeInteger(step); step *= eta) milestones.push(step);
  return { objective: objectives[0]!, eta, maxSteps: last, milestones };
}
