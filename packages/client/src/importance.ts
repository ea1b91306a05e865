import type { Params, ParameterSpec, SpaceSpec, TrialRecord } from '@paramo/core';
import type { Connection } from './connect.js';
import { correlationRatio, ranks, spearman } from './rank-correlation.js';
import { readSeries } from './series.js';

/** How strongly a parameter goes with the objective, over the trials that have it. */
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

/** Series that are read at once. */
const atOnce = 16;

/** Trials with the value that a metric had at a step, in place of the one they ended with; those that did not log it there have none. */
export async function valuesAt(connection: Connection, trials: readonly TrialRecord[], metric: string, step: number): Promise<Pick<TrialRecord, 'params' | 'value' | 'fidelity'>[]> {
  const read = async ({ studyId, number, params, fidelity, metrics }: TrialRecord): Promise<Pick<TrialRecord, 'params' | 'value' | 'fidelity'>> => {
    const { values } = metrics[metric] === undefined ? { values: [] } : await readSeries(connection, { studyId, trial: number }, metric, { fromStep: step, toStep: step });
    const value = values.at(-1);
    return { params, ...(fidelity && { fidelity }), ...(value !== undefined && Number.isFinite(value) && { value }) };
  };
  const found: Pick<TrialRecord, 'params' | 'value' | 'fidelity'>[] = [];
  for (let i = 0; i < trials.length; i += atOnce) found.push(...(await Promise.all(trials.slice(i, i + atOnce).map(read))));
  return found;
}

/** Where a value stands among others of its parameter; undefined for a choice, whose values have no order. */
function orderOf(parameter: ParameterSpec): ((value: Params[string]) => number) | undefined {
  if (parameter.kind === 'choice') return undefined;
  if (parameter.kind === 'ordinal') return (value) => parameter.values.indexOf(value);
  return Number;
}
