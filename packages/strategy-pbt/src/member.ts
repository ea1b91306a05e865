import type { Actor, CheckpointId, DecidedAction, Params, Step, TrialId } from '@paramo/core';

/** A checkpoint of a member's trial. */
export interface SavedState {
  readonly checkpoint: CheckpointId;
  readonly done: Step;
}

/** What is to become of a member at its milestone, and is not in the log yet. */
export type Verdict =
  /** It is to be replaced by a child of the donor, as long as the donor's trial still holds its place. */
  | { readonly kind: 'replace'; readonly donor: Member; readonly at: Step; readonly reason: string }
  /** It is to make way for members that wait with fewer steps done. */
  | { readonly kind: 'yield' };

/**
 * A place in the population with the trial that holds it: what the log says of both. A successor gets a record of its own. `vacant`: that trial failed or was
 * cancelled, and another one is to be suggested; `leaving`: it was replaced, and its successor is not seen yet;
 * `finished`: nothing more will happen here.
 */
export interface Member {
  readonly number: number;
  trial: TrialId;
  params: Params;
  status: 'waiting' | 'running' | 'paused' | 'vacant' | 'leaving' | 'finished';
  /** What was decided about the trial and has not been obeyed. */
  standing: DecidedAction | undefined;
  /** Whoever decided its pause, until it is resumed. */
  heldBy: Actor | undefined;
  /** The trial has been started at least once. */
  started: boolean;
  /** Steps done where the trial began: those of the checkpoint it was given, else 0. */
  born: Step;
  /** The trial's latest value, a child's at first its donor's; NaN: not a number; undefined: none yet. */
  value: number | undefined;
  /** Its latest finite values, oldest first; a child's begin with its donor's. */
  recent: readonly number[];
  /** The newest checkpoint of this trial itself. */
  saved: SavedState | undefined;
  /** The last milestone it reported at. */
  reported: Step;
  /** The last milestone it has got to with both a report and a checkpoint. */
  reached: Step;
  /** The last milestone at which it was compared, or passed without. */
  judged: Step;
  verdict: Verdict | undefined;
  /** How many trials have held the place, this one included. */
  generation: number;
  /** How many in a row failed or were cancelled without having got to a milestone. */
  barren: number;
}

/** The steps it would keep if it stopped now. */
export function keptSteps({ saved, born }: Member): Step {
  return saved?.done ?? born;
}

/** Whether a trial holds the place that has not ended, nor will for what is decided already. */
export function isLive({ status, standing }: Member): boolean {
  return (status === 'running' || status === 'waiting' || status === 'paused') && standing !== 'stop' && standing !== 'replace';
}

/** Whether it trains as the population does: it is live, and neither a user nor another plugin holds it back. */
export function isTraining(member: Member): boolean {
  return isLive(member) && (member.heldBy === undefined || member.heldBy === 'self');
}
