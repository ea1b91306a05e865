import { branchParameters, recordParameters } from './branch.js';
import type { Arm, Branch, BranchParams, ParamsOfRecord } from './branch.js';
import { checkSpaceSpec } from './check-space-spec.js';
import { activeIn, checkParams } from './check-params.js';
import { countSpace } from './count-space.js';
import type { Parameter } from './parameter.js';
import type { SpaceSpec } from './parameter-spec.js';
import type { Params, ParamValue } from './params.js';
import { ParamoError } from './paramo-error.js';
import { createDimension } from './unit-cube.js';
import type { Dimension } from './unit-cube.js';

/** The hyperparameters of a study, and the way to and from the unit cube. `P` is the type of its params. Immutable. */
export interface Space<P extends Params = Params> {
  /** The space as JSON. `createSpace(spec)` is the same space. */
  readonly spec: SpaceSpec;
  /** One a parameter, those of all branches included, in the order of the spec. */
  readonly dimensions: readonly Dimension[];
  /**
   * How many configurations there are, of live combinations only; undefined when a parameter is continuous (or when
   * the conditions are so entangled that they cannot be counted in reasonable time).
   */
  readonly size: bigint | undefined;
  /** This space and a branch. @throws ParamoError INVALID_SPACE when they do not fit together. */
  and<const Name extends string, const Arms extends Readonly<Record<string, Arm>>>(branch: Branch<Name, Arms>): Space<P & BranchParams<Name, Arms>>;
  /** The params, copied and frozen; completes nothing. @throws ParamoError INVALID_PARAMS naming parameter, value, range and near miss. */
  validate(params: unknown): P;
  /** Whether `validate` would accept the params. */
  isValid(params: unknown): params is P;
  /** Whether the parameter of a dimension exists beside these params: all its conditions hold. */
  isActive(dimension: Dimension, params: Params): boolean;
  /** The declared defaults, and the centre of the unit interval where a parameter has none; undefined when none has one. */
  defaults(): P | undefined;
  /** The params at the centre of the unit cube. */
  center(): P;
  /** The point of valid params in the unit cube, one number a dimension; NaN where inactive. */
  toUnit(params: P): Float64Array;
  /**
   * The params at a point of the unit cube. A branch's own coordinate decides which others count; the rest are ignored.
   * @throws ParamoError INVALID_ARGUMENT when the length is wrong or a coordinate that counts is NaN.
   */
  fromUnit(point: ArrayLike<number>): P;
  /** The identity of a configuration: equal for equal params whatever their order, and only then. */
  key(params: Params): string;
}

/** The params of a space: `ParamsOf<typeof mySpace>`. */
export type ParamsOf<S> = S extends { validate(params: unknown): infer P } ? P : never;

/**
 * A space of the named parameters, without branches; `.and(branch(…))` adds them.
 * @throws ParamoError INVALID_SPACE naming the parameter, what is wrong, and what to do.
 */
export function space<const R extends Readonly<Record<string, Parameter>>>(parameters: R): Space<ParamsOfRecord<R>> {
  return openSpace(checkSpaceSpec({ parameters: recordParameters(parameters) }));
}

/** The space of a checked spec. */
export function openSpace<P extends Params>(spec: SpaceSpec): Space<P> {
  const dimensions = Object.freeze(spec.parameters.map(createDimension));
  let size: { readonly count: bigint | undefined } | undefined;

  const build = (valueOf: (dimension: Dimension) => ParamValue): P => {
    const values = new Map<string, ParamValue>();
    for (const dimension of dimensions) {
      if (activeIn(dimension, (name) => values.get(name))) values.set(dimension.name, valueOf(dimension));
    }
    return Object.freeze(Object.fromEntries(values)) as P;
  };
  const isActive = (dimension: Dimension, params: Params): boolean => activeIn(dimension, (name) => (Object.hasOwn(params, name) ? params[name] : undefined));
  const center = (): P => build((dimension) => dimension.fromUnit(0.5));
  const validate = (params: unknown): P => checkParams(dimensions, params) as P;

  return Object.freeze<Space<P>>({
    spec,
    dimensions,
    get size() {
      size ??= { count: countSpace(dimensions) };
      return size.count;
    },
    and: (branch) => openSpace(checkSpaceSpec({ parameters: [...spec.parameters, ...branchParameters(branch)] })),
    validate,
    isValid: (params): params is P => {
      try {
        validate(params);
        return true;
      } catch {
        return false;
      }
    },
    isActive,
    defaults: () => (spec.parameters.some((parameter) => parameter.default !== undefined) ? build((dimension) => dimension.parameter.default ?? dimension.fromUnit(0.5)) : undefined),
    center,
    toUnit: (params) => Float64Array.from(dimensions, (dimension) => (isActive(dimension, params) ? dimension.toUnit(params[dimension.name]!) : NaN)),
    fromUnit: (point) => {
      if (point.length !== dimensions.length) throw badPoint(`the point has ${point.length} coordinates, but the space has ${dimensions.length} dimensions`);
      return build(({ index, key, fromUnit }) => {
        const u = point[index]!;
        if (Number.isNaN(u)) throw badPoint(`the coordinate of ${key} is NaN, but the parameter is active`);
        return fromUnit(u);
      });
    },
    key: (params) => `{${dimensions.filter((dimension) => isActive(dimension, params)).map((dimension) => identity(dimension, params)).join(',')}}`,
  });
}

function identity(dimension: Dimension, params: Params): string {
  const value = Object.hasOwn(params, dimension.name) ? params[dimension.name]! : null;
  const cell = dimension.cellOf(value);
  return `${JSON.stringify(dimension.name)}:${JSON.stringify(cell === undefined ? value : dimension.valueAt(cell))}`;
}

function badPoint(message: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint: 'Give one number from 0 to 1 for each dimension.' });
}
