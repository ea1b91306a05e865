import { ParamoError } from '@paramo/core';
import type { Json, PluginReference } from '@paramo/core';

/** A strategy by its short name or package, or with options. */
export type StrategyChoice = 'bayes' | 'random' | 'grid' | (string & {}) | PluginChoice;

/** A stopper by its short name or package, or with options; `'none'`: no stopper. */
export type StopperChoice = 'asha' | 'median' | 'none' | (string & {}) | PluginChoice;

/** A plugin with options. */
export interface PluginChoice {
  readonly name: string;
  /** Plain JSON; the plugin says which there are. */
  readonly options?: Readonly<Record<string, Json>>;
}

/**
 * The plugin that was chosen as `kind`.
 * @throws ParamoError INVALID_OPTIONS when it is neither a name nor `{ name, options }`.
 */
export function pluginReference(kind: 'strategy' | 'stopper', choice: string | PluginChoice): PluginReference {
  const { name, options = {} } = typeof choice === 'string' ? { name: choice } : (choice ?? {});
  if (typeof name === 'string' && name !== '') return { name, options };
  throw new ParamoError({ code: 'INVALID_OPTIONS', message: `${kind} is ${JSON.stringify(choice)}`, hint: `Give its name, such as ${kind === 'strategy' ? "'bayes'" : "'median'"}, or { name, options }.` });
}
