import { canonicalJson, formatObjective, formatPlugin, type Json, type ParameterSpec, type PluginReference, type SpaceSpec, type StudyPlan } from '@paramo/core';

/** A way in which a script's study differs from the stored one. */
export interface StudyDifference {
  /** True where no revision can bring them together. */
  readonly fatal: boolean;
  /** Such as `has opt in [adam, sgd]; this script asks for [adam, rmsprop]`. */
  readonly text: string;
}

/** The first difference between a stored plan and the one a script asks for, or undefined when they agree. */
export function findDifference(stored: StudyPlan, asked: StudyPlan): StudyDifference | undefined {
  if (!same(stored.objectives, asked.objectives)) {
    return { fatal: true, text: `has the objective ${formatObjective(stored.objectives) || 'none'}; this script asks for ${formatObjective(asked.objectives) || 'none'}` };
  }
  if (!stored.strategy !== !asked.strategy) {
    return { fatal: true, text: stored.strategy ? 'is tuned; this script only tracks' : 'only tracks runs; this script tunes' };
  }
  const space = spaceDifference(stored.space, asked.space);
  if (space) return { fatal: false, text: space };
  for (const kind of ['strategy', 'stopper'] as const) {
    if (!same(stored[kind], asked[kind])) return { fatal: false, text: `has ${kind} ${plugin(stored[kind])}; this script asks for ${plugin(asked[kind])}` };
  }
  for (const key of ['steps', 'strictOrder', 'phases'] as const) {
    if (!same(stored[key], asked[key])) return { fatal: false, text: `has ${key} ${JSON.stringify(stored[key] ?? null)}; this script asks for ${JSON.stringify(asked[key] ?? null)}` };
  }
  return undefined;
}

function spaceDifference(stored: SpaceSpec | undefined, asked: SpaceSpec | undefined): string | undefined {
  if (same(stored, asked)) return undefined;
  const before = byName(stored);
  const after = byName(asked);
  for (const [name, parameter] of before) {
    const other = after.get(name);
    if (!other) return `has the parameter ${name}; this script does not`;
    if (!same(parameter, other)) {
      const [a, b] = [range(parameter), range(other)];
      return a === b ? `has ${name} as ${JSON.stringify(parameter)}; this script asks for ${JSON.stringify(other)}` : `has ${name} in ${a}; this script asks for ${b}`;
    }
  }
  const added = [...after.keys()].find((name) => !before.has(name));
  return added ? `has no parameter ${added}; this script does` : 'has the same parameters in another order';
}

/** One text a parameter of that name; the same name may stand in several branches. */
function byName(space: SpaceSpec | undefined): Map<string, readonly ParameterSpec[]> {
  const found = new Map<string, ParameterSpec[]>();
  for (const parameter of space?.parameters ?? []) found.set(parameter.name, [...(found.get(parameter.name) ?? []), parameter]);
  return found;
}

function range(parameters: readonly ParameterSpec[]): string {
  return parameters.map(oneRange).join(' or ');
}

function oneRange(parameter: ParameterSpec): string {
  switch (parameter.kind) {
    case 'float':
    case 'int':
      return `[${parameter.low}, ${parameter.high}]${parameter.scale === 'linear' ? '' : ` ${parameter.scale}`}${parameter.step === undefined ? '' : ` step ${parameter.step}`}`;
    case 'choice':
    case 'ordinal':
      return `[${parameter.values.map(String).join(', ')}]`;
    case 'bool':
      return '[true, false]';
  }
}

function plugin(reference: PluginReference | undefined): string {
  return reference ? formatPlugin(reference) : 'none';
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson((a ?? null) as Json) === canonicalJson((b ?? null) as Json);
}
