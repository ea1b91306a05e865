import { show, valueProblem } from './check-value.js';
import { countCells, mostCells, mostLogInt } from './lattice.js';
import { nearMiss } from './near-miss.js';
import type { FloatParameter, IntParameter, Parameter } from './parameter.js';
import type { ParamValue } from './params.js';
import { ParamoError } from './paramo-error.js';
import { createMapping } from './unit-cube.js';

/** The most values a choice or ordinal may list. */
const mostValues = 10_000;
/** The most UTF-8 bytes of a string value. */
const mostValueBytes = 4096;

const kinds = ['float', 'int', 'choice', 'ordinal', 'bool'] as const;
const scales = ['linear', 'log', 'reverse'] as const;
const numberFields = ['kind', 'low', 'high', 'scale', 'step', 'default'];
const fields: Readonly<Record<Parameter['kind'], readonly string[]>> = {
  float: numberFields,
  int: numberFields,
  choice: ['kind', 'values', 'default'],
  ordinal: ['kind', 'values', 'default'],
  bool: ['kind', 'default'],
};

type Raw = Readonly<Record<string, unknown>>;

/**
 * The parameter that `raw` describes, with nothing in it but what a parameter has.
 * @throws ParamoError INVALID_SPACE naming the parameter, what is wrong, and what to do.
 */
export function checkParameter(name: string, raw: Raw): Parameter {
  const kind = kinds.find((known) => known === raw['kind']);
  if (kind === undefined) throw badKind(name, raw['kind']);
  const known = fields[kind];
  for (const field of Object.keys(raw)) if (!known.includes(field)) throw badField(name, kind, field, known);
  const parameter: Parameter = kind === 'bool' ? { kind } : kind === 'float' || kind === 'int' ? checkRange(name, kind, raw) : { kind, values: checkValues(name, raw['values']) };
  if (raw['default'] === undefined) return parameter;
  const problem = valueProblem(parameter, createMapping(parameter), raw['default']);
  if (problem) throw invalid(`${name}: the default ${problem.problem}`, problem.hint || 'Give a default that the parameter can take.');
  return { ...parameter, default: raw['default'] } as Parameter;
}

/** An INVALID_SPACE error. */
export function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_SPACE', message, hint });
}

function checkRange(name: string, kind: 'float' | 'int', raw: Raw): FloatParameter | IntParameter {
  const { low, high, step } = raw;
  const scale = scales.find((known) => known === (raw['scale'] ?? 'linear'));
  if (scale === undefined) throw invalid(`${name}: ${show(raw['scale'])} is not a scale`, "Give log: true, log: 'reverse', or neither.");
  if (!finite(low) || !finite(high)) throw invalid(`${name}: the range goes from ${show(low)} to ${show(high)}, but both ends must be finite numbers`, 'Give two finite numbers.');
  if (low > high) throw invalid(`${name}: the range is reversed: it goes from ${low} to ${high}`, `Write the lower end first: ${high}, ${low}.`);
  if (kind === 'int') checkWhole(name, low, high, scale);
  else checkReal(name, low, high, scale);
  if (step !== undefined) checkStep(name, kind, low, high, scale, step);
  return { kind, low: low + 0, high: high + 0, scale, ...(step === undefined ? {} : { step }) } as FloatParameter | IntParameter;
}

function checkReal(name: string, low: number, high: number, scale: string): void {
  if (!Number.isFinite(high - low)) throw invalid(`${name}: the range from ${low} to ${high} is wider than a number can say`, 'Give a narrower range.');
  if (scale === 'log' && low <= 0) throw startsAtZero(name, low);
  if (scale === 'reverse' && !(low >= 0 && high < 1)) {
    throw invalid(`${name}: a reverse log range must lie in [0, 1), but goes from ${low} to ${high}`, 'Give 0 ≤ low and high < 1, such as 0 and 0.999; or leave out log.');
  }
}

function checkWhole(name: string, low: number, high: number, scale: string): void {
  if (!Number.isInteger(low) || !Number.isInteger(high)) throw invalid(`${name}: the range goes from ${low} to ${high}, but an int needs whole numbers`, 'Give whole numbers, or use float.');
  const limit = Number.MAX_SAFE_INTEGER;
  if (low < -limit || high > limit) throw invalid(`${name}: the range from ${low} to ${high} goes beyond ±(2^53 − 1), where whole numbers are no longer exact`, 'Give a narrower range, or use float.');
  if (high - low >= mostCells) throw invalid(`${name}: the range from ${low} to ${high} has more than 2^53 values`, 'Give a narrower range.');
  if (scale === 'reverse') throw invalid(`${name}: an int has no reverse log range`, "Use float with log: 'reverse', or leave out log.");
  if (scale === 'log' && low < 1) throw startsAtZero(name, low);
  if (scale === 'log' && high > mostLogInt) throw invalid(`${name}: a log range of whole numbers must end at or below 2^44, but ends at ${high}`, 'Give a lower end, or use float with log.');
}

function checkStep(name: string, kind: string, low: number, high: number, scale: string, step: unknown): void {
  if (scale !== 'linear') throw invalid(`${name}: log and step do not go together`, kind === 'int' ? 'Leave out one of them, or list the values with ordinal([…]).' : 'Leave out the step, or list the values with ordinal([…]).');
  if (!finite(step) || step <= 0) throw invalid(`${name}: the step is ${show(step)}, but must be a number above 0`, 'Give a positive step, or leave it out.');
  if (kind === 'int' && !Number.isInteger(step)) throw invalid(`${name}: the step is ${step}, but an int needs a whole one`, 'Give a whole step, or use float.');
  if (step > (high - low) * (1 + 1e-9) && low !== high) throw invalid(`${name}: the step ${step} is larger than the range from ${low} to ${high}`, `Give a step of at most ${high - low}.`);
  // Neighbours must differ by some units in the last place, or two of them become one number.
  const coarsest = Math.max(Math.abs(low), Math.abs(high)) * 2 ** -50;
  if (kind === 'float' && (step < coarsest || countCells(low, high, step) > mostCells)) {
    throw invalid(`${name}: the step ${step} is too small for the range from ${low} to ${high}`, 'Give a larger step, or leave it out.');
  }
}

function checkValues(name: string, values: unknown): readonly ParamValue[] {
  if (!Array.isArray(values)) throw invalid(`${name}: the values are ${show(values)}, but must be a list`, "Give a list, such as choice(['adam', 'sgd']).");
  if (values.length === 0) throw invalid(`${name}: the list of values is empty`, 'Give at least one value.');
  if (values.length > mostValues) throw invalid(`${name}: ${values.length} values are listed, but at most ${mostValues} may be`, 'Use int or float with a step.');
  const seen = new Set<unknown>();
  for (const value of values) {
    const problem = listedValueProblem(value);
    if (problem) throw invalid(`${name}: the value ${show(value)} ${problem}`, 'Give numbers, strings, true, false or null.');
    if (seen.has(value)) throw invalid(`${name}: the value ${show(value)} is listed twice`, 'List each value once.');
    seen.add(value);
  }
  return Object.freeze(values.map((value: ParamValue) => (value === 0 ? 0 : value)));
}

function listedValueProblem(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'is not finite';
  if (typeof value !== 'string') return 'cannot be a value';
  if (/\p{Cs}/u.test(value)) return 'has half of a character in it (a lone surrogate)';
  return new TextEncoder().encode(value).length > mostValueBytes ? `is longer than ${mostValueBytes} bytes` : undefined;
}

function startsAtZero(name: string, low: number): ParamoError {
  return invalid(`${name}: a log range must start above 0, but starts at ${low}`, 'Give a low above 0, or leave out log.');
}

function badKind(name: string, kind: unknown): ParamoError {
  const near = typeof kind === 'string' ? nearMiss(kind, kinds) : undefined;
  const hint = near ? `Did you mean ${near}?` : 'Use float, int, choice, ordinal or bool, such as float(0, 1); for a fixed value choice([42]).';
  return invalid(kind === undefined ? `${name}: this is not a parameter` : `${name}: ${show(kind)} is not a kind of parameter`, hint);
}

function badField(name: string, kind: string, field: string, known: readonly string[]): ParamoError {
  const names = known.includes('scale') ? [...known, 'log'] : known;
  const near = nearMiss(field, names);
  return invalid(`${name}: ${kind} has no option ${show(field)}`, near ? `Did you mean ${near}?` : `It has: ${names.filter((other) => other !== 'kind').join(', ')}.`);
}

function finite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
