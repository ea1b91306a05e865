import { nearMiss, ParamoError, type Objective, type TrialRecord, type Values } from '@paramo/core';

/** The error of a trial that ends without its objective: says what it reported and names the near miss. */
export function objectiveMissing(trial: TrialRecord, objectives: readonly Objective[], metrics: Values): ParamoError {
  const seen = Object.keys(metrics);
  const missing = objectives.find(({ metric }) => metrics[metric] === undefined);
  if (!missing) return notWhereItCounts(trial, objectives);
  const near = nearMiss(missing.metric, seen);
  const names = seen.length > 0 ? `it reported ${seen.join(', ')}` : 'it reported nothing';
  return new ParamoError({
    code: 'OBJECTIVE_MISSING', message: `trial ${trial.number} ends without its objective ${missing.metric}; ${names}`,
    hint: near ? `Did you mean ${near}? Log ${missing.metric}, or name ${near} in the objective.` : `Log ${missing.metric}, or return it.`,
  });
}

/** Every objective was reported, but not at the step that counts. */
function notWhereItCounts(trial: TrialRecord, objectives: readonly Objective[]): ParamoError {
  const names = objectives.map(({ metric }) => metric).join(' and ');
  if (objectives.length > 1) {
    return new ParamoError({ code: 'OBJECTIVE_MISSING', message: `trial ${trial.number} never reported ${names} at one step`, hint: 'Log them in one call, or with the same step.' });
  }
  const { at } = objectives[0]!;
  const step = typeof at === 'object' ? at.step : 0;
  return new ParamoError({
    code: 'OBJECTIVE_MISSING', message: `trial ${trial.number} ends without ${names} at step ${step}, which the objective asks for`,
    hint: `Log ${names} at step ${step}, or return its value.`,
  });
}
