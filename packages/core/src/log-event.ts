import type { Json } from './json.js';
import type { Origin } from './origin.js';
import type { Params } from './params.js';
import type { PluginReference } from './plugin.js';
import type { TrialRecord } from './record.js';
import type { Explanation } from './strategy.js';
import type { Budget, EndReason, StudyPlan, StudyRules, StudySpec, StudyState } from './study-spec.js';
import type { CheckpointId, DecidedAction, Fidelity, Step, TerminalState, TrialId, TrialSource, Values } from './trial-event.js';
import type { Worker } from './worker.js';

/** The identity of a plugin at work: what replay must load again. */
export interface PluginIdentity {
  readonly package: string;
  readonly version: string;
}

/** Why a running trial gave its worker back. */
export type YieldReason = 'paused' | 'released' | 'lost' | 'failed';

/**
 * One event of a study's log, the truth from which everything else can be built again. `position` counts 1, 2, 3, …
 * without gaps in one study; `wallMs` is for people only.
 */
export type LogEvent = { readonly position: number; readonly wallMs: number } & LogEntry;

/** What an event says, before the log gives it its position and time. */
export type LogEntry =
  | { readonly kind: 'study_created'; readonly studyId: string; readonly spec: StudySpec }
  | { readonly kind: 'study_updated'; readonly name?: string; readonly budget?: Budget; readonly rules?: StudyRules; readonly labels?: Readonly<Record<string, string>>; readonly state?: StudyState; readonly reason?: string }
  | { readonly kind: 'study_revised'; readonly revision: number; readonly plan: StudyPlan }
  /** From here on plugins are the named ones, fed the view of the log. `era` counts from 1. */
  | { readonly kind: 'era_opened'; readonly era: number; readonly revision: number; readonly strategy?: PluginIdentity; readonly stopper?: PluginIdentity; readonly reason: string }
  | TrialCreated
  | { readonly kind: 'trial_started'; readonly trial: TrialId; readonly attempt: number; readonly done: Step; readonly worker: Worker; readonly requestId: string; readonly leaseMs: number }
  | { readonly kind: 'trial_reported'; readonly trial: TrialId; readonly attempt: number; readonly done: Step; readonly values: Values; readonly milestone: Step }
  | { readonly kind: 'steps_granted'; readonly trial: TrialId; readonly attempt: number; readonly through: Step }
  | { readonly kind: 'trial_checkpointed'; readonly trial: TrialId; readonly attempt: number; readonly checkpoint: CheckpointId; readonly done: Step; readonly values: Values; readonly size: number }
  | { readonly kind: 'trial_decided'; readonly trial: TrialId; readonly action: DecidedAction; readonly by: Origin; readonly reason: string; readonly seen: number; readonly replacement?: TrialId }
  | { readonly kind: 'trial_yielded'; readonly trial: TrialId; readonly attempt: number; readonly to: 'waiting' | 'paused'; readonly why: YieldReason; readonly done: Step; readonly reason: string }
  | { readonly kind: 'trial_resumed'; readonly trial: TrialId; readonly by: Origin; readonly because: Explanation; readonly seen: number; readonly over?: OverRun }
  | TrialEnded
  | { readonly kind: 'trial_retracted'; readonly trial: TrialId; readonly reason: string }
  /** Attributes it names are replaced, those that are null removed. */
  | { readonly kind: 'trial_updated'; readonly trial: TrialId; readonly attributes: Readonly<Record<string, Json>> }
  | { readonly kind: 'trial_deleted'; readonly trial: TrialId }
  | { readonly kind: 'phase_started'; readonly phase: string; readonly index: number }
  /** No further trial will come: plugins may promote what they have. */
  | { readonly kind: 'study_closed'; readonly reason: EndReason; readonly detail: string }
  /** Takes `study_closed` back: a budget was raised, a pause lifted. */
  | { readonly kind: 'study_opened'; readonly reason: string }
  | { readonly kind: 'study_ended'; readonly reason: EndReason; readonly detail: string; readonly error?: { readonly code: string; readonly message: string } }
  /** A kind this version does not know: kept, streamed on and skipped. */
  | { readonly kind: 'unknown'; readonly bytes: Uint8Array };

/** A tracked run that was over and goes on: as it was, and the steps behind its last attempt when that began. */
export interface OverRun {
  readonly trial: TrialRecord;
  readonly from: Step;
}

/** A trial came to be. `seen` is the log position its strategy had observed; 0 for a user's. */
export interface TrialCreated {
  readonly kind: 'trial_created';
  readonly trial: TrialId;
  readonly by: Origin;
  readonly params: Params;
  readonly revision: number;
  readonly seen: number;
  readonly because: Explanation;
  readonly fidelity?: Fidelity;
  readonly from?: TrialSource;
  readonly seed?: number;
  readonly member?: number;
  readonly memo?: Json;
  readonly phase?: string;
  readonly retryOf?: TrialId;
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** A trial's first terminal message won. `at` is the step index of the value; metrics are the last values of the effective series. */
export interface TrialEnded {
  readonly kind: 'trial_ended';
  readonly trial: TrialId;
  readonly attempt: number;
  readonly state: TerminalState;
  readonly done: Step;
  readonly reason: string;
  readonly value?: number;
  readonly at?: Step;
  /** The objectives' values, taken at one step. */
  readonly values: Values;
  /** The last value of every metric. */
  readonly metrics: Values;
  readonly error?: { readonly message: string; readonly stack: string };
  readonly requestId?: string;
}

/** Names a plugin in words: `asha {"eta":4}`. */
export function formatPlugin(reference: PluginReference): string {
  return Object.keys(reference.options).length === 0 ? reference.name : `${reference.name} ${JSON.stringify(reference.options)}`;
}
