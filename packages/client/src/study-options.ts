import { ParamoError, parseObjective } from '@paramo/core';
import type { Budget, Json, ObjectiveInput, Params, Space } from '@paramo/core';
import { OpenMode, studySpecToMessage } from '@paramo/protocol';
import type { OpenStudyRequest, StudyRules } from '@paramo/protocol';
import { checkNames, whole } from './check-options.js';
import { parseDuration } from './duration.js';
import type { Duration } from './duration.js';
import { pluginReference } from './plugin-choice.js';
import type { StopperChoice, StrategyChoice } from './plugin-choice.js';

/** Limits kept by the daemon at admission. Absent: no limit. */
export interface BudgetOptions {
  /** First starts of trials. */
  readonly trials?: number;
  /** Distinct training steps over all trials. */
  readonly steps?: number;
  /** Time with at least one trial running: milliseconds, or text such as `'10m'`. */
  readonly wall?: Duration;
  /** In your own unit, as reported. */
  readonly cost?: number;
  /** The most one trial can cost; makes the cost budget exact. */
  readonly costPerTrial?: number;
}

/** What a study of any kind may be given. */
export interface CommonStudyOptions {
  /** Its label: who opens a study of the same name joins it. */
  readonly name: string;
  readonly budget?: BudgetOptions;
  /** Mixed into every random stream, a whole number from 0; absent: drawn by the daemon. */
  readonly seed?: number;
  /** End after so many failed trials in a row; 10 by default. */
  readonly maxFailures?: number;
  /** How often a lost attempt is tried again; 2 by default. */
  readonly retries?: number;
  /** Whether a trial that fails by itself is tried again too. */
  readonly retryOnFailure?: boolean;
  /** How long a worker may be silent before its trial is freed; 30 s by default. */
  readonly lease?: Duration;
  /** How many of its newest checkpoints a trial keeps, beside its best one and those that others start from; 2 by default. */
  readonly keepCheckpoints?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly attributes?: Readonly<Record<string, Json>>;
  /** Give the name to a new study; the old one is kept under another. */
  readonly fresh?: boolean;
}

/** What a search is. */
export interface StudyOptions<S extends Space<Params> = Space<Params>, O extends ObjectiveInput = ObjectiveInput> extends CommonStudyOptions {
  /** What is searched. */
  readonly space: S;
  /** `'min NAME'` or `'max NAME'`; several of them make a front in place of a best. */
  readonly objective: O;
  /** What proposes trials; by default `'bayes'`, or `'random'` with several objectives, which bayes cannot weigh. */
  readonly strategy?: StrategyChoice;
  /** What stops trials early; `'none'` by default. */
  readonly stopper?: StopperChoice;
  /** The most steps a trial takes; stoppers with rungs need it. */
  readonly steps?: number;
  /** `{ strict: w }`: the same seed and w give the same trials for any number of workers and any timing. */
  readonly order?: { readonly strict: number };
  /** End when a completed trial is at least this good. */
  readonly target?: number;
  /** Change the study's space, strategy or stopper to these (revision 2, 3, …); its trials stay usable. */
  readonly revise?: boolean;
}

/** A series of tracked runs. */
export type TrackingStudyOptions = CommonStudyOptions;

const commonNames = ['name', 'budget', 'seed', 'maxFailures', 'retries', 'retryOnFailure', 'lease', 'keepCheckpoints', 'labels', 'attributes', 'fresh'] as const;
const searchNames = [...commonNames, 'space', 'objective', 'strategy', 'stopper', 'steps', 'order', 'target', 'revise'] as const;
const budgetNames = ['trials', 'steps', 'wall', 'cost', 'costPerTrial'] as const;

/**
 * The request that opens a search.
 * @throws ParamoError INVALID_OPTIONS naming the option and its near miss, INVALID_OBJECTIVE.
 */
export function searchRequest(options: StudyOptions, requestId: string): OpenStudyRequest {
  checkNames(options, searchNames);
  const { space, objective, stopper = 'none', steps, order } = options;
  if (typeof space?.spec !== 'object') throw invalid('space is missing or not one', 'Make it with space({ lr: float(1e-5, 1e-1, { log: true }) }).');
  if (space.spec.parameters.length === 0) throw invalid('the space has no parameters', 'Give at least one to search, such as lr: float(1e-5, 1e-1, { log: true }); to only track runs, use track().');
  const objectives = parseObjective(objective);
  const strategy = options.strategy ?? (objectives.length > 1 ? 'random' : 'bayes');
  const request = openRequest(options, requestId, options.fresh ? OpenMode.OPEN_MODE_FRESH : options.revise ? OpenMode.OPEN_MODE_REVISE : OpenMode.OPEN_MODE_JOIN);
  const plan = studySpecToMessage({
    ...emptySpec,
    space: space.spec,
    objectives,
    strategy: pluginReference('strategy', strategy),
    ...(stopper !== 'none' && { stopper: pluginReference('stopper', stopper) }),
    ...(steps !== undefined && { steps: whole('steps', steps, 1) }),
    ...(order !== undefined && { strictOrder: whole('order.strict', order.strict, 1) }),
  }).plan;
  return { ...request, spec: { ...request.spec!, plan } };
}

/** The request that opens a series of tracked runs. @throws ParamoError INVALID_OPTIONS naming the option and its near miss. */
export function trackingRequest(options: TrackingStudyOptions, requestId: string): OpenStudyRequest {
  checkNames(options, commonNames);
  return openRequest(options, requestId, options.fresh ? OpenMode.OPEN_MODE_FRESH : OpenMode.OPEN_MODE_JOIN);
}

const emptySpec = { name: '', objectives: [], budget: {}, rules: { maxFailures: 1, retries: 0, retryOnFailure: false, leaseMs: 0, keepCheckpoints: 1 }, seed: 0, labels: {}, attributes: {} } as const;

function openRequest(options: CommonStudyOptions & { readonly target?: number }, requestId: string, mode: OpenMode): OpenStudyRequest {
  const { name, budget, seed, labels = {}, attributes = {} } = options;
  if (typeof name !== 'string' || name === '') throw invalid('name is missing', 'Give the study a name: it is how other processes join it.');
  const spec = studySpecToMessage({ ...emptySpec, name, budget: budget ? budgetOf(budget) : {}, seed: seed === undefined ? 0 : whole('seed', seed, 0), labels, attributes });
  // What is not asked for stays as it is in a study that is joined.
  return {
    spec: { ...spec, plan: { ...spec.plan!, space: undefined }, budget: budget && spec.budget, seed: seed === undefined ? undefined : spec.seed, rules: rulesOf(options) },
    mode,
    expectedRevision: 0,
    requestId,
  };
}

function budgetOf(options: BudgetOptions): Budget {
  checkNames(options, budgetNames, 'budget.');
  const { trials, steps, wall, cost, costPerTrial } = options;
  return {
    ...(trials !== undefined && { trials: whole('budget.trials', trials, 1) }),
    ...(steps !== undefined && { steps: whole('budget.steps', steps, 1) }),
    ...(wall !== undefined && { wallMs: parseDuration('budget.wall', wall) }),
    ...(cost !== undefined && { cost: positive('budget.cost', cost) }),
    ...(costPerTrial !== undefined && { costPerTrial: positive('budget.costPerTrial', costPerTrial) }),
  };
}

function rulesOf(options: CommonStudyOptions & { readonly target?: number }): StudyRules | undefined {
  const { target, maxFailures, retries, retryOnFailure, lease, keepCheckpoints } = options;
  if ([target, maxFailures, retries, retryOnFailure, lease, keepCheckpoints].every((rule) => rule === undefined)) return undefined;
  if (target !== undefined && !Number.isFinite(target)) throw invalid(`target is ${target}`, "Give a number in the objective's unit.");
  return {
    target,
    maxFailures: maxFailures === undefined ? undefined : whole('maxFailures', maxFailures, 1),
    retries: retries === undefined ? undefined : whole('retries', retries, 0),
    retryOnFailure: retryOnFailure ?? false,
    leaseMs: lease === undefined ? undefined : parseDuration('lease', lease),
    keepCheckpoints: keepCheckpoints === undefined ? undefined : whole('keepCheckpoints', keepCheckpoints, 1),
  };
}

function positive(option: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw invalid(`${option} is ${JSON.stringify(value)}`, 'Give a number above 0.');
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OPTIONS', message, hint });
}
