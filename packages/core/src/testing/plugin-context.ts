import type { Objective } from '../objective.js';
import type { Json } from '../json.js';
import { resolveOptions } from '../options.js';
import type { Plugin, PluginContext } from '../plugin.js';
import { createRandom } from '../random.js';
import type { Space } from '../space.js';
import type { Step } from '../trial-event.js';

/** What a plugin is to be told of its study; what is absent gets a value that fits most tests. */
export interface PluginContextSetup {
  readonly space: Space;
  /** Default: `min loss`. */
  readonly objectives?: readonly Objective[];
  /** As a user gives them; defaults are filled in, unknown ones refused. */
  readonly options?: Readonly<Record<string, Json>>;
  readonly trials?: number;
  readonly steps?: Step;
  /** The study's seed, mixed into every stream. Default 0. */
  readonly seed?: number;
}

/** The objective of simulated studies that name none. */
export const defaultObjectives: readonly Objective[] = Object.freeze([Object.freeze({ metric: 'loss', goal: 'min', at: 'last' } as const)]);

/**
 * A context to create `plugin` with, outside of any study.
 * @throws ParamoError INVALID_OPTIONS when the plugin does not have an option so named, or does not take its value.
 */
export function createPluginContext<P extends Plugin>(plugin: P, setup: PluginContextSetup): Parameters<P['create']>[0] {
  const { space, objectives = defaultObjectives, options = {}, trials, steps, seed = 0 } = setup;
  const context: PluginContext = {
    space,
    objectives,
    options: resolveOptions(plugin.name, plugin.options, options),
    ...(trials !== undefined && { trials }),
    ...(steps !== undefined && { steps }),
    random: (...key) => createRandom('study', seed, ...key),
  };
  return Object.freeze(context) as Parameters<P['create']>[0];
}
