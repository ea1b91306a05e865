import { mkdir, readdir } from 'node:fs/promises';
import { ParamoError } from '@paramo/core';
import type { MetricNames, Params, TrialRecord } from '@paramo/core';
import { restoreCheckpoint } from './checkpoints/restore-checkpoint.js';
import type { Connection } from './connect.js';
import { readDescription } from './describe/read-artifacts.js';
import type { RunDescription } from './describe/run-description.js';
import { annotate } from './notes.js';
import type { Notes } from './notes.js';
import { readSeries } from './series.js';
import type { Series, SeriesOptions } from './series.js';

/** Metrics by name, those of the objective surely there. */
export type MetricsOf<O> = Readonly<Record<MetricNames<O>, number>> & Readonly<Record<string, number>>;

/** A trial that was read: its record, and a way to its series. */
export interface StudyTrial<P = Params> extends Omit<TrialRecord, 'params'> {
  readonly params: P;
  /** The points of a metric's effective series. @throws ParamoError INVALID_METRIC with the near miss when it was never logged. */
  series(metric: string, options?: SeriesOptions): Promise<Series>;
  /** What it was: command line, code, packages, environment and machine of its newest attempt; undefined where that was not kept. */
  description(): Promise<RunDescription | undefined>;
  /** Replaces what is noted about it, as far as it is given; an empty list or text removes it. */
  annotate(notes: Notes): Promise<void>;
  /**
   * Writes the files of its newest checkpoint into `directory`, which must be empty or not be there yet; every byte is verified.
   * They are yours: copies, not links. @throws ParamoError CHECKPOINT_NOT_FOUND when it has saved none, DATA_LOSS, INVALID_ARGUMENT.
   */
  restore(directory: string): Promise<void>;
}

/** A trial of the front of several objectives. */
export interface FrontTrial<P = Params, O = unknown> extends Omit<StudyTrial<P>, 'metrics' | 'values'> {
  /** The last value of every metric. */
  readonly metrics: MetricsOf<O>;
  /** The objectives' values, taken at one step. */
  readonly values: Readonly<Record<MetricNames<O>, number>>;
}

/** The best trial of a study with one objective. */
export interface BestTrial<P = Params, O = unknown> extends FrontTrial<P, O> {
  /** The objective's value. */
  readonly value: number;
}

/** A record as it is handed to users. Its methods are not enumerable, so that printing and copying show data alone. */
export function createStudyTrial<P>(connection: Connection, record: TrialRecord): StudyTrial<P> {
  const series = (metric: string, options?: SeriesOptions): Promise<Series> => readSeries(connection, { studyId: record.studyId, trial: record.number }, metric, options);
  const restore = async (directory: string): Promise<void> => {
    const { checkpoint, studyId, number } = record;
    if (!checkpoint) throw new ParamoError({ code: 'CHECKPOINT_NOT_FOUND', message: `trial ${number} has saved no checkpoint`, hint: 'Call `await trial.checkpoint((dir) => save(dir))` in the loop over its steps.' });
    await mkdir(directory, { recursive: true });
    if ((await readdir(directory)).length > 0) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `${directory} is not empty`, hint: 'Name a new directory for the files of the checkpoint.' });
    await restoreCheckpoint(connection, { studyId, source: checkpoint, into: directory, share: false });
  };
  const description = (): Promise<RunDescription | undefined> => readDescription(connection, { studyId: record.studyId, trial: record.number });
  const note = async (notes: Notes): Promise<void> => {
    await annotate(connection, { studyId: record.studyId, trial: record.number }, notes);
  };
  return Object.defineProperties({ ...record }, { series: { value: series }, description: { value: description }, annotate: { value: note }, restore: { value: restore } }) as unknown as StudyTrial<P>;
}
