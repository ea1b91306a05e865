import type { Capabilities, Json, Objective, OptionsSchema, SpaceSpec, Step, TrialEvent } from '@paramo/core';
import type { PluginKind } from './host.js';

/** Where the code of a plugin lies. */
export interface PluginCode {
  /** The package's directory. */
  readonly directory: string;
  /** The file URL of the module whose default export is the plugin. */
  readonly entry: string;
}

/** What an instance is created from; as PluginContext, but it can be sent. */
export interface InstanceContext {
  readonly space: SpaceSpec;
  readonly objectives: readonly Objective[];
  /** With the defaults filled in. */
  readonly options: Readonly<Record<string, Json>>;
  readonly trials?: number;
  readonly steps?: Step;
  readonly seed: number;
  readonly phase: string;
  readonly revision: number;
}

/** What the daemon asks of a thread or process that runs plugins. */
export type WorkerRequest =
  | { readonly kind: 'inspect'; readonly code: PluginCode }
  | { readonly kind: 'create'; readonly instance: number; readonly code: PluginCode; readonly context: InstanceContext }
  | { readonly kind: 'observe'; readonly instance: number; readonly events: readonly TrialEvent[] }
  | { readonly kind: 'ask'; readonly instance: number; readonly events: readonly TrialEvent[]; readonly suggestion: boolean }
  | { readonly kind: 'drop'; readonly instance: number };

/** What `inspect` answers: the plugin's own words. */
export interface PluginFacts {
  /** As the package.json said when the code was loaded. */
  readonly version: string;
  readonly apiVersion: number;
  readonly kind: PluginKind;
  readonly description: string;
  readonly options: OptionsSchema;
  readonly capabilities: Capabilities;
}

/** What `create` answers. */
export interface InstanceFacts {
  readonly version: string;
  /** What the plugin's `milestones` said; absent where it has none. */
  readonly milestones?: unknown;
}

/** What `ask` answers: whatever the plugin said, not yet checked. */
export interface RawAnswer {
  readonly decisions: unknown;
  readonly resume: unknown;
  readonly suggestion: unknown;
  readonly done: unknown;
}

/** Something thrown in a worker, in a form that can be sent. */
export interface ThrownFailure {
  readonly kind: 'threw';
  /** What was being done: `create()`, `observe()`, … */
  readonly stage: string;
  readonly message: string;
  readonly stack: string;
  /** Set when a ParamoError was thrown. */
  readonly error?: { readonly code: string; readonly summary: string; readonly hint: string };
}

/** A worker's answer to the request before it; the first message of all is `ready`. */
export type WorkerReply = { readonly ready: true } | { readonly value: unknown } | { readonly failure: ThrownFailure };
