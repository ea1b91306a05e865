import type { Parameter } from './parameter.js';
import type { ParamValue } from './params.js';

/** Holds when the parameter of this name is active and has this value. */
export interface Condition {
  readonly parameter: string;
  readonly equals: ParamValue;
}

/** A hyperparameter in its space. It is active while all conditions in `when` hold; none: always. */
export type ParameterSpec = { readonly name: string; readonly when: readonly Condition[] } & Parameter;

/** A space as JSON. The order of the parameters matters: conditions name parameters that come earlier. */
export interface SpaceSpec {
  readonly parameters: readonly ParameterSpec[];
}
