import { nearMiss, ParamoError } from '@paramo/core';

/**
 * Checks that `options` is an object and has no other names than those known; `prefix` is what stands before them in errors.
 * @throws ParamoError INVALID_OPTIONS naming the option and its near miss.
 */
export function checkNames(options: object, known: readonly string[], prefix = ''): void {
  if (typeof options !== 'object' || options === null) throw invalid(`${prefix.slice(0, -1) || 'the options'} must be an object`, `It may hold ${known.join(', ')}.`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearMiss(name, known);
    throw invalid(`there is no option ${prefix}${name}`, near ? `Did you mean ${prefix}${near}?` : `There are ${known.join(', ')}.`);
  }
}

/** `value` if it is a whole number of at least `least`. @throws ParamoError INVALID_OPTIONS naming the option. */
export function whole(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(`${option} is ${typeof value === 'number' ? value : JSON.stringify(value)}`, `Give a whole number from ${least}.`);
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OPTIONS', message, hint });
}
