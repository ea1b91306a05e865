import type { Json } from './json.js';
import type { Origin } from './origin.js';
import type { Params } from './params.js';
import type { Explanation } from './strategy.js';
import type { EndReason, StudySpec, StudyState } from './study-spec.js';
import type { Fidelity, Step, TrialId, TrialSource, TrialState, Values } from './trial-event.js';
import type { Worker } from './worker.js';

/** A trial as it stands: what the log says of it, folded. */
export interface TrialRecord {
  readonly studyId: string;
  readonly number: TrialId;
  readonly state: TrialState;
  readonly params: Params;
  readonly revision: number;
  readonly by: Origin;
  readonly because: Explanation;
  readonly fidelity?: Fidelity;
  readonly from?: TrialSource;
  readonly seed?: number;
  readonly member?: number;
  readonly phase?: string;
  readonly retryOf?: TrialId;
  readonly attributes: Readonly<Record<string, Json>>;
  /** The newest attempt, from 1; 0: never started. */
  readonly attempt: number;
  /** Steps done in the effective series. */
  readonly done: Step;
  /** Partial unless completed. Absent: none, or not finite. */
  readonly value?: number;
  /** Step index (from 0) of the value. */
  readonly at?: Step;
  /** All objectives' values, taken at one step. */
  readonly values: Values;
  /** The last value of every metric. */
  readonly metrics: Values;
  readonly reason: string;
  readonly error?: { readonly message: string; readonly stack: string };
  readonly worker?: Worker;
  /** Attempts lost so far. */
  readonly lost: number;
  readonly createdMs: number;
  /** 0: never. */
  readonly startedMs: number;
  /** 0: not yet. */
  readonly endedMs: number;
  readonly checkpoint?: TrialSource;
  readonly retracted: boolean;
}

/** How many trials are in each state. */
export type TrialCounts = Readonly<Record<TrialState, number>>;

/** What was spent of the budget. */
export interface Spent {
  readonly trials: number;
  readonly steps: number;
  readonly wallMs: number;
  readonly cost: number;
}

/** A study as it stands: what its log says, folded. */
export interface StudyRecord {
  readonly studyId: string;
  readonly spec: StudySpec;
  readonly revision: number;
  readonly era: number;
  readonly state: StudyState;
  readonly endReason?: EndReason;
  readonly endDetail: string;
  /** Code of the error that ended it, or empty. */
  readonly errorCode: string;
  /** Position of the newest event of its log. */
  readonly position: number;
  readonly counts: TrialCounts;
  readonly spent: Spent;
  readonly bestTrial?: TrialId;
  readonly bestValue?: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** The terminal states, for `isTerminal`. */
const terminal: ReadonlySet<TrialState> = new Set<TrialState>(['completed', 'stopped', 'failed', 'cancelled']);

/** Whether a trial in this state is over. */
export function isTerminal(state: TrialState): boolean {
  return terminal.has(state);
}
