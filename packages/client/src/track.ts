import { ParamoError } from '@paramo/core';
import type { Json, ParamValue } from '@paramo/core';
import { jsonObjectToMessage, paramsToMessage, TrialServiceService, workerToMessage } from '@paramo/protocol';
import { createWorker } from './ask.js';
import { attachment } from './attachment.js';
import { checkNames, whole } from './check-options.js';
import type { Connection } from './connect.js';
import { defaultConnection } from './default-connection.js';
import type { EndedAttempt } from './end-attempt.js';
import { conclude, concludeThrown, holdTrial } from './hold-trial.js';
import { openBy } from './open-study.js';
import type { ConnectionOption } from './open-study.js';
import { interruptible } from './interruptible.js';
import type { Outcome } from './outcome.js';
import { createStudyTrial } from './study-trial.js';
import type { StudyTrial } from './study-trial.js';
import { trackingRequest } from './study-options.js';
import type { TrackingStudyOptions } from './study-options.js';
import type { Trial } from './trial.js';

/** What a tracked run is given. */
export interface TrackOptions<P extends Readonly<Record<string, ParamValue>> = Readonly<Record<string, ParamValue>>> extends ConnectionOption {
  /** The run's configuration, brought by you. */
  readonly params?: P;
  readonly seed?: number;
  readonly attributes?: Readonly<Record<string, Json>>;
  /** What the study of this name is given when the run creates it. */
  readonly study?: Omit<TrackingStudyOptions, 'name'>;
  /** Fails the run and rejects with ABORTED. */
  readonly signal?: AbortSignal;
  /** Whether SIGINT and SIGTERM fail the run; true by default. */
  readonly signals?: boolean;
  /** Whether command line, code, environment and machine are kept with the run; true by default, and never with `PARAMO_DESCRIBE=0`. */
  readonly describe?: boolean;
}

const optionNames = ['params', 'seed', 'attributes', 'study', 'signal', 'signals', 'describe', 'connection'] as const;

let slots = 0;

/**
 * Tracks one run in the study `name`, created when it is missing: the study has no strategy, the params are yours.
 * Answers the finished run. What `run` throws fails the run and is thrown on. In a program under `paramo run` it is the trial that this
 * is run for, with its params, and only who runs that ends it.
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
  if (attached) return createStudyTrial<P>(connection, await attached.run(run, { signal: options.signal, signals: options.signals ?? true }));
  const study = await openBy(connection, (requestId) => trackingRequest({ ...options.study, name }, requestId));
  const { assignment } = await connection.link.unary(TrialServiceService.enqueue, {
    studyId: study.id,
    params: paramsToMessage(options.params ?? {}),
    requestId: connection.nextRequestId(),
    fidelity: undefined,
    seed: options.seed === undefined ? undefined : BigInt(whole('seed', options.seed, 0)),
    attributesJson: jsonObjectToMessage(options.attributes ?? {}),
    retryOf: undefined,
    startFor: workerToMessage(createWorker(connection, `run${slots++}`)),
  });
  if (!assignment?.trial) throw new ParamoError({ code: 'STUDY_MISMATCH', message: `study ${JSON.stringify(name)} does not start tracked runs`, hint: 'It is a search: give the run another name.' });
  // No run begins before what it logs is safe.
  await connection.reporter.start();
  const owned = holdTrial<P>({ connection, study: study.record, assignment, held: true, ...(options.describe !== false && { describeAfterMs: 0 }) });
  return follow(connection, name, owned, run, options);
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
