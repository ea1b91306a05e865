import { invalid } from './check-parameter.js';
import { show } from './check-value.js';
import type { Parameter, ParameterValue } from './parameter.js';
import type { ParameterSpec, SpaceSpec } from './parameter-spec.js';

/** The params of a record of parameters. */
export type ParamsOfRecord<R> = { readonly [K in keyof R]: ParameterValue<R[K]> };

/** A space as an arm: its spec, and the type of its params. */
export interface ArmSpace {
  readonly spec: SpaceSpec;
  validate(params: unknown): unknown;
}

/** What an arm of a branch holds: parameters by name, or a whole space, which may branch again. */
export type Arm = Readonly<Record<string, Parameter>> | ArmSpace;

/** A choice whose value decides which other parameters exist. */
export interface Branch<Name extends string = string, Arms extends Readonly<Record<string, Arm>> = Readonly<Record<string, Arm>>> {
  readonly name: Name;
  readonly arms: Arms;
  readonly default?: string;
}

type ArmParams<A> = A extends { validate(params: unknown): infer P } ? P : ParamsOfRecord<A>;

/** The params a branch adds: a union with one member an arm, told apart by the branch's own name. */
export type BranchParams<Name extends string, Arms> = {
  readonly [K in keyof Arms & string]: { readonly [N in Name]: K } & ArmParams<Arms[K]>;
}[keyof Arms & string];

/** A choice `name` between `arms`; only the parameters of the chosen arm are active. For `space({ … }).and(branch(…))`. */
export function branch<const Name extends string, const Arms extends Readonly<Record<string, Arm>>>(
  name: Name,
  arms: Arms,
  options: { readonly default?: NoInfer<keyof Arms & string> } = {},
): Branch<Name, Arms> {
  return { name, arms, ...options };
}

/** The parameters of a branch, the choice first, each with the condition of its arm in front of its own. */
export function branchParameters(branch: Branch): readonly ParameterSpec[] {
  if (typeof branch?.arms !== 'object' || branch.arms === null) throw invalid(`${show(branch)} is not a branch`, "Use branch('model', { mlp: { … }, cnn: { … } }).");
  const { name, arms, default: chosen } = branch;
  const choice = { name, when: [], kind: 'choice', values: Object.keys(arms), ...(chosen === undefined ? {} : { default: chosen }) } as const;
  const dependent = Object.entries(arms).flatMap(([value, arm]) =>
    armParameters(value, arm).map((parameter) => ({ ...parameter, when: [{ parameter: name, equals: value }, ...parameter.when] })),
  );
  return [choice, ...dependent];
}

/** Parameters by name as a list without conditions. @throws ParamoError INVALID_SPACE when it is no record. */
export function recordParameters(record: Readonly<Record<string, Parameter>>): readonly ParameterSpec[] {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) throw invalid(`the parameters are ${show(record)}, but must be an object`, 'Give names and parameters, such as { lr: float(0, 1) }.');
  return Object.entries(record).map(([name, parameter]) => ({ ...parameter, name, when: [] }));
}

function armParameters(value: string, arm: Arm): readonly ParameterSpec[] {
  if (typeof arm !== 'object' || arm === null) throw invalid(`arm ${show(value)} is ${show(arm)}`, 'Give an object of parameters, or a space; {} when it has none.');
  return typeof arm.validate === 'function' ? (arm as ArmSpace).spec.parameters : recordParameters(arm as Readonly<Record<string, Parameter>>);
}
