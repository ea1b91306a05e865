import type { Json } from './json.js';
import type { Params } from './params.js';

/** A trial's number in its study: 0, 1, 2, … without gaps. Plugins know trials by nothing else. */
export type TrialId = number;

/** The hash that names a checkpoint's content. */
export type CheckpointId = string;

/** A count of training steps done; a report for step e (from 0) means e + 1 done. */
export type Step = number;

/** What a strategy asks of a trial beside its params. Absent: everything there is. */
export interface Fidelity {
  /** How many training steps to take at most. */
  readonly steps?: number;
  /** The share of the training data to use, in (0, 1]. */
  readonly data?: number;
}

/** The checkpoint a new trial starts from, named exactly: never "the newest". */
export interface TrialSource {
  readonly trial: TrialId;
  readonly checkpoint: CheckpointId;
  /** Steps done when the checkpoint was taken. */
  readonly done: Step;
}

/** How a trial ended. `lost` is not among them: that is what happens to an attempt. */
export type TerminalState = 'completed' | 'stopped' | 'failed' | 'cancelled';

/** The state of a trial. `waiting → running ⇄ paused →` one of the terminal states. */
export type TrialState = 'waiting' | 'running' | 'paused' | TerminalState;

/** What a plugin may decide about a trial. */
export type DecidedAction = 'stop' | 'pause' | 'replace';

/** Who decided or resumed: this plugin, another plugin of the study, or a person. */
export type Actor = 'self' | 'other' | 'user';

/** The objective's values of a report or an end, by metric name. Holds finite numbers, NaN and ±Infinity. */
export type Values = Readonly<Record<string, number>>;

/** The part every event carries: its place in the study's log, strictly increasing (gaps are normal in a projection). */
export interface EventPosition {
  readonly position: number;
}

/**
 * One event as plugins see it: a projection of the study log without clocks, workers or leases. Folding the events in
 * order is the only way a plugin's state may change.
 */
export type TrialEvent = EventPosition &
  (
    | CreatedEvent
    | StartedEvent
    | ReportedEvent
    | CheckpointedEvent
    | DecidedEvent
    | YieldedEvent
    | ResumedEvent
    | EndedEvent
    | { readonly kind: 'closed' }
    | { readonly kind: 'opened' }
  );

/** A trial exists and waits. `own` tells the strategy that it proposed this one itself. */
export interface CreatedEvent {
  readonly kind: 'created';
  readonly trial: TrialId;
  readonly own: boolean;
  readonly params: Params;
  readonly fidelity?: Fidelity;
  readonly from?: TrialSource;
  readonly seed?: number;
  readonly member?: number;
  readonly memo?: Json;
}

/** An attempt began, with `done` steps already behind it. */
export interface StartedEvent {
  readonly kind: 'started';
  readonly trial: TrialId;
  readonly attempt: number;
  readonly done: Step;
}

/** The first report at or past a milestone; `done` is where the report stands. Once a (trial, milestone). */
export interface ReportedEvent {
  readonly kind: 'reported';
  readonly trial: TrialId;
  readonly done: Step;
  readonly values: Values;
  readonly milestone: Step;
}

/** A checkpoint of the trial is durable. It never precedes the reports of its steps. */
export interface CheckpointedEvent {
  readonly kind: 'checkpointed';
  readonly trial: TrialId;
  readonly checkpoint: CheckpointId;
  readonly done: Step;
}

/** A decision was committed. For `replace`, `replacement` is the trial created in the same transaction. */
export interface DecidedEvent {
  readonly kind: 'decided';
  readonly trial: TrialId;
  readonly action: DecidedAction;
  readonly by: Actor;
  readonly replacement?: TrialId;
}

/** The trial gave its worker back: paused as decided, or waiting to be started again. */
export interface YieldedEvent {
  readonly kind: 'yielded';
  readonly trial: TrialId;
  readonly to: 'waiting' | 'paused';
}

/** A paused trial waits to go on. */
export interface ResumedEvent {
  readonly kind: 'resumed';
  readonly trial: TrialId;
  readonly by: Actor;
}

/** The trial is over. `value` is absent where there is none (failed, cancelled, or not finite). */
export interface EndedEvent {
  readonly kind: 'ended';
  readonly trial: TrialId;
  readonly state: TerminalState;
  readonly value?: number;
  /** All objectives' values at the value's step; what `value` is taken from. */
  readonly values?: Values;
  /** Steps done at the end. */
  readonly done: Step;
}
