import { ParamoError } from '@paramo/core';
import type { IsSingle, ObjectiveInput, Params, ParamsOf, Space, TrialRecord } from '@paramo/core';
import { attachment } from './attachment.js';
import type { AttachedRunOptions, Attachment } from './attachment.js';
import { checkNames, whole } from './check-options.js';
import type { Connection } from './connect.js';
import { defaultConnection } from './default-connection.js';
import { interruptible } from './interruptible.js';
import { loadObjective } from './load-objective.js';
import { openStudy } from './open-study.js';
import type { ConnectionOption } from './open-study.js';
import type { Outcome } from './outcome.js';
import { createStudy } from './study.js';
import type { FrontStudy, SingleStudy, StudyBase } from './study.js';
import { startProcessPool } from './process-pool.js';
import { createStudyTrial } from './study-trial.js';
import type { BestTrial, FrontTrial, StudyTrial } from './study-trial.js';
import type { StudyOptions } from './study-options.js';
import type { Trial } from './trial.js';
import { startTrialPool } from './trial-pool.js';
import { studyFailure } from './study-failure.js';

/** How this process works on a study. */
export interface TuneRunOptions<P = Params> extends ConnectionOption {
  /** Trials evaluated at once by this call; 1 by default. Other processes join the study by its name. */
  readonly workers?: number;
  /** Gives the running trials back and rejects with ABORTED. */
  readonly signal?: AbortSignal;
  /** Whether SIGINT and SIGTERM give the running trials back while this runs; true by default. */
  readonly signals?: boolean;
  /**
   * Whether command line, code, environment and machine are kept with trials that last longer than a second; true by default, and never with
   * `PARAMO_DESCRIBE=0`.
   */
  readonly describe?: boolean;
  /** Called after every trial that ended in this process. */
  readonly onTrial?: (trial: StudyTrial<P>) => void | Promise<void>;
}

/** The best trial, with the study it was found in. */
export interface TunedBest<P = Params, O = unknown> extends BestTrial<P, O> {
  readonly study: SingleStudy<P, O>;
}

/** The front of several objectives, with the study it was found in. */
export interface TunedFront<P = Params, O = unknown> {
  readonly front: readonly FrontTrial<P, O>[];
  readonly study: FrontStudy<P, O>;
}

const runNames = ['workers', 'signal', 'signals', 'onTrial', 'describe', 'connection'] as const;

/** What tuning comes to. */
export type Tuned<P, O> = IsSingle<O> extends true ? TunedBest<P, O> : TunedFront<P, O>;

/**
 * Evaluates trials of a study, created or joined by name, until it ends; answers the best one. An objective that throws
 * fails its trial and the study goes on, up to `maxFailures` in a row. For code that keeps a processor busy pass the URL
 * of a module whose default export is the objective: each worker is then a process. In a program under `paramo run` it evaluates
 * the trial that this is run for, once, and answers that one.
 * @throws ParamoError ABORTED when interrupted (the trials are given back and the study goes on later), STUDY_ENDED when
 * it ended without a result, and the code of a plugin or a call that failed.
 */
export async function tune<const S extends Space<Params>, const O extends ObjectiveInput>(
  options: StudyOptions<S, O>,
  objective: ((trial: Trial<ParamsOf<S>>) => Outcome | Promise<Outcome>) | URL,
  run: TuneRunOptions<ParamsOf<S>> = {},
): Promise<Tuned<ParamsOf<S>, O>> {
  type P = ParamsOf<S>;
  checkNames(run, runNames);
  const { workers = 1, signal, signals = true } = run;
  if (typeof objective !== 'function' && !(objective instanceof URL)) throw invalid('the objective is not a function', 'Pass async (trial) => { … } as the second argument, or the URL of a module.');
  whole('workers', workers, 1);
  const connection = run.connection ?? (await defaultConnection());
  const attached = await attachment(connection);
  if (attached) return tuneAttached<S, O>(connection, attached, options, objective, { signal, signals });
  // Which of the two it is, `O` decides; here it is both.
  const study = (await openStudy(options, { connection })) as unknown as SingleStudy<P> & FrontStudy<P>;
  await workOn(study, objective, { ...run, connection });
  if (study.record.spec.objectives.length > 1) return { front: await study.front(), study } as unknown as Tuned<P, O>;
  for (;;) {
    const best = await study.best();
    if (best) return Object.defineProperty(best as object, 'study', { value: study }) as Tuned<P, O>;
    // The last one that had a value was retracted since the study was looked at.
    await study.refresh();
    const failure = await studyFailure(study);
    if (failure) throw failure;
  }
}

/** Evaluates trials of a study that was opened or found, until it ends. @throws as `tune` does. */
export async function workOn<P>(study: StudyBase<P>, objective: ((trial: Trial<P>) => unknown) | URL, { workers = 1, signal, signals = true, onTrial, describe = true, connection }: TuneRunOptions<P> & { readonly connection: Connection }): Promise<void> {
  if (study.record.state === 'ended') connection.warnings.once(`ended ${study.id}`, alreadyEnded(study));
  const common = { connection, study: study.record, workers, describe, ...(onTrial && { onTrial: (record: TrialRecord) => onTrial(createStudyTrial<P>(connection, record)) }) };
  const pool = objective instanceof URL ? startProcessPool({ ...common, module: objective }) : startTrialPool<P>({ ...common, evaluate: objective });
  await interruptible(connection, pool, { signal, signals, what: `tuning of ${study.name}` });
  await study.refresh();
  const failure = await studyFailure(study);
  if (failure) throw failure;
}

/** Evaluates the trial that this process is run for. */
async function tuneAttached<S extends Space<Params>, O extends ObjectiveInput>(
  connection: Connection,
  { study: record, run }: Attachment,
  { space }: StudyOptions<S, O>,
  objective: ((trial: Trial<ParamsOf<S>>) => Outcome | Promise<Outcome>) | URL,
  options: AttachedRunOptions,
): Promise<Tuned<ParamsOf<S>, O>> {
  type P = ParamsOf<S>;
  const evaluate = objective instanceof URL ? ((await loadObjective(objective.href)) as (trial: Trial<P>) => unknown) : objective;
  const ended = createStudyTrial<P>(connection, await run<P>((trial) => {
    checkParams(space, trial);
    return evaluate(trial);
  }, options));
  const study = createStudy<P>(connection, record);
  if (record.spec.objectives.length > 1) return { front: [ended], study } as unknown as Tuned<P, O>;
  return Object.defineProperty(ended as object, 'study', { value: study }) as Tuned<P, O>;
}

/** The runner's space may be another one; what the program cannot do without must be there. */
function checkParams(space: Space<Params>, { number, params }: Pick<Trial<unknown>, 'number' | 'params'>): void {
  const missing = space.spec.parameters.filter(({ name, when }) => when.length === 0 && !Object.hasOwn(params as Params, name)).map(({ name }) => name);
  if (missing.length > 0) throw invalid(`trial ${number}, for which this program is run, has no ${missing.join(', ')}`, `Give \`paramo run\` the params of this program, such as -p ${missing[0]}=…`);
}

function alreadyEnded<P>({ name, record }: StudyBase<P>): string {
  const used = record.endReason === 'budget' ? 'has used up its budget' : `has ended (${record.endDetail || record.endReason})`;
  return `study ${JSON.stringify(name)} ${used}; raise budget.trials, or give { fresh: true }`;
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OPTIONS', message, hint });
}
