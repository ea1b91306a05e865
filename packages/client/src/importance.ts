import type { Params, ParameterSpec, SpaceSpec, TrialRecord } from '@paramo/core';
import { correlationRatio, ranks, spearman } from './rank-correlation.js';

/** How strongly a parameter goes with the objective, over the completed trials that have it. */
export interface ParameterImportance {
  readonly parameter: string;
  /**
   * Of a parameter with an order (`float`, `int`, `ordinal`, `bool` with false first) Spearman's ρ with the objective's value, from
   * −1 to 1: above 0 where the value rises with the parameter, whether that is wanted or not. Of a `choice` the correlation
   * ratio η of the value's ranks, from 0 to 1: how far the categories' mean ranks lie apart. 0 where parameter or value
   * never varied.
   */
  readonly correlation: number;
  readonly measure: 'spearman' | 'correlation ratio';
  /** How many trials that rests on. */
  readonly trials: number;
}

const fewestTrials = 3;

/** The parameters of `space` that at least three of `trials` have, strongest correlation first. Trials are completed; those without a value or on part of the data do not count. */
export function parameterImportance(trials: readonly Pick<TrialRecord, 'params' | 'value' | 'fidelity'>[], space: SpaceSpec): readonly ParameterImportance[] {
  const comparable = trials.filter(({ value, fidelity }) => value !== undefined && (fidelity?.data ?? 1) === 1);
  return space.parameters
    .flatMap((parameter): ParameterImportance[] => {
      const having = comparable.filter(({ params }) => params[parameter.name] !== undefined);
      if (having.length < fewestTrials) return [];
      const values = having.map(({ value }) => value!);
      const settings = having.map(({ params }) => params[parameter.name]!);
      const order = orderOf(parameter);
      return [{
        parameter: parameter.name,
        correlation: order ? spearman(settings.map(order), values) : correlationRatio(settings, ranks(values)),
        measure: order ? 'spearman' : 'correlation ratio',
        trials: having.length,
      }];
    })
    .sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
}

/** Where a value stands among others of its parameter; undefined for a choice, whose values have no order. */
function orderOf(parameter: ParameterSpec): ((value: Params[string]) => number) | undefined {
  if (parameter.kind === 'choice') return undefined;
  if (parameter.kind === 'ordinal') return (value) => parameter.values.indexOf(value);
  return Number;
}
