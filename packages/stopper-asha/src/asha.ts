import { createRequire } from 'node:module';
import type { PluginReference, StopperPlugin } from '@paramo/core';
import { defineStopper } from '@paramo/core';
import type { AshaOptions } from './options.js';
import { options } from './options.js';
import { createPromotionForm } from './promotion-form.js';
import { createAshaRules } from './rules.js';
import { createStopForm } from './stop-form.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** Names asynchronous successive halving for a study: `stopper: asha({ minSteps: 4 })`. */
export function asha(given: AshaOptions = {}): PluginReference {
  return { name: 'asha', options: { ...given } };
}

/**
 * Asynchronous successive halving of Li et al. 2018 ("A System for Massively Parallel Hyperparameter Tuning"), in two
 * forms. Rungs lie at r·ηᵏ steps up to R; from each rung about one in η trials goes on. Stop form: the trial is judged
 * when it gets there, and goes on at once or ends. Promotion form: it is paused and goes on when it is among the best,
 * which wastes fewer steps and needs checkpoints to waste none. One objective; NaN is worse than every number; of equal
 * values that of the lower trial number is better. Where neither option nor study names R, rungs go on without end.
 */
export const ashaStopper: StopperPlugin<typeof options> = defineStopper({
  name: 'asha',
  version,
  description: 'Gives most steps to the trials that are best so far: asynchronous successive halving.',
  options,
  milestones: (context) => createAshaRules(context).milestones,
  create: (context) => {
    const rules = createAshaRules(context);
    return context.options.form === 'stop' ? createStopForm(rules) : createPromotionForm(rules);
  },
});
