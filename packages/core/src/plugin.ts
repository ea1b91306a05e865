import type { Json } from './json.js';
import type { Milestones } from './milestones.js';
import type { Objective } from './objective.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import type { Random } from './random.js';
import type { Space } from './space.js';
import type { Stopper, Strategy } from './strategy.js';
import type { Step } from './trial-event.js';

/** The version of the plugin contract this package defines. A host refuses plugins of another one. */
export const pluginApiVersion = 1;

/** What a plugin can deal with. Declared, never guessed; what is absent is false. */
export interface Capabilities {
  /** Spaces with branches. */
  readonly conditional?: boolean;
  /** More than one objective. */
  readonly multiObjective?: boolean;
  /** Outcome constraints. */
  readonly constraints?: boolean;
  /** Needs the trainer to save checkpoints. */
  readonly checkpoints?: boolean;
  /** Workers wait at milestones for as long as the daemon is connected, not for two seconds. */
  readonly barrier?: boolean;
}

/** What a plugin is told of the study it serves. The same for every instance of one era. */
export interface PluginContext<Options = unknown> {
  readonly space: Space;
  /** At least one. */
  readonly objectives: readonly Objective[];
  readonly options: Options;
  /** The most trials the budget allows, when it is limited. */
  readonly trials?: number;
  /** The most steps a trial takes, when the study says so. */
  readonly steps?: Step;
  /** A stream of its own for each key: the same key gives the same stream, mixed with the study's seed, phase and revision. */
  random(...key: readonly (string | number)[]): Random;
}

/** What `defineStrategy` and `defineStopper` are given. */
export interface PluginDefinition<Schema extends OptionsSchema, Instance> {
  /** The short name users write, such as `random`. */
  readonly name: string;
  /** The package's version; part of what replay must reproduce. */
  readonly version: string;
  /** One sentence for `paramo plugins`. */
  readonly description: string;
  readonly options: Schema;
  readonly capabilities?: Capabilities;
  /** Where this plugin is told of reports and may decide; absent: at every report (stoppers), at none (strategies). */
  milestones?(context: PluginContext<OptionsOf<Schema>>): Milestones;
  /** Throws a ParamoError when the study does not fit (before the first trial), saying what to change. */
  create(context: PluginContext<OptionsOf<Schema>>, snapshot?: Uint8Array): Instance;
}

/** A plugin that proposes trials. */
export interface StrategyPlugin<Schema extends OptionsSchema = OptionsSchema> extends PluginDefinition<Schema, Strategy> {
  readonly kind: 'strategy';
  readonly apiVersion: number;
}

/** A plugin that stops, pauses and resumes trials. */
export interface StopperPlugin<Schema extends OptionsSchema = OptionsSchema> extends PluginDefinition<Schema, Stopper> {
  readonly kind: 'stopper';
  readonly apiVersion: number;
}

/** Either kind of plugin. */
export type Plugin = StrategyPlugin | StopperPlugin;

/** How a study names a plugin: the short name or package, and options as JSON. */
export interface PluginReference {
  readonly name: string;
  readonly options: Readonly<Record<string, Json>>;
}

/** Defines a strategy plugin; the default export of its package. */
export function defineStrategy<const Schema extends OptionsSchema>(definition: PluginDefinition<Schema, Strategy>): StrategyPlugin<Schema> {
  return Object.freeze({ ...definition, kind: 'strategy', apiVersion: pluginApiVersion });
}

/** Defines a stopper plugin; the default export of its package. */
export function defineStopper<const Schema extends OptionsSchema>(definition: PluginDefinition<Schema, Stopper>): StopperPlugin<Schema> {
  return Object.freeze({ ...definition, kind: 'stopper', apiVersion: pluginApiVersion });
}

/** Whether a module's default export is a plugin of any contract version. */
export function isPlugin(value: unknown): value is Plugin {
  const plugin = value as Partial<Plugin> | null | undefined;
  return (
    typeof plugin === 'object' && plugin !== null && (plugin.kind === 'strategy' || plugin.kind === 'stopper') &&
    typeof plugin.name === 'string' && typeof plugin.apiVersion === 'number' && typeof plugin.create === 'function'
  );
}
