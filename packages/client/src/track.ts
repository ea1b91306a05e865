import { ParamoError } from '@paramo/core';
import type { Json, ParamValue } from '@paramo/core';
import { jsonObjectToMessage, paramsToMessage, TrialServiceService, workerToMessage } from '@paramo/protocol';
import { createWorker } from './ask.js';
import { attachment } from './attachment.js';
import { checkNames, whole } from './check-options.js';
import type { Connection } from './connect.js';
import { defaultConnection } from './default-connection.js';
import { readTrial } from './end-attempt.js';
import type { EndedAttempt } from './end-attempt.js';
import { conclude, concludeThrown, holdTrial } from './hold-trial.js';
import { changeAttributes, notesToAttributes } from './notes.js';
import type { Notes } from './notes.js';
import { openBy } from './open-study.js';
import type { ConnectionOption } from './open-study.js';
import { interruptible } from './interruptible.js';
import type { Outcome } from './outcome.js';
import { createStudyTrial } from './study-trial.js';
import type { StudyTrial } from './study-trial.js';
import { trackingRequest } from './study-options.js';
import type { TrackingStudyOptions } from './study-options.js';
import type { Trial } from './trial.js';
import { parseTrialVariable, trialVariable } from './trial-variable.js';

/** What a tracked run is given. */
export interface TrackOptions<P extends Readonly<Record<string, ParamValue>> = Readonly<Record<string, ParamValue>>> extends ConnectionOption, Notes {
  /** The run's configuration, brought by you. A run that is resumed has its own: where these are given too, they must be the same. */
  readonly params?: P;
  readonly seed?: number;
  readonly attributes?: Readonly<Record<string, Json>>;
  /**
   * Goes on with this run of the study in place of a new one: its number or `id`. It becomes the run's next attempt, from its newest checkpoint
   * in `run.resume`, or from step 0 where it saved none; whatever the run came to before, unless it still runs.
   */
  readonly resume?: number | string;
  /** What the study of this name is given when the run creates it. */
  readonly study?: Omit<TrackingStudyOptions, 'name'>;
  /** Fails the run and rejects with ABORTED. */
  readonly signal?: AbortSignal;
  /** Whether SIGINT and SIGTERM fail the run; true by default. */
  readonly signals?: boolean;
  /** Whether command line, code, environment and machine are kept with the run; true by default, and never with `PARAMO_DESCRIBE=0`. */
  readonly describe?: boolean;
}

const optionNames = ['params', 'seed', 'attributes', 'tags', 'note', 'group', 'resume', 'study', 'signal', 'signals', 'describe', 'connection'] as const;

let slots = 0;

/**
 * Tracks one run in the study `name`, created when it is missing: the study has no strategy, the params are yours.
 * Answers the finished run. What `run` throws fails the run and is thrown on. In a program under `paramo run` it is the trial that this
 * is run for, with its params, and only who runs that ends it.
 * @throws ParamoError TRIAL_RUNNING when the run to resume still runs, naming who runs it; TRIAL_NOT_FOUND, INVALID_PARAMS.
 */
export async function track<const P extends Readonly<Record<string, ParamValue>> = Readonly<Record<string, never>>>(
  name: string,
  options: TrackOptions<P>,
  run: (run: Trial<P>) => Outcome | Promise<Outcome>,
): Promise<StudyTrial<P>> {
  if (typeof run !== 'function') throw new ParamoError({ code: 'INVALID_OPTIONS', message: 'the run is not a function', hint: 'Pass async (run) => { … } as the third argument, after the name and the options ({} if there are none).' });
  checkNames(options, optionNames);
  const connection = options.connection ?? (await defaultConnection());
  const attached = await attachment(connection);
  const attributes = { ...options.attributes, ...notesToAttributes(options) };
  if (attached) {
    const { studyId, trial } = parseTrialVariable(process.env[trialVariable] ?? '');
    if (Object.keys(attributes).length > 0) await changeAttributes(connection.link, { studyId, trial }, attributes);
    return createStudyTrial<P>(connection, await attached.run(run, { signal: options.signal, signals: options.signals ?? true }));
  }
  const study = await openBy(connection, (requestId) => trackingRequest({ ...options.study, name }, requestId));
  const resume = options.resume === undefined ? undefined : await resumable(connection, study.id, options);
  const { assignment } = await connection.link.unary(TrialServiceService.enqueue, {
    studyId: study.id,
    params: resume === undefined ? paramsToMessage(options.params ?? {}) : undefined,
    requestId: connection.nextRequestId(),
    fidelity: undefined,
    seed: options.seed === undefined ? undefined : BigInt(whole('seed', options.seed, 0)),
    attributesJson: jsonObjectToMessage(attributes),
    retryOf: undefined,
    startFor: workerToMessage(createWorker(connection, `run${slots++}`)),
    resume: resume === undefined ? undefined : BigInt(resume),
  });
  if (resume !== undefined && Object.keys(attributes).length > 0) await changeAttributes(connection.link, { studyId: study.id, trial: resume }, attributes);
  if (!assignment?.trial) throw new ParamoError({ code: 'STUDY_MISMATCH', message: `study ${JSON.stringify(name)} does not start tracked runs`, hint: 'It is a search: give the run another name.' });
  // No run begins before what it logs is safe.
  await connection.reporter.start();
  const owned = holdTrial<P>({ connection, study: study.record, assignment, held: true, ...(options.describe !== false && { describeAfterMs: 0 }) });
  return follow(connection, name, owned, run, options);
}

/** The number of the run to resume, which has the params that are given, if any are. */
async function resumable(connection: Connection, studyId: string, { resume, params }: Pick<TrackOptions, 'resume' | 'params'>): Promise<number> {
  const [, id, text] = /^(?:(.*)\/)?(\d+)$/.exec(String(resume)) ?? [];
  const trial = Number(text);
  if (!Number.isSafeInteger(trial)) throw new ParamoError({ code: 'INVALID_OPTIONS', message: `resume is ${JSON.stringify(resume)}`, hint: "Give the run's number, or its id." });
  if (id !== undefined && id !== studyId) throw new ParamoError({ code: 'STUDY_MISMATCH', message: `the run ${resume} belongs to another study`, hint: 'Give the name of its study.' });
  const record = await readTrial(connection, { studyId, trial });
  const differing = params && [...new Set([...Object.keys(params), ...Object.keys(record.params)])].find((name) => params[name] !== record.params[name]);
  if (differing !== undefined) {
    throw new ParamoError({
      code: 'INVALID_PARAMS', message: `run ${trial} has ${differing} ${JSON.stringify(record.params[differing])}, and this one asks for ${JSON.stringify(params![differing])}`,
      hint: "A run's params never change: leave them out to go on with it, or track a new run.",
    });
  }
  return trial;
}

async function follow<P>(connection: Connection, name: string, owned: ReturnType<typeof holdTrial<P>>, run: (run: Trial<P>) => unknown, options: { readonly signal?: AbortSignal; readonly signals?: boolean }): Promise<StudyTrial<P>> {
  let abortError: ParamoError | undefined;
  let stop: (() => void) | undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let ended: EndedAttempt | undefined;
  let thrown: { readonly error: unknown } | undefined;

  const evaluate = async (): Promise<void> => {
    try {
      await owned.restore();
      const outcome = await run(owned.trial);
      if (!abortError) ended = await owned.end(conclude(owned, outcome, []));
    } catch (error) {
      thrown = { error };
      if (!abortError) ended = await owned.end(concludeThrown(owned, error, []));
    }
  };
  const abort = async (error: ParamoError): Promise<void> => {
    abortError ??= error;
    owned.abort(error.summary);
    // Nobody would take a tracked run up again, so it is not given back.
    await owned.end({ kind: 'fail', message: error.summary, stack: '' }).catch(() => undefined);
    stop?.();
  };
  // The code begins once interrupts are heard: one that came before would end the process without a word.
  const evaluated = Promise.resolve().then(evaluate);
  await interruptible(connection, { done: Promise.race([evaluated, aborted]), abort }, { signal: options.signal, signals: options.signals ?? true, what: `run of ${name}` });
  if (abortError) throw abortError;
  if (thrown) throw thrown.error;
  return createStudyTrial<P>(connection, ended!.record);
}
