import { ParamoError } from '@paramo/core';
import type { IsSingle, ObjectiveInput, Params, ParamsOf, Space, TrialRecord } from '@paramo/core';
import { checkNames, whole } from './check-options.js';
import type { Connection } from './connect.js';
import { defaultConnection } from './default-connection.js';
import { onInterrupt } from './interrupts.js';
import { openStudy } from './open-study.js';
import type { ConnectionOption } from './open-study.js';
import type { Outcome } from './outcome.js';
import type { FrontStudy, SingleStudy } from './study.js';
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

const runNames = ['workers', 'signal', 'signals', 'onTrial', 'connection'] as const;

/** What tuning comes to. */
export type Tuned<P, O> = IsSingle<O> extends true ? TunedBest<P, O> : TunedFront<P, O>;

/**
 * Evaluates trials of a study, created or joined by name, until it ends; answers the best one. An objective that throws
 * fails its trial and the study goes on, up to `maxFailures` in a row. For code that keeps a processor busy pass the URL
 * of a module whose default export is the objective: each worker is then a process.
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
  const { workers = 1, signal, signals = true, onTrial } = run;
  if (typeof objective !== 'function' && !(objective instanceof URL)) throw invalid('the objective is not a function', 'Pass async (trial) => { … } as the second argument, or the URL of a module.');
  whole('workers', workers, 1);
  const connection = run.connection ?? (await defaultConnection());
  // Which of the two it is, `O` decides; here it is both.
  const study = (await openStudy(options, { connection })) as unknown as SingleStudy<P> & FrontStudy<P>;
  if (study.record.state === 'ended') connection.warnings.once(`ended ${study.id}`, alreadyEnded(study));

  const common = { connection, study: study.record, workers, ...(onTrial && { onTrial: (record: TrialRecord) => onTrial(createStudyTrial<P>(connection, record)) }) };
  const pool = objective instanceof URL ? startProcessPool({ ...common, module: objective }) : startTrialPool<P>({ ...common, evaluate: objective });
  await interruptible(connection, pool, { signal, signals, what: `tuning of ${study.name}` });

  const record = await study.refresh();
  const failure = await studyFailure(study);
  if (failure) throw failure;
  if (record.spec.objectives.length > 1) return { front: await study.front(), study } as unknown as Tuned<P, O>;
  const best = await study.best();
  return Object.defineProperty(best as object, 'study', { value: study }) as Tuned<P, O>;
}

/** Waits for `work`, aborting it when the signal or the process's own signals say so. */
export async function interruptible(
  connection: Connection,
  work: { readonly done: Promise<void>; abort(error: ParamoError): Promise<void> },
  { signal, signals, what }: { readonly signal: AbortSignal | undefined; readonly signals: boolean; readonly what: string },
): Promise<void> {
  const onAbort = (): void => void work.abort(aborted(`the ${what} was aborted`, signal?.reason));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  let terminating = false;
  const release = signals
    ? onInterrupt(connection.clock, async (name) => {
        terminating = name === 'SIGTERM';
        await work.abort(aborted(`the ${what} was interrupted by ${name}`));
        if (terminating) await connection.close();
      })
    : undefined;
  try {
    await work.done;
  } finally {
    // The process is about to end with its own exit code; an error thrown now would end it with another.
    if (terminating) await new Promise(() => undefined);
    signal?.removeEventListener('abort', onAbort);
    release?.();
  }
}

function alreadyEnded({ name, record }: SingleStudy): string {
  const used = record.endReason === 'budget' ? 'has used up its budget' : `has ended (${record.endDetail || record.endReason})`;
  return `study ${JSON.stringify(name)} ${used}; raise budget.trials, or give { fresh: true }`;
}

function aborted(message: string, cause?: unknown): ParamoError {
  return new ParamoError({ code: 'ABORTED', message, hint: 'Its running trials were given back; run it again to go on from there.', cause });
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OPTIONS', message, hint });
}
