import { checkParameter, invalid } from './check-parameter.js';
import { show } from './check-value.js';
import { nearMiss } from './near-miss.js';
import type { Condition, ParameterSpec, SpaceSpec } from './parameter-spec.js';
import type { ParamValue } from './params.js';
import type { ParamoError } from './paramo-error.js';
import { createMapping, dimensionKey } from './unit-cube.js';
import type { UnitMapping } from './unit-cube.js';

const mostParameters = 1000;
const mostNameBytes = 256;
const mostConditions = 64;

/** A parameter checked so far. */
interface Earlier {
  readonly parameter: ParameterSpec;
  /** Its conditions by name. */
  readonly needs: ReadonlyMap<string, ParamValue>;
  readonly mapping: UnitMapping;
}

/**
 * The space that `value` describes, frozen, with nothing in it but what a space has.
 * @throws ParamoError INVALID_SPACE naming the parameter, what is wrong, and what to do.
 */
export function checkSpaceSpec(value: unknown): SpaceSpec {
  if (!isRecord(value) || !Array.isArray(value['parameters'])) throw invalid(`the space is ${show(value)}, but must be { parameters: […] }`, 'Build it with space({ … }).');
  const extra = Object.keys(value).find((name) => name !== 'parameters');
  if (extra !== undefined) throw invalid(`the space has an unknown field ${show(extra)}`, 'It has parameters, and nothing else.');
  const raw: readonly unknown[] = value['parameters'];
  if (raw.length > mostParameters) throw invalid(`the space has ${raw.length} parameters, but at most ${mostParameters} are possible`, 'Leave some at a fixed value.');
  const byName = new Map<string, Earlier[]>();
  const keys = new Set<string>();
  const parameters = raw.map((entry) => {
    const parameter = checkOne(entry, byName);
    const namesakes = byName.get(parameter.name) ?? [];
    if (namesakes.some((other) => !exclusive(parameter.when, other.needs)) || keys.has(dimensionKey(parameter))) throw sameName(parameter);
    keys.add(dimensionKey(parameter));
    namesakes.push({ parameter, needs: new Map(parameter.when.map((condition) => [condition.parameter, condition.equals])), mapping: createMapping(parameter) });
    byName.set(parameter.name, namesakes);
    return parameter;
  });
  return Object.freeze({ parameters: Object.freeze(parameters) });
}

function checkOne(entry: unknown, earlier: ReadonlyMap<string, readonly Earlier[]>): ParameterSpec {
  if (!isRecord(entry)) throw invalid(`${show(entry)} is not a parameter`, 'Use float, int, choice, ordinal or bool.');
  const { name, when, ...rest } = entry;
  checkName(name);
  const conditions = checkConditions(name, when ?? [], earlier);
  return Object.freeze({ name, when: conditions, ...checkParameter(name, rest) });
}

function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw invalid(`${show(name)} is not a name of a parameter`, 'Give a string.');
  if (name.trim() === '') throw invalid(`the name ${show(name)} of a parameter is empty`, 'Give it a name.');
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > mostNameBytes) throw invalid(`the name ${show(name)} has ${bytes} bytes, but at most ${mostNameBytes} are possible`, 'Give a shorter name.');
  if (/[\p{Cc}\p{Cs}\u2028\u2029\uFFFD]/u.test(name)) {
    throw invalid(`the name ${show(name)} has a control character, half a character or the replacement character U+FFFD in it`, 'Use letters, digits and punctuation.');
  }
}

function checkConditions(name: string, when: unknown, earlier: ReadonlyMap<string, readonly Earlier[]>): readonly Condition[] {
  if (!Array.isArray(when) || when.length > mostConditions) throw invalid(`${name}: when is ${show(when)}, but must be a list of at most ${mostConditions} conditions`, 'Give [{ parameter, equals }].');
  const conditions: Condition[] = [];
  for (const entry of when as readonly unknown[]) {
    const { parameter, equals, ...rest } = isRecord(entry) ? entry : {};
    if (typeof parameter !== 'string' || equals === undefined || Object.keys(rest).length > 0) throw invalid(`${name}: ${show(entry)} is not a condition`, 'Give { parameter, equals }.');
    if (conditions.some((other) => other.parameter === parameter)) throw invalid(`${name}: two conditions name ${show(parameter)}`, 'Give each parameter one value.');
    conditions.push(Object.freeze({ parameter, equals: equals as null }));
  }
  for (const condition of conditions) checkCondition(name, condition, conditions, earlier);
  return Object.freeze(conditions);
}

function checkCondition(name: string, { parameter, equals }: Condition, all: readonly Condition[], earlier: ReadonlyMap<string, readonly Earlier[]>): void {
  const parents = earlier.get(parameter);
  if (!parents) {
    const near = nearMiss(parameter, earlier.keys());
    throw invalid(`${name}: its condition names ${show(parameter)}, which is no earlier parameter`, near ? `Did you mean ${near}?` : 'List the parameter that decides before those that depend on it.');
  }
  const possible = parents.some(
    (parent) => !exclusive(all, parent.needs) && parent.parameter.kind !== 'float' && parent.parameter.kind !== 'int' && parent.mapping.cellOf(equals) !== undefined,
  );
  if (!possible) throw invalid(`${name}: its condition ${parameter} = ${show(equals)} can never hold`, `Name a value of ${parameter}, which must be a choice, an ordinal or a bool.`);
}

/** Whether the conditions cannot hold together with what another parameter needs. */
function exclusive(when: readonly Condition[], needs: ReadonlyMap<string, ParamValue>): boolean {
  return when.some(({ parameter, equals }) => needs.has(parameter) && needs.get(parameter) !== equals);
}

function sameName({ name }: ParameterSpec): ParamoError {
  return invalid(`${name}: two parameters that can be active at once have this name`, 'Rename one of them; only different arms of one branch may share a name.');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
