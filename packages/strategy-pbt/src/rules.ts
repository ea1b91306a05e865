import type { Objective, OptionsOf, Params, PluginContext, Space, Step } from '@paramo/core';
import { nearMiss, ParamoError } from '@paramo/core';
import type { options } from './options.js';

/** The context of a study that is served by `pbt`. */
export type PbtContext = PluginContext<OptionsOf<typeof options>>;

/** What a study asks of population-based training. */
export interface PbtRules {
  readonly objective: Objective;
  /** How many founders there are. */
  readonly population: number;
  /** The ready interval: steps between two milestones. */
  readonly every: Step;
  /** Steps of a full trial, where nobody is replaced any more. */
  readonly steps: Step;
  /** Params of the first founders, canonical. */
  readonly founders: readonly Params[];
}

const defaultPopulation = 8;
/** Intervals of a trial where the study says how many steps it has and nothing else. */
const defaultIntervals = 20;
/** Room for rounding in quantile × members: 0.29 × 100 is 29. */
const tolerance = 1e-9;

/** How many of `members` the best (or the worst) quantile holds. */
export function quantileSize(quantile: number, members: number): number {
  return Math.floor(quantile * members + tolerance);
}

/**
 * The ready interval that follows from the options and the study.
 * @throws ParamoError INVALID_OPTIONS when the study does not say how many steps a trial takes.
 */
export function readyInterval(context: PbtContext): Step {
  return context.options.every ?? Math.max(1, Math.floor(trialSteps(context) / defaultIntervals));
}

/** Without them nobody could tell whether a donor is at its end; its child would have nothing to train. */
function trialSteps({ options: { every = 5 }, steps }: PbtContext): Step {
  if (steps !== undefined) return steps;
  throw invalid('the study does not say how many steps a trial takes, so a member could be copied at its very end, and its child would have nothing to train', `Give steps to the study beside the strategy, as in steps: ${every * defaultIntervals} (steps=${every * defaultIntervals} in Python).`);
}

/**
 * The rules that follow from the options and the study.
 * @throws ParamoError INVALID_OPTIONS when the study does not fit, with what to change.
 */
export function createPbtRules(context: PbtContext): PbtRules {
  const { space, objectives, trials, options: { exploit, quantile, mutate = [], founders = [] } } = context;
  if (objectives.length > 1) throw invalid(`the study has ${objectives.length} objectives, and members are compared by one`, 'Give one objective, or another strategy.');
  const population = context.options.population ?? trials ?? defaultPopulation;
  if (trials !== undefined && trials < population) {
    const instead = trials < 2 ? '' : `, or population to ${trials} or less`;
    throw invalid(`the population has ${population} members, but the budget allows ${trials} ${trials === 1 ? 'trial' : 'trials'}`, `Set budget.trials to ${population} or more${instead}.`);
  }
  if (population < 2) throw invalid('a population of 1 has nobody to learn from', 'Set budget.trials to 2 or more; 8 is a good start.');
  if (exploit === 'truncation' && quantileSize(quantile, population) < 1) {
    const enough = Math.ceil(1 / quantile - tolerance);
    throw invalid(`a quantile of ${quantile} of ${population} members is nobody, so none would ever be replaced`, `Set population to ${enough} or more, or quantile to ${hundredths(1 / population)} or more.`);
  }
  const every = readyInterval(context);
  const steps = trialSteps(context);
  if (every >= steps) throw invalid(`every is ${every}, but a trial of this study takes ${steps} ${steps === 1 ? 'step' : 'steps'}, so none would ever be replaced`, `Set every to ${Math.max(1, Math.floor(steps / 2))} or less, or allow more steps.`);
  checkNames(space, mutate);
  if (founders.length > population) throw invalid(`there are ${founders.length} founders for ${population} members`, `Leave out ${founders.length - population}, or raise population.`);
  return { objective: objectives[0]!, population, every, steps, founders: founders.map((params) => space.validate(params)) };
}

function checkNames(space: Space, mutate: readonly string[]): void {
  const names = [...new Set(space.dimensions.map(({ name }) => name))];
  for (const name of mutate) {
    if (names.includes(name)) continue;
    const near = nearMiss(name, names);
    throw invalid(`mutate names ${JSON.stringify(name)}, which the space does not have`, near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean ${near}?`);
  }
}

/** A share that is at least `x`, in the fewest digits people like to read. */
function hundredths(x: number): number {
  return Math.min(0.5, Math.ceil(x * 100 - tolerance) / 100);
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OPTIONS', message: `pbt: ${message}`, hint });
}
