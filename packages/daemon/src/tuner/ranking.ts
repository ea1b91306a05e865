import { isBetter, type Objective, type StudyRecord, type TrialRecord } from '@paramo/core';

/** The value ranks are made of: smaller is better. Undefined where the trial does not rank. */
export function rankOf(trial: TrialRecord, objectives: readonly Objective[]): number | undefined {
  const [objective, ...others] = objectives;
  if (!objective || others.length > 0 || trial.retracted || trial.state !== 'completed' || trial.value === undefined) return undefined;
  return objective.goal === 'min' ? trial.value : -trial.value;
}

/** Whether the trial used all the data: values are compared only within one share of it. */
function onFullData(trial: TrialRecord): boolean {
  return (trial.fidelity?.data ?? 1) === 1;
}

/** Whether a trial takes the study's lead. Of equal values the earlier one keeps it. */
export function isBetterTrial(trial: TrialRecord, study: StudyRecord): boolean {
  if (!onFullData(trial) || rankOf(trial, study.spec.objectives) === undefined) return false;
  return study.bestValue === undefined || isBetter(trial.value!, study.bestValue, study.spec.objectives[0]!.goal);
}
