import type { TrialId } from '@paramo/core';
import type { BatchKey } from './layout.js';
import { addPoints } from './points.js';
import type { Points } from './points.js';

/** What a batch of points needs beside its columns. */
export interface BatchTarget extends BatchKey {
  /** Written after the attempt was fenced: kept apart, never in the effective series. */
  readonly late: boolean;
  /** Time of arrival, for columns that bring no times, in milliseconds since 1970. */
  readonly wallMs: number;
}

/** Points of one metric as they come in; without times they have that of their arrival. */
export interface MetricColumns {
  readonly name: string;
  readonly steps: readonly (number | bigint)[];
  readonly values: readonly number[];
  readonly timesMs: readonly (number | bigint)[];
}

/** The points of one batch, by metric. */
export interface MetricBatch<Series = Points> extends BatchKey {
  readonly late: boolean;
  readonly series: ReadonlyMap<string, Series>;
}

/** Names a trial, or with no `trial` all of a study. */
export interface SeriesOwner {
  readonly studyId: string;
  readonly trial?: TrialId;
}

/** A batch as the store takes it: one series a metric, each point with its time. */
export function metricBatch({ studyId, trial, attempt, writer, sequence, late, wallMs }: BatchTarget, columns: readonly MetricColumns[]): MetricBatch {
  const series = new Map<string, Points>();
  for (const { name, steps, values, timesMs } of columns) {
    if (steps.length === 0) continue;
    const arrival = Math.trunc(wallMs);
    const points = { steps: steps.map(Number), values: [...values], timesMs: timesMs.length > 0 ? timesMs.map(Number) : steps.map(() => arrival) };
    const known = series.get(name);
    if (known) addPoints(known, points);
    else series.set(name, points);
  }
  return { studyId, trial, attempt, writer, sequence, late, series };
}
