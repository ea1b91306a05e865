import type { Json } from './json.js';
import type { Objective } from './objective.js';
import type { PluginReference } from './plugin.js';
import type { SpaceSpec } from './space-spec.js';
import type { Fidelity, Step } from './trial-event.js';

/** Limits kept at admission. Absent: no limit. */
export interface Budget {
  /** First starts of trials; retries, resumes and a member's successors do not count. */
  readonly trials?: number;
  /** Distinct training steps over all trials. */
  readonly steps?: number;
  /** Milliseconds with at least one trial running, the daemon's downtime left out. */
  readonly wallMs?: number;
  /** In the user's unit, as reported. */
  readonly cost?: number;
  /** The most cost one trial can cause; makes the cost budget exact. */
  readonly costPerTrial?: number;
}

/** When a study ends by itself, and how often a trial is tried again. */
export interface StudyRules {
  /** End when a completed trial's value is at least this good. */
  readonly target?: number;
  /** End after so many failed trials in a row; 10 by default. */
  readonly maxFailures: number;
  /** How often a lost attempt is tried again; 2 by default. */
  readonly retries: number;
  /** Whether a trial that fails by itself is tried again too. */
  readonly retryOnFailure: boolean;
  /** How long an attempt may be silent; 30 000 by default. */
  readonly leaseMs: number;
  /** How many of its newest checkpoints a trial keeps, beside its best one and those that others start from; 2 by default. */
  readonly keepCheckpoints: number;
}

/** The rules of a study that says nothing about them. */
export const defaultRules: StudyRules = { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 2 };

/** The part of a study that a revision changes: what is searched, and how. */
export interface StudyPlan {
  /** Absent in tracking studies: the user brings the params. */
  readonly space?: SpaceSpec;
  readonly objectives: readonly Objective[];
  /** Absent in tracking studies. */
  readonly strategy?: PluginReference;
  readonly stopper?: PluginReference;
  /** The most steps a trial takes, when the study says so; plugins with rungs need it. */
  readonly steps?: Step;
  /** Strict order of width w (DESIGN §3.10); absent: as results come. */
  readonly strictOrder?: number;
  /** The phases of a plan, in order; absent: one phase without a name. */
  readonly phases?: readonly StudyPhase[];
}

/** Everything a study is created with. */
export interface StudySpec extends StudyPlan {
  readonly name: string;
  readonly budget: Budget;
  readonly rules: StudyRules;
  /** Mixed into every random stream. */
  readonly seed: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, Json>>;
}

/** The state of a study. */
export type StudyState = 'open' | 'paused' | 'ended';

/** Why a study ended. */
export type EndReason = 'done' | 'budget' | 'target' | 'no improvement' | 'failures' | 'user';

/** One phase of a plan, with its own share of the budget. */
export interface StudyPhase {
  readonly name: string;
  readonly budget: Budget;
  readonly fidelity?: Fidelity;
  readonly settings: Readonly<Record<string, Json>>;
}
