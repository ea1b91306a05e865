import { show, valueProblem } from './check-value.js';
import { nearMiss } from './near-miss.js';
import type { Params, ParamValue } from './params.js';
import { ParamoError } from './paramo-error.js';
import type { Dimension } from './unit-cube.js';

/** Whether all conditions of a dimension hold; `valueOf` gives the value of an active parameter, undefined of any other. */
export function activeIn({ parameter }: Dimension, valueOf: (name: string) => ParamValue | undefined): boolean {
  return parameter.when.every(({ parameter: name, equals }) => valueOf(name) === equals);
}

/**
 * The params, copied in the order of the space and frozen.
 * @throws ParamoError INVALID_PARAMS when one is unknown, missing, inactive or out of range.
 */
export function checkParams(dimensions: readonly Dimension[], params: unknown): Params {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) throw invalid(`the params are ${show(params)}, but must be an object of names and values`, '');
  const names = new Set(dimensions.map(({ name }) => name));
  const given = new Map<string, unknown>(Object.entries(params).filter(([, value]) => value !== undefined));
  for (const [name, value] of given) if (!names.has(name)) throw unknown(name, value, names);
  const checked = new Map<string, ParamValue>();
  for (const dimension of dimensions) {
    if (activeIn(dimension, (name) => checked.get(name))) checked.set(dimension.name, checkOne(dimension, given));
  }
  for (const [name, value] of given) if (!checked.has(name)) throw inactive(name, value, dimensions, checked);
  return Object.freeze(Object.fromEntries(checked));
}

function checkOne(dimension: Dimension, given: ReadonlyMap<string, unknown>): ParamValue {
  const { name, parameter } = dimension;
  const value = given.get(name);
  if (value === undefined) {
    const reason = parameter.when.length > 0 ? `, which is needed when ${condition(parameter.when)}` : '';
    throw invalid(`${name} is missing${reason}`, `Give ${name}${parameter.default === undefined ? '' : `; its default is ${show(parameter.default)}`}.`);
  }
  const problem = valueProblem(parameter, dimension, value);
  if (problem) throw invalid(`${name} ${problem.problem}`, problem.hint);
  return value as ParamValue;
}

function unknown(name: string, value: unknown, names: ReadonlySet<string>): ParamoError {
  const near = nearMiss(name, names);
  const known = [...names].slice(0, 20).join(', ');
  const hint = near === undefined ? `The space has: ${known}${names.size > 20 ? ', …' : ''}.` : `Did you mean ${near}?`;
  return invalid(`${show(name)} (${show(value)}) is not a parameter of the space`, hint);
}

function inactive(name: string, value: unknown, dimensions: readonly Dimension[], checked: ReadonlyMap<string, ParamValue>): ParamoError {
  const namesakes = dimensions.filter((dimension) => dimension.name === name);
  const needs = namesakes.map(({ parameter }) => condition(parameter.when)).join(' or ');
  const failed = namesakes[0]!.parameter.when.find((entry) => checked.get(entry.parameter) !== entry.equals)!;
  const is = checked.has(failed.parameter) ? `${failed.parameter} is ${show(checked.get(failed.parameter))}` : `${failed.parameter} is not used`;
  return invalid(`${name} is ${show(value)}, but is used only when ${needs}, and ${is}`, `Leave ${name} out.`);
}

function condition(when: Dimension['parameter']['when']): string {
  return when.map(({ parameter, equals }) => `${parameter} = ${show(equals)}`).join(' and ');
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_PARAMS', message, hint });
}
