import type { Json } from '../json.js';
import type { Objective } from '../objective.js';
import type { Params } from '../params.js';
import type { StopperPlugin, StrategyPlugin } from '../plugin.js';
import type { Space } from '../space.js';
import type { Decision, Suggestion } from '../strategy.js';
import type { Step, TrialEvent, TrialId, TrialSource, TrialState, Values } from '../trial-event.js';

/** The chance of each fault, at each moment where it can happen. All absent: a study in which nothing goes wrong. */
export interface SimulationFaults {
  /** A worker dies in the middle of a trial; the trial is tried again, from its checkpoint if there is one. */
  readonly death?: number;
  /** A trial's code throws. */
  readonly failure?: number;
  /** A user cancels some trial. */
  readonly cancel?: number;
  /** A metric comes out as NaN. */
  readonly nan?: number;
  /** A user enqueues a configuration of their own. */
  readonly enqueue?: number;
  /** A user pauses a running trial, and resumes it later. */
  readonly pause?: number;
  /** A worker takes one more step before it hears that it should stop. */
  readonly late?: number;
  /** The plugin's instance is dropped and built again. */
  readonly rebuild?: number;
  /** The budget is raised once after it was used up. */
  readonly raise?: number;
  /** The checkpoint that a replacement is to start from has just been collected: the decision is void, and asked for again after the next event. */
  readonly collect?: number;
}

/** Where an attempt of a trial starts. */
export interface SimulatedStart {
  readonly trial: TrialId;
  readonly params: Params;
  /** Steps done already. */
  readonly done: Step;
  /** The checkpoint at that step, when there is one: the trial's own, or that of the trial it goes on from. */
  readonly saved?: Json;
}

/** Training code with a state, as an attempt runs it. */
export interface SimulatedTraining {
  /** Takes one more step, after which `done` are done, and gives the metrics. */
  step(done: Step): Values;
  /** The state as it is stored in a checkpoint. */
  save(): Json;
}

/** A study to simulate: a host, its workers and its user in one process, driven by a seed. */
export interface SimulationSetup {
  readonly space: Space;
  /** Absent: independent draws without end, to feed a stopper. */
  readonly strategy?: StrategyPlugin;
  readonly stopper?: StopperPlugin;
  readonly strategyOptions?: Readonly<Record<string, Json>>;
  readonly stopperOptions?: Readonly<Record<string, Json>>;
  /** Default: `min loss`. */
  readonly objectives?: readonly Objective[];
  /** The metrics after `done` steps. Default: a smooth bowl over the unit cube that comes down as steps go by. */
  evaluate?(params: Params, done: Step, trial: TrialId): Values;
  /** In place of `evaluate`: training whose state goes into checkpoints and comes back from them. */
  train?(start: SimulatedStart): SimulatedTraining;
  /** How many workers ask for trials, in random order. Default 3. */
  readonly workers?: number;
  /** Steps of a full trial. Default 3. */
  readonly steps?: Step;
  /** Default 0. */
  readonly seed?: number;
  /** Absent: until the strategy is done. */
  readonly budget?: { readonly trials: number };
  readonly faults?: SimulationFaults;
}

/** A trial at the end of a simulation. */
export interface SimulatedTrial {
  readonly trial: TrialId;
  /** Proposed by the strategy, not by the user. */
  readonly own: boolean;
  readonly params: Params;
  readonly member?: number;
  readonly from?: TrialSource;
  readonly state: TrialState;
  readonly attempts: number;
  /** The most steps any attempt has done. */
  readonly done: Step;
  /** The metrics last reported. */
  readonly values?: Values;
}

/** What happened in a simulated study. */
export interface Simulation {
  readonly trials: readonly SimulatedTrial[];
  /** All that was suggested and taken, in order. */
  readonly suggestions: readonly Suggestion[];
  /** All that was decided and held, in order. */
  readonly decisions: readonly Decision[];
  /** The events as the strategy saw them. */
  readonly strategyEvents: readonly TrialEvent[];
  /** The events as the stopper saw them. */
  readonly stopperEvents: readonly TrialEvent[];
  /** Why the study ended: the strategy was done, or the budget was used up. */
  readonly reason: 'done' | 'budget';
}
