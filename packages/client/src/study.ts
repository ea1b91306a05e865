import type { Fidelity, IsSingle, Json, LogEvent, Params, StudyRecord, StudyState, TrialRecord, Values } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { fidelityToMessage, jsonObjectToMessage, paramsToMessage, studyRecordFromMessage, StudyServiceService, studyStates, trialRecordFromMessage, TrialServiceService } from '@paramo/protocol';
import type { Study as StudyMessage } from '@paramo/protocol';
import { createAskAndTell } from './ask-and-tell.js';
import type { AskOptions, WaitingAskOptions } from './ask-and-tell.js';
import { checkNames, whole } from './check-options.js';
import type { Connection } from './connect.js';
import { readTrial } from './end-attempt.js';
import { paretoFront } from './front.js';
import { parameterImportance, valuesAt } from './importance.js';
import type { ParameterImportance } from './importance.js';
import { readSeries } from './series.js';
import type { Series, SeriesOptions } from './series.js';
import { createStudyTrial } from './study-trial.js';
import type { BestTrial, FrontTrial, StudyTrial } from './study-trial.js';
import type { Trial } from './trial.js';
import { watchStudy } from './watch-study.js';
import type { WatchOptions } from './watch-study.js';

/** Which trials, in which order, and how many. */
export interface TrialsOptions {
  /** Such as `state = completed and lr < 1e-2`; absent: all but retracted ones. */
  readonly filter?: string;
  /** `number` (the default), `value`, or a parameter's or metric's name; a leading `-` turns it round. */
  readonly order?: string;
  /** At most so many; absent: all. */
  readonly limit?: number;
}

/** What is asked of a trial beside its params. */
export interface EnqueueOptions {
  readonly fidelity?: Fidelity;
  readonly seed?: number;
  readonly attributes?: Readonly<Record<string, Json>>;
  /** The trial this one is a retry of. */
  readonly retryOf?: number;
}

/** By what parameters are weighed. */
export interface ImportanceOptions {
  /** Index of a step, from 0. */
  readonly step?: number;
}

/** A study, whatever its number of objectives. */
export interface StudyBase<P = Params> {
  /** A ULID; never changes. */
  readonly id: string;
  readonly name: string;
  /** The study as it stood at the last call that read it; `refresh()` reads it anew. */
  readonly record: StudyRecord;
  /** Reads the study. */
  refresh(): Promise<StudyRecord>;
  /** Trials by filter and order; pages are fetched inside. */
  trials(options?: TrialsOptions): Promise<readonly StudyTrial<P>[]>;
  /** @throws ParamoError TRIAL_NOT_FOUND */
  trial(number: number): Promise<StudyTrial<P>>;
  /** The points of one metric of one trial. */
  series(trial: number, metric: string, options?: SeriesOptions): Promise<Series>;
  /** The events of the study's log, and new ones as they come. */
  watch(options?: WatchOptions): AsyncGenerator<LogEvent, void, undefined>;
  /** A trial to evaluate; waits for one. @throws ParamoError STUDY_ENDED when none will come. */
  ask(options?: AskOptions): Promise<Trial<P>>;
  /** The same, with a limit to the wait: undefined when there is none by then. */
  ask(options: WaitingAskOptions): Promise<Trial<P> | undefined>;
  /** Ends a trial that was asked for, by this process or another: with the objective's value, with metrics, or with an error. */
  tell(trial: number | string | Trial<P>, result: number | Values | Error): Promise<StudyTrial<P>>;
  /** Trials one at a time, until the study ends. A trial not ended in the loop's body completes with what was logged; leaving the loop gives it back. */
  each(options?: AskOptions): AsyncGenerator<Trial<P>, void, undefined>;
  /** Adds a trial with these params, to be handed out before those of the strategy. */
  enqueue(params: P, options?: EnqueueOptions): Promise<StudyTrial<P>>;
  /** Hands out nothing until `open()`. */
  pause(reason?: string): Promise<StudyRecord>;
  /** Takes a pause back, or an end. */
  open(reason?: string): Promise<StudyRecord>;
  /** Ends the study; what runs may complete. */
  end(reason?: string): Promise<StudyRecord>;
}

/** A study with one objective. */
export interface SingleStudy<P = Params, O = unknown> extends StudyBase<P> {
  /** The best trial as it stands now; undefined while there is none. */
  best(): Promise<BestTrial<P, O> | undefined>;
  /**
   * How strongly each parameter goes with the objective, strongest first, over the completed trials as they stand now; or, with
   * `step`, over all trials that got there, by their values at that step: where many are stopped early, those that are left no longer
   * show what mattered. It says
   * what goes with what, not why: parameters are weighed one by one, and where a strategy searched, together with its taste.
   * Those that fewer than three of the trials have are left out. @throws ParamoError INVALID_ARGUMENT when the study has not one objective.
   */
  importance(options?: ImportanceOptions): Promise<readonly ParameterImportance[]>;
}

/** A study with several objectives. */
export interface FrontStudy<P = Params, O = unknown> extends StudyBase<P> {
  /** The completed trials that no other one beats in every objective, as they stand now. */
  front(): Promise<readonly FrontTrial<P, O>[]>;
}

/** A study whose params are `P` and whose objective was given as `O`: it has a `best`, or with several objectives a `front`. */
export type Study<P = Params, O = unknown> = IsSingle<O> extends true ? SingleStudy<P, O> : FrontStudy<P, O>;

const importanceNames = ['step'] as const;
const trialsNames = ['filter', 'order', 'limit'] as const;

/** A page holds so many trials: below the size limit of a message even with many params. */
const pageSize = 200;

/** A study over a connection, as it stands in `record`. */
export function createStudy<P>(connection: Connection, opened: StudyRecord): SingleStudy<P> & FrontStudy<P> {
  const { link, nextRequestId } = connection;
  const studyId = opened.studyId;
  let record = opened;
  const desk = createAskAndTell<P>(connection, () => record);

  const read = (message: StudyMessage | undefined): StudyRecord => {
    record = studyRecordOf(message);
    return record;
  };
  const refresh = async (): Promise<StudyRecord> => read((await link.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } })).study);
  const update = async (state: StudyState, reason: string): Promise<StudyRecord> =>
    read((await link.unary(StudyServiceService.updateStudy, { studyId, budget: undefined, rules: undefined, labels: undefined, state: studyStates.toMessage(state), reason })).study);
  const wrap = (trial: TrialRecord): StudyTrial<P> => createStudyTrial<P>(connection, trial);
  const readTrials = async (options: TrialsOptions): Promise<TrialRecord[]> => {
    checkNames(options, trialsNames);
    const { filter = '', order = '', limit = Number.POSITIVE_INFINITY } = options;
    if (limit !== Number.POSITIVE_INFINITY) whole('limit', limit, 0);
    const found: TrialRecord[] = [];
    for (let pageToken = ''; found.length < limit; ) {
      const page = await link.unary(TrialServiceService.listTrials, { studyId, filter, order, pageSize: Math.min(pageSize, limit - found.length), pageToken });
      found.push(...page.trials.map((trial) => trialRecordFromMessage(trial)));
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    return found;
  };
  const trials = async (options: TrialsOptions = {}): Promise<StudyTrial<P>[]> => (await readTrials(options)).map(wrap);
  const ask = (options: AskOptions & Partial<WaitingAskOptions> = {}): Promise<Trial<P> | undefined> => desk.ask(options);

  return {
    id: studyId,
    get name() {
      return record.spec.name;
    },
    get record() {
      return record;
    },
    refresh,
    async best() {
      const { bestTrial } = await refresh();
      return bestTrial === undefined ? undefined : (wrap(await readTrial(connection, { studyId, trial: bestTrial })) as BestTrial<P>);
    },
    async front() {
      return paretoFront(await trials({ filter: 'state = completed' }), record.spec.objectives) as readonly FrontTrial<P>[];
    },
    async importance(options = {}) {
      checkNames(options, importanceNames);
      const { spec } = await refresh();
      if (spec.objectives.length !== 1 || !spec.space) throw notOneObjective(spec.name, spec.objectives.length);
      const { step } = options;
      if (step === undefined) return parameterImportance(await readTrials({ filter: 'state = completed' }), spec.space);
      const reached = (await readTrials({})).filter(({ done }) => done > whole('step', step, 0));
      return parameterImportance(await valuesAt(connection, reached, spec.objectives[0]!.metric, step), spec.space);
    },
    trials,
    trial: async (number) => wrap(await readTrial(connection, { studyId, trial: whole('number', number, 0) })),
    series: (trial, metric, options) => readSeries(connection, { studyId, trial }, metric, options),
    watch: (options) => watchStudy(connection, studyId, options),
    // The two signatures differ in what `wait` makes possible, which only the caller's types show.
    ask: ask as StudyBase<P>['ask'],
    tell: async (which, result) => wrap(await desk.tell(which, result)),
    each: (options = {}) => desk.each(options),
    async enqueue(params, { fidelity, seed, attributes = {}, retryOf } = {}) {
      const response = await link.unary(TrialServiceService.enqueue, {
        studyId,
        params: paramsToMessage(params as Params),
        requestId: nextRequestId(),
        fidelity: fidelity && fidelityToMessage(fidelity),
        seed: seed === undefined ? undefined : BigInt(whole('seed', seed, 0)),
        attributesJson: jsonObjectToMessage(attributes),
        retryOf: retryOf === undefined ? undefined : BigInt(whole('retryOf', retryOf, 0)),
        startFor: undefined,
      });
      if (!response.trial) throw noAnswer('trial');
      return wrap(trialRecordFromMessage(response.trial));
    },
    pause: (reason = '') => update('paused', reason),
    open: (reason = '') => update('open', reason),
    end: (reason = '') => update('ended', reason),
  };
}

function notOneObjective(name: string, objectives: number): ParamoError {
  return new ParamoError({
    code: 'INVALID_ARGUMENT',
    message: `study "${name}" ${objectives === 0 ? 'tracks runs and has no objective' : `has ${objectives} objectives`}, and importance is that for one`,
    hint: 'Export its trials with `paramo export` and look at one metric at a time.',
  });
}

/** The study in an answer. */
export function studyRecordOf(message: StudyMessage | undefined): StudyRecord {
  if (!message) throw noAnswer('study');
  return studyRecordFromMessage(message);
}

function noAnswer(what: string): ParamoError {
  return new ParamoError({ code: 'INTERNAL', message: `the daemon answered without the ${what}`, hint: 'Bring client and daemon to the same version.' });
}
