import type { Json } from './json.js';
import type { Params } from './params.js';
import type { Fidelity, TrialEvent, TrialId, TrialSource } from './trial-event.js';

/** Why a suggestion or decision was made, in terms a person can check. */
export type Explanation =
  | { readonly kind: 'default' }
  | { readonly kind: 'design'; readonly detail: string }
  | { readonly kind: 'model'; readonly mean: number; readonly sd: number; readonly acquisition: string; readonly detail?: string }
  | { readonly kind: 'exploit'; readonly donor: TrialId; readonly change: string }
  | { readonly kind: 'promotion'; readonly detail: string }
  | { readonly kind: 'user'; readonly detail: string };

/** A trial a strategy wants created. */
export interface NewTrial {
  readonly params: Params;
  readonly from?: TrialSource;
  readonly fidelity?: Fidelity;
  readonly seed?: number;
  /** The place in a population this trial takes. */
  readonly member?: number;
  /** What the strategy must remember about this trial; comes back in `created`. Private fields do not survive a rebuild. */
  readonly memo?: Json;
  readonly because: Explanation;
}

/** A paused trial a strategy wants to go on. */
export interface Resumption {
  readonly resume: TrialId;
  readonly because: Explanation;
}

/** What `suggest` answers: a new trial, or a paused one to go on. */
export type Suggestion = NewTrial | Resumption;

/** What should hold now and the log does not show yet. Every decision has a reason a person can read. */
export type Decision =
  | { readonly trial: TrialId; readonly action: 'stop' | 'pause'; readonly reason: string }
  /** Stop one trial and create another in one transaction (exploit), so that a population never shrinks. */
  | { readonly trial: TrialId; readonly action: 'replace'; readonly by: NewTrial; readonly reason: string };

/**
 * Proposes trials. State is a fold: only `observe` changes it, and every other call is pure, so that the host may drop
 * an instance at any moment and build it again by replay.
 */
export interface Strategy {
  /** Folds one event in. The only call that may change state. Never throws for a well-formed log. */
  observe(event: TrialEvent): void;
  /** The next trial, or undefined for "not now". Pure: asked twice at one position it answers the same. */
  suggest(): Suggestion | undefined;
  /** True when nothing will ever be suggested again. Pure. */
  done(): boolean;
  /** All decisions that should hold now and that the log does not show yet. Pure. */
  decisions?(): readonly Decision[];
  /** A cache of the state: `create(context, snapshot)` equals a replay of the events observed so far. */
  snapshot?(): Uint8Array;
}

/** Stops, pauses and resumes trials. The same rules as for a Strategy hold. */
export interface Stopper {
  /** Folds one event in. The only call that may change state. */
  observe(event: TrialEvent): void;
  /** All decisions that should hold now and that the log does not show yet. Pure. */
  decisions(): readonly Decision[];
  /** A paused trial to go on; asked before the strategy's `suggest`. Pure. */
  resume?(): Resumption | undefined;
  /** A cache of the state. */
  snapshot?(): Uint8Array;
}

/** Tells a suggestion to go on from one for a new trial. */
export function isResumption(suggestion: Suggestion): suggestion is Resumption {
  return 'resume' in suggestion;
}
