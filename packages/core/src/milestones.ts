import type { Step } from './trial-event.js';

/** Where a plugin is told of reports, in steps done: at those of an ascending list, or at every multiple of a number. */
export type Milestones = readonly Step[] | { readonly interval: Step };

/** The last milestone in (`before`, `done`], or undefined when none was passed. */
export function milestonePassed(milestones: Milestones, before: Step, done: Step): Step | undefined {
  if ('interval' in milestones) {
    const last = done - (done % milestones.interval);
    return last > before ? last : undefined;
  }
  let low = 0;
  let high = milestones.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (milestones[middle]! <= done) low = middle + 1;
    else high = middle;
  }
  const last = milestones[low - 1];
  return last !== undefined && last > before ? last : undefined;
}
