import type { MetricNames, Params, TrialRecord } from '@paramo/core';
import type { Connection } from './connect.js';
import { readSeries } from './series.js';
import type { Series, SeriesOptions } from './series.js';

/** Metrics by name, those of the objective surely there. */
export type MetricsOf<O> = Readonly<Record<MetricNames<O>, number>> & Readonly<Record<string, number>>;

/** A trial that was read: its record, and a way to its series. */
export interface StudyTrial<P = Params> extends Omit<TrialRecord, 'params'> {
  readonly params: P;
  /** The points of a metric's effective series. @throws ParamoError INVALID_METRIC with the near miss when it was never logged. */
  series(metric: string, options?: SeriesOptions): Promise<Series>;
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

/** A record as it is handed to users. `series` is not enumerable, so that printing and copying show data alone. */
export function createStudyTrial<P>(connection: Connection, record: TrialRecord): StudyTrial<P> {
  const series = (metric: string, options?: SeriesOptions): Promise<Series> => readSeries(connection, { studyId: record.studyId, trial: record.number }, metric, options);
  return Object.defineProperty({ ...record }, 'series', { value: series }) as unknown as StudyTrial<P>;
}
