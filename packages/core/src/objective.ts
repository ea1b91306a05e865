import { ParamoError } from './paramo-error.js';
import { isSystemMetric } from './system-metric.js';

/** Which direction is better. */
export type Direction = 'min' | 'max';

/** One objective as a string: `'min val_loss'` or `'max accuracy'`. */
export type ObjectiveString = `${Direction} ${string}`;

/** Which value of a trial's effective series counts: the last (default), the best, or the one at a step. */
export type ValueAt = 'last' | 'best' | { readonly step: number };

/** The long form of one objective. */
export interface ObjectiveGoal<Metric extends string = string> {
  readonly metric: Metric;
  readonly goal: Direction;
  readonly at?: ValueAt;
}

/** What users write: one objective, or several (the study then has a front and no best). */
export type ObjectiveInput = ObjectiveString | ObjectiveGoal | readonly (ObjectiveString | ObjectiveGoal)[];

/** One objective, in full. */
export interface Objective {
  readonly metric: string;
  readonly goal: Direction;
  readonly at: ValueAt;
}

type OneName<O> = O extends `${Direction} ${infer Name}` ? Name : O extends { readonly metric: infer Name extends string } ? Name : never;

/** The metric names of an objective: `MetricNames<'min val_loss'>` is `'val_loss'`. */
export type MetricNames<O> = O extends readonly unknown[] ? OneName<O[number]> : OneName<O>;

/** True in types where the objective is a single one, so that the study has a `best`. */
export type IsSingle<O> = O extends readonly unknown[] ? false : true;

const maxMetricBytes = 256;

/**
 * The objectives named by `input`, at least one.
 * @throws ParamoError INVALID_OBJECTIVE when the text is not `min NAME` or `max NAME`, or a metric is named twice.
 */
export function parseObjective(input: ObjectiveInput): readonly Objective[] {
  const list = (Array.isArray(input) ? input : [input]) as readonly (ObjectiveString | ObjectiveGoal)[];
  if (list.length === 0) throw invalid('the objective is empty', "Give one such as 'min val_loss'.");
  const objectives = list.map(parseOne);
  const twice = objectives.find((o, i) => objectives.findIndex((p) => p.metric === o.metric) !== i);
  if (twice) throw invalid(`metric "${twice.metric}" is named twice`, 'Name each metric once.');
  return objectives;
}

/** The objective in words: `min val_loss`, or `min loss, max accuracy`. */
export function formatObjective(objectives: readonly Objective[]): string {
  return objectives
    .map(({ goal, metric, at }) => `${goal} ${metric}${at === 'last' ? '' : at === 'best' ? ' (best)' : ` (at step ${at.step})`}`)
    .join(', ');
}

/** Whether `a` is strictly better than `b` under `goal`. NaN is never better; any number beats NaN. */
export function isBetter(a: number, b: number, goal: Direction): boolean {
  if (Number.isNaN(a)) return false;
  if (Number.isNaN(b)) return true;
  return goal === 'min' ? a < b : a > b;
}

function parseOne(input: ObjectiveString | ObjectiveGoal): Objective {
  if (typeof input === 'string') {
    const match = /^\s*(min|max)(?:imize)?\s+(\S.*?)\s*$/.exec(input);
    if (!match) throw invalid(`"${input}" is not an objective`, "Write 'min NAME' or 'max NAME', such as 'min val_loss'.");
    return checked({ metric: match[2]!, goal: match[1] as Direction, at: 'last' });
  }
  if (typeof input !== 'object' || input === null) throw invalid(`${String(input)} is not an objective`, "Write 'min NAME' or { metric, goal }.");
  if (input.goal !== 'min' && input.goal !== 'max') throw invalid(`goal ${JSON.stringify(input.goal)} of "${input.metric}" is unknown`, "Give goal: 'min' or goal: 'max'.");
  const at = input.at ?? 'last';
  if (at !== 'last' && at !== 'best' && !(typeof at === 'object' && Number.isSafeInteger(at.step) && at.step >= 0)) {
    throw invalid(`at ${JSON.stringify(at)} of "${input.metric}" is unknown`, "Give at: 'best', at: { step: N } with N from 0, or leave it out for the last value.");
  }
  return checked({ metric: input.metric, goal: input.goal, at });
}

function checked(objective: Objective): Objective {
  const { metric } = objective;
  if (typeof metric !== 'string' || metric.trim() === '') throw invalid('the metric has no name', "Give one such as 'min val_loss'.");
  if (isSystemMetric(metric)) throw invalid(`"${metric}" tells of the machine and not of the training`, 'Names that begin with system/ are kept for that: choose another metric.');
  if (metric.length > maxMetricBytes) throw invalid(`the metric's name has ${metric.length} characters`, `Use at most ${maxMetricBytes}.`);
  return objective;
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OBJECTIVE', message, hint });
}
