import { ParamoError, sleep } from '@paramo/core';
import type { Params, StudyRecord, TrialRecord } from '@paramo/core';
import { StudyServiceService, TrialServiceService } from '@paramo/protocol';
import { takeOver } from './ask.js';
import type { Attempt, AttemptName } from './attempt.js';
import type { Connection } from './connect.js';
import { decisionPoints } from './decision-points.js';
import { readTrial } from './end-attempt.js';
import { holdProcess } from './hold-process.js';
import { isAbort } from './hold-trial.js';
import { interruptible } from './interruptible.js';
import { outcomeValues, trialErrorOf } from './outcome.js';
import { createSilentReporter } from './silent-reporter.js';
import { studyRecordOf } from './study.js';
import { createTrial } from './trial.js';
import type { HeldTrial, Trial, TrialTerms } from './trial.js';
import { parseTrialVariable, trialVariable } from './trial-variable.js';
import { waitForNews } from './wait-for-news.js';

/**
 * The trial that this process is run for. Another process runs it, renews its lease and ends it; this one reports: its points, and
 * its checkpoints. Of several processes of a program one reports, the others' points go nowhere.
 */
export interface Attachment {
  readonly study: StudyRecord;
  /** Evaluates the trial once; answers it as it stands then. What `evaluate` returns is logged. @throws what it throws; ParamoError ABORTED. */
  run<P>(evaluate: (trial: Trial<P>) => unknown, options: AttachedRunOptions): Promise<TrialRecord>;
}

/** What may end the evaluation from outside. */
export interface AttachedRunOptions {
  readonly signal: AbortSignal | undefined;
  readonly signals: boolean;
}

/** How long the last points of a run are waited for. */
const lastMs = 5000;
/** How long code that is told to end has, when it saves checkpoints, and when it does not. */
const saveMs = 4000;
const leaveMs = 200;

const attachments = new WeakMap<Connection, Promise<Attachment>>();

/**
 * Attaches to the trial that PARAMO_TRIAL names; undefined where there is none.
 * @throws ParamoError INVALID_ARGUMENT, STUDY_NOT_FOUND, TRIAL_NOT_FOUND, FENCED, TRIAL_ENDED.
 */
export async function attachment(connection: Connection): Promise<Attachment | undefined> {
  const text = process.env[trialVariable];
  if (!text) return undefined;
  let attached = attachments.get(connection);
  if (!attached) attachments.set(connection, (attached = attach(connection, parseTrialVariable(text))));
  return attached;
}

async function attach(connection: Connection, name: AttemptName): Promise<Attachment> {
  const { link, warnings } = connection;
  const key = { studyId: name.studyId, trial: BigInt(name.trial), attempt: name.attempt };
  const [{ assignment, taken }, { study: message }] = await Promise.all([
    link.unary(TrialServiceService.attach, { attempt: key, writerId: isFirstRank() ? connection.writerId : '' }),
    link.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: name.studyId } }),
  ]);
  const study = studyRecordOf(message);
  // One whose reports go nowhere waits for no decision, and saves nothing.
  const over = taken ? { ...connection, reporter: createSilentReporter() } : connection;
  const silence = taken && { milestones: decisionPoints(undefined), checkpoints: decisionPoints(undefined) };
  await over.reporter.start();
  const terms = { ...takeOver(over, study, assignment!, false), ...silence };
  const { attempt } = terms;
  attempt.onNews(() => {
    if (attempt.verdict !== 'fenced' && attempt.verdict !== 'ended') return;
    over.reporter.forgo(attempt);
    warnings.once(`attached ${attempt.verdict}`, `trial ${name.trial} ${attempt.verdict === 'fenced' ? 'was taken over by another worker' : 'is over'}: nothing more of it is logged${attempt.reason === '' ? '' : ` (${attempt.reason})`}`);
  });
  return {
    study,
    run: (evaluate, options) => runAttached(over, study, { ...terms, record: { ...terms.record, params: paramsOf(terms.record) } }, evaluate, options, taken),
  };
}

async function runAttached<P>(connection: Connection, study: StudyRecord, terms: Omit<TrialTerms, 'objectives' | 'studySeed'>, evaluate: (trial: Trial<P>) => unknown, options: AttachedRunOptions, isSilent: boolean): Promise<TrialRecord> {
  const { attempt, record } = terms;
  const objectives = study.spec.objectives.map(({ metric }) => metric);
  let begun = false;
  const stand = async (): Promise<TrialRecord> => {
    await delivered(connection, attempt, lastMs);
    return readTrial(connection, attempt);
  };
  const logOutcome = (outcome: unknown): void => held.trial.log(outcomeValues(outcome, objectives), Math.max(0, held.log.done - 1));
  const held: HeldTrial<P> = createTrial<P>({
    connection,
    terms: { ...terms, objectives, studySeed: study.spec.seed },
    ends: {
      get begun() {
        return begun;
      },
      complete(values) {
        if (!begun) logOutcome(values);
        begun = true;
        return stand();
      },
      fail(error) {
        begun = true;
        // Whoever runs the trial sees it by the exit code, and quotes what was said last.
        process.exitCode ||= 1;
        process.stderr.write(`${trialErrorOf(error).message}\n`);
        return stand();
      },
      release: () => Promise.reject(new ParamoError({ code: 'NOT_SUPPORTED', message: `trial ${record.number} is given back only by the process that runs this program`, hint: 'Throw an error, or end with an exit code.' })),
    },
  });
  if (isSilent) held.trial.checkpoint = () => Promise.resolve(false);
  let abortError: ParamoError | undefined;
  let thrown: { readonly error: unknown } | undefined;
  const evaluated = (async () => {
    try {
      await held.restore();
      const outcome = await evaluate(held.trial);
      if (!begun && !abortError) logOutcome(outcome);
    } catch (error) {
      // An abort that followed a decision is no failure.
      if (!(held.trial.stopped && isAbort(held, error))) thrown = { error };
    }
  })();
  let leave: (() => void) | undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const abort = async (error: ParamoError): Promise<void> => {
    abortError ??= error;
    held.abort(error.summary);
    await Promise.race([evaluated, sleep(connection.clock, held.savesCheckpoints ? saveMs : leaveMs)]);
    await delivered(connection, attempt, leaveMs);
    leave?.();
  };
  // News of decisions come by the stream, which is open while somebody waits for them.
  const release = holdProcess();
  attempt.waiting++;
  try {
    await interruptible(connection, { done: Promise.race([evaluated, left]), abort }, { ...options, what: `run of trial ${record.number}` });
    const now = await stand();
    if (abortError) throw abortError;
    if (thrown) throw thrown.error;
    return now;
  } finally {
    attempt.waiting--;
    release();
    await held.removeRestored();
  }
}

/** Waits until all that was logged is on the daemon's disk. */
async function delivered({ reporter, clock }: Connection, attempt: Attempt, timeoutMs: number): Promise<void> {
  reporter.flush();
  const isGone = (): boolean => attempt.verdict === 'fenced' || attempt.verdict === 'ended';
  await waitForNews({ attempt, reporter, clock, until: () => !attempt.hasWork || isGone(), timeoutMs, goOnWhenAway: false, signal: new AbortController().signal });
}

/** Of the processes that a launcher such as torchrun starts for one training, only the first reports. */
function isFirstRank(): boolean {
  return (process.env['RANK'] || '0') === '0';
}

/** The params as the program is given them: with those that every trial has alike. */
function paramsOf({ params }: TrialRecord): Params {
  const text = process.env['PARAMO_PARAMS'];
  if (!text) return params;
  try {
    return { ...params, ...(JSON.parse(text) as Params) };
  } catch (cause) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'PARAMO_PARAMS is no JSON', hint: 'It is set by `paramo run`: leave it as it is.', cause });
  }
}
