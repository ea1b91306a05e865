import { isBetter, type LogEvent, type TrialId, type TrialSource } from '@paramo/core';
import type { KeptCheckpoint, StudyState } from './study-state.js';

/**
 * Which checkpoints are kept, as part of the fold: of every trial the last few, the best, and those that other trials
 * are to start from, from the event that names them until those have one of their own or are over. All others are listed
 * in `state.dropped`.
 */
export function keepCheckpoint(state: StudyState, event: LogEvent & { kind: 'trial_checkpointed' }): void {
  const { trial, checkpoint, done, values } = event;
  const kept = state.checkpoints.get(trial) ?? [];
  const [objective, ...others] = state.record.spec.objectives;
  const value = objective && others.length === 0 ? values[objective.metric] : undefined;
  const again = kept.findIndex((one) => one.done === done && one.checkpoint === checkpoint);
  const pins = again < 0 ? 0 : kept.splice(again, 1)[0]!.pins;
  kept.push({ checkpoint, done, pins, ...(value !== undefined && Number.isFinite(value) && { value }) });
  state.checkpoints.set(trial, kept);
  prune(state, trial);
}

/** Keeps a checkpoint for a trial that is to start from it. False: it is not there any more. */
export function pin(state: StudyState, source: TrialSource): boolean {
  const kept = findKept(state, source);
  if (kept) kept.pins++;
  return kept !== undefined;
}

/** Ends one `pin`. */
export function unpin(state: StudyState, source: TrialSource): void {
  const kept = findKept(state, source);
  if (!kept) return;
  kept.pins--;
  prune(state, source.trial);
}

/** The kept checkpoint of this name. */
export function findKept({ checkpoints }: StudyState, { trial, checkpoint, done }: TrialSource): KeptCheckpoint | undefined {
  return checkpoints.get(trial)?.find((one) => one.checkpoint === checkpoint && one.done === done);
}

/** Keeps what the rules of the study, which have changed, say. */
export function keepByRules(state: StudyState): void {
  for (const trial of state.checkpoints.keys()) prune(state, trial);
}

/** Keeps nothing of a trial any more: its data was deleted. */
export function dropAll(state: StudyState, trial: TrialId): void {
  state.checkpoints.delete(trial);
}

function prune(state: StudyState, trial: TrialId): void {
  const kept = state.checkpoints.get(trial)!;
  const { rules, objectives } = state.record.spec;
  const last = new Set(kept.slice(-rules.keepCheckpoints));
  const best = bestOf(kept, objectives[0]?.goal ?? 'min');
  const stays = (one: KeptCheckpoint): boolean => last.has(one) || one === best || one.pins > 0;
  for (const { checkpoint, done } of kept.filter((one) => !stays(one))) state.dropped.push({ trial, checkpoint, done });
  state.checkpoints.set(trial, kept.filter(stays));
}

/** The one with the best value; of equals the latest. */
function bestOf(kept: readonly KeptCheckpoint[], goal: 'min' | 'max'): KeptCheckpoint | undefined {
  let best: KeptCheckpoint | undefined;
  for (const one of kept) if (one.value !== undefined && (best?.value === undefined || !isBetter(best.value, one.value, goal))) best = one;
  return best;
}
