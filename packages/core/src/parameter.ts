import type { ParamValue } from './params.js';

/** How a range is spread over the unit interval: evenly, evenly in ln(x), or evenly in ln(1 − x). */
export type Scale = 'linear' | 'log' | 'reverse';

/** A real number in [low, high]; with a step, one of low, low + step, … up to high. */
export interface FloatParameter {
  readonly kind: 'float';
  readonly low: number;
  readonly high: number;
  readonly scale: Scale;
  readonly step?: number;
  readonly default?: number;
}

/** A whole number in [low, high]; with a step, one of low, low + step, … up to high. */
export interface IntParameter {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  readonly scale: Exclude<Scale, 'reverse'>;
  readonly step?: number;
  readonly default?: number;
}

/** One of some values without an order. */
export interface ChoiceParameter<T extends ParamValue = ParamValue> {
  readonly kind: 'choice';
  readonly values: readonly T[];
  readonly default?: T;
}

/** One of some values in their order. */
export interface OrdinalParameter<T extends ParamValue = ParamValue> {
  readonly kind: 'ordinal';
  readonly values: readonly T[];
  readonly default?: T;
}

/** True or false. */
export interface BoolParameter {
  readonly kind: 'bool';
  readonly default?: boolean;
}

/** One hyperparameter without its name. Made by `float`, `int`, `choice`, `ordinal` and `bool`; `space` checks it. */
export type Parameter = FloatParameter | IntParameter | ChoiceParameter | OrdinalParameter | BoolParameter;

/** The type of a parameter's value. */
export type ParameterValue<P> = P extends { readonly kind: 'float' | 'int' }
  ? number
  : P extends { readonly kind: 'bool' }
    ? boolean
    : P extends { readonly values: readonly (infer T)[] }
      ? T
      : never;

/** Options of `float`. */
export interface FloatOptions {
  /** `true`: uniform in ln(x), needs low > 0. `'reverse'`: uniform in ln(1 − x), needs 0 ≤ low and high < 1. */
  readonly log?: boolean | 'reverse';
  /** Distance between values. Not with `log`. */
  readonly step?: number;
  readonly default?: number;
}

/** Options of `int`. */
export interface IntOptions {
  /** Uniform in ln(x); needs low ≥ 1. */
  readonly log?: boolean;
  /** Distance between values. Not with `log`. */
  readonly step?: number;
  readonly default?: number;
}

/** A real number from `low` to `high`, both included. */
export function float(low: number, high: number, options: FloatOptions = {}): FloatParameter {
  const { log, ...rest } = options;
  return { kind: 'float', low, high, scale: scaleOf(log), ...given(rest) };
}

/** A whole number from `low` to `high`, both included. */
export function int(low: number, high: number, options: IntOptions = {}): IntParameter {
  const { log, ...rest } = options;
  return { kind: 'int', low, high, scale: scaleOf(log) as IntParameter['scale'], ...given(rest) };
}

/** One of `values`, which have no order. */
export function choice<const T extends ParamValue>(values: readonly T[], options: { readonly default?: NoInfer<T> } = {}): ChoiceParameter<T> {
  return { kind: 'choice', values, ...given(options) };
}

/** One of `values`, from the least to the most: neighbours are alike. */
export function ordinal<const T extends ParamValue>(values: readonly T[], options: { readonly default?: NoInfer<T> } = {}): OrdinalParameter<T> {
  return { kind: 'ordinal', values, ...given(options) };
}

/** True or false. */
export function bool(options: { readonly default?: boolean } = {}): BoolParameter {
  return { kind: 'bool', ...given(options) };
}

function scaleOf(log: boolean | string | undefined): Scale {
  // Anything else goes through as it is, so that `space` can name it in its error.
  return log === true ? 'log' : log === undefined || log === false ? 'linear' : (log as Scale);
}

/** The options without those that are undefined, so that `{ step: undefined }` is the same as no step. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
