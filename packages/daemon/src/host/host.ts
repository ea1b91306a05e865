import type { Capabilities, Clock, Decision, Entropy, Milestones, Objective, OptionsSchema, PluginIdentity, PluginReference, Resumption, SpaceSpec, Step, Suggestion, TrialEvent } from '@paramo/core';

/**
 * Where a plugin may come from: a package name and the directory (file URL or path) it is resolved from. The composition
 * root or the home's configuration names these; never scanning, never a client.
 */
export interface PluginSource {
  readonly package: string;
  readonly from: string;
}

/** The two kinds of plugins. */
export type PluginKind = 'strategy' | 'stopper';

/** A plugin as `paramo plugins` shows it. */
export interface PluginInfo {
  /** What users write: the short name, or the package of a scoped third-party plugin. */
  readonly name: string;
  readonly package: string;
  /** The package's version; empty where it cannot be loaded. */
  readonly version: string;
  readonly kind: PluginKind;
  readonly description: string;
  readonly optionsSchema: OptionsSchema;
  readonly capabilities: Capabilities;
  /** Why it cannot be loaded, and what to do. */
  readonly error?: string;
}

/** The era of a study that a plugin instance serves; the same for every rebuild of it. */
export interface StudyContext {
  readonly studyId: string;
  readonly era: number;
  readonly revision: number;
  readonly phase: string;
  readonly seed: number;
  readonly space: SpaceSpec;
  readonly objectives: readonly Objective[];
  /** The most trials the budget allows, when it is limited. */
  readonly trials?: number;
  /** The most steps a trial takes, when the study says so. */
  readonly steps?: Step;
}

/**
 * The log as the plugin may see it, in blocks: the events with `after` < position ≤ `through`, positions strictly
 * increasing. Asked from 0 when an instance is built again. Each block is waited for by the plugin before the next is
 * drawn, so no transaction may stay open between two.
 */
export type EventSource = (after: number, through: number) => Iterable<readonly TrialEvent[]>;

/** What a plugin says at one position of the log. */
export interface Answer {
  /** The position observed when it was asked. */
  readonly position: number;
  /** All that should hold there; a decision about a trial that has moved on is void. */
  readonly decisions: readonly Decision[];
  /** A stopper's paused trial to go on. */
  readonly resume?: Resumption;
  /** A strategy's next trial, when it was wanted. */
  readonly suggestion?: Suggestion;
  /** True when a strategy will never suggest again; always false for a stopper. */
  readonly done: boolean;
}

/** One plugin at work for one era of one study. The instance behind it comes and goes; the session stays. */
export interface PluginSession {
  readonly identity: PluginIdentity;
  readonly capabilities: Capabilities;
  /** Where the plugin is told of reports and may decide. */
  readonly milestones: 'every' | 'none' | Milestones;
  /**
   * Brings the instance to `through`, feeding what it lacks (from the start when it was dropped), and asks it. Calls
   * queue in order.
   * @throws ParamoError PLUGIN_FAILED, PLUGIN_TIMEOUT or PLUGIN_MEMORY naming the plugin, the study and what to do.
   */
  ask(through: number, want: { readonly suggestion: boolean }): Promise<Answer>;
  /** Drops the instance; the next ask builds it again by replay. */
  drop(): void;
  /** Ends the session; asks still queued are rejected. */
  close(): Promise<void>;
}

/** Loads plugins by package name and runs them apart from the daemon: first-party ones in threads, others in processes. */
export interface PluginHost {
  /** Every plugin the sources name, those that cannot be loaded included, with the reason. */
  list(): Promise<readonly PluginInfo[]>;
  /**
   * The plugin a study names, its options checked. `random` is looked up as `@paramo/strategy-random`, then as
   * `paramo-strategy-random`; package names as they are.
   * @throws ParamoError UNKNOWN_PLUGIN with the near miss and what there is, PLUGIN_NOT_INSTALLED with the install
   * command, INVALID_OPTIONS, PLUGIN_MISMATCH when contract version or kind differ.
   */
  describe(kind: PluginKind, reference: PluginReference): Promise<PluginInfo>;
  /**
   * Starts a session. Capabilities are checked against the study and the plugin's own `create` is called once, so that a
   * study that does not fit fails before its first trial.
   */
  open(kind: PluginKind, reference: PluginReference, context: StudyContext, events: EventSource): Promise<PluginSession>;
  /** Ends every thread and process; pending calls are rejected. */
  close(): Promise<void>;
}

/** What a plugin host runs on. */
export interface PluginHostOptions {
  /** The packages that plugins may come from; asked for anew whenever one is looked for. */
  readonly sources: () => readonly PluginSource[];
  readonly clock: Clock;
  /** The most worker threads for first-party plugins, shared by their instances; 2 × cores by default. */
  readonly threads?: number;
  /** How long one call into a plugin may take; 60 000 by default. */
  readonly callTimeoutMs?: number;
  /** The most memory a third-party plugin's process may hold; 512 by default. */
  readonly memoryLimitMb?: number;
  /** An instance that is not asked for so long is dropped; 60 000 by default. */
  readonly idleMs?: number;
  /** For tests: the chance in [0, 1] that an instance is dropped before an ask. Needs `entropy`. */
  readonly dropChance?: number;
  /** Where random drops are drawn from. */
  readonly entropy?: Entropy;
}
