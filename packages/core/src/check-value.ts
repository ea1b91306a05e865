import { nearMiss } from './near-miss.js';
import type { FloatParameter, IntParameter, Parameter } from './parameter.js';
import type { UnitMapping } from './unit-cube.js';

/** What is wrong with a value, and what to do about it. */
export interface ValueProblem {
  /** Continues a sentence: `is 2, but must be from 0 to 1`. */
  readonly problem: string;
  /** A sentence, or empty. */
  readonly hint: string;
}

const mostShown = 12;

/** What is wrong with `value` as a value of the checked `parameter`, whose mapping is given; undefined when nothing is. */
export function valueProblem(parameter: Parameter, mapping: UnitMapping, value: unknown): ValueProblem | undefined {
  switch (parameter.kind) {
    case 'float':
    case 'int':
      return numberProblem(parameter, mapping, value);
    case 'bool':
      return typeof value === 'boolean' ? undefined : { problem: `is ${show(value)}, but must be true or false`, hint: boolHint(value) };
    case 'choice':
    case 'ordinal':
      return mapping.cellOf(value as null) === undefined ? choiceProblem(parameter.values, value) : undefined;
  }
}

/** A value as it is shown in messages: JSON, cut short. */
export function show(value: unknown): string {
  const text = typeof value === 'number' ? showNumber(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

/** A number as people write it: 1e-5 rather than 0.00001. */
function showNumber(x: number): string {
  return x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential() : String(x);
}

function numberProblem(parameter: FloatParameter | IntParameter, mapping: UnitMapping, value: unknown): ValueProblem | undefined {
  const { kind, low, high, step } = parameter;
  const range = low === high ? showNumber(low) : `${kind === 'int' ? 'a whole number' : 'a number'} from ${showNumber(low)} to ${showNumber(high)}`;
  const problem = `is ${show(value)}, but must be ${range}`;
  if (typeof value !== 'number') {
    const meant = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
    return { problem, hint: Number.isNaN(meant) ? '' : `Give the number ${meant}, without quotes.` };
  }
  if (!(value >= low && value <= high)) return { problem, hint: '' };
  if (mapping.cells === undefined || mapping.cellOf(value) !== undefined) return undefined;
  const nearest = mapping.valueAt(Math.min(mapping.cells - 1, Math.round((value - low) / (step ?? 1))));
  const steps = step === undefined ? range : `${range} in steps of ${showNumber(step)}`;
  return { problem: `is ${show(value)}, but must be ${steps}`, hint: `The nearest such value is ${show(nearest)}.` };
}

function choiceProblem(values: readonly unknown[], value: unknown): ValueProblem {
  const more = values.length > mostShown ? `, … (${values.length} values)` : '';
  const problem = `is ${show(value)}, but must be one of ${values.slice(0, mostShown).map(show).join(', ')}${more}`;
  const alike = values.find((other) => String(other) === String(value));
  if (alike !== undefined) return { problem, hint: `Give ${show(alike)}, a ${alike === null ? 'null' : typeof alike}, in place of a ${value === null ? 'null' : typeof value}.` };
  const words = values.filter((other) => typeof other === 'string');
  const near = typeof value === 'string' ? nearMiss(value, words) : undefined;
  return { problem, hint: near === undefined ? '' : `Did you mean ${show(near)}?` };
}

function boolHint(value: unknown): string {
  const word = String(value).toLowerCase();
  return word === 'true' || word === 'false' ? `Give ${word}, without quotes.` : '';
}
