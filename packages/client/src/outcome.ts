import { isSystemMetric, ParamoError } from '@paramo/core';
import type { Values } from '@paramo/core';

/** What code that evaluates a trial may return: nothing, the objective's value, or metrics. They override what was logged. */
export type Outcome = number | Values | void;

/**
 * An outcome as metrics by name.
 * @throws ParamoError INVALID_METRIC when it is something else, or one number stands for several objectives.
 */
export function outcomeValues(outcome: unknown, objectives: readonly string[]): Values {
  if (outcome === undefined || outcome === null) return {};
  if (typeof outcome === 'number') {
    if (objectives.length === 1) return { [objectives[0]!]: outcome };
    const why = objectives.length === 0 ? 'the study has no objective it could be' : `the study has ${objectives.length} objectives`;
    throw invalid(`the result is the number ${outcome}, but ${why}`, `Return an object such as { ${objectives[0] ?? 'loss'}: ${outcome} }.`);
  }
  if (typeof outcome !== 'object' || Array.isArray(outcome)) throw invalid(`the result is ${Array.isArray(outcome) ? 'an array' : `a ${typeof outcome}`}`, 'Return a number, an object of numbers, or nothing.');
  for (const [name, value] of Object.entries(outcome)) {
    if (isSystemMetric(name)) throw invalid(`the result holds ${name}, which tells of the machine and not of the training`, 'Names that begin with system/ are kept for that: choose another.');
    if (typeof value !== 'number') throw invalid(`the result holds ${JSON.stringify(name)}, which is ${kindOf(value)} and not a number`, 'Return a number, an object of numbers, or nothing.');
  }
  return outcome as Values;
}

/** What a value is, in words. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Anything thrown, as the error of a trial. */
export function trialErrorOf(thrown: unknown): { readonly message: string; readonly stack: string } {
  if (!(thrown instanceof Error)) return { message: typeof thrown === 'string' ? thrown : `${ParamoError.from(thrown).summary}`, stack: '' };
  // A ParamoError's message begins with its code; other errors are told apart by their name.
  const message = thrown.name === 'Error' || thrown.name === 'ParamoError' ? thrown.message : `${thrown.name}: ${thrown.message}`;
  return { message: message || thrown.name, stack: thrown.stack ?? '' };
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_METRIC', message, hint });
}
