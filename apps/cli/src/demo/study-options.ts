import type { Json, PluginReference } from '@paramo/core';
import type { DemoOptions } from './options.js';

/** What of the study of the search does not depend on the trainer. */
export interface SearchSettings {
  readonly strategy: PluginReference;
  readonly stopper: PluginReference | 'none';
}

/**
 * The strategy of the demo with what it needs to be told, and the stopper that goes with it: ASHA, but for a population,
 * which itself weeds out who does badly. `mutate` names the params that a network can change while it is trained.
 */
export function searchSettings({ strategy, scale, trials }: DemoOptions, { grid, mutate }: { readonly grid: Readonly<Record<string, number>>; readonly mutate: readonly string[] }): SearchSettings {
  if (strategy === 'pbt') return { strategy: { name: 'pbt', options: { population: trials, every: scale.every, mutate } }, stopper: 'none' };
  const options: Readonly<Record<string, Json>> = strategy === 'grid' ? { points: grid, order: 'shuffled' } : {};
  return { strategy: { name: strategy, options }, stopper: { name: 'asha', options: { minSteps: scale.every, eta: 2 } } };
}

/** The strategies whose first trial is the space's defaults without being told. */
export const startsWithDefaults: ReadonlySet<string> = new Set(['bayes', 'random', 'pbt']);
