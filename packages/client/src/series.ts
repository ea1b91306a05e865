import { nearMiss, ParamoError } from '@paramo/core';
import { MetricServiceService } from '@paramo/protocol';
import type { Connection } from './connect.js';
import { isLost } from './link.js';

/** The points of one metric of one trial, as columns of equal length, in order of step. */
export interface Series {
  readonly name: string;
  /** From 0. */
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** Milliseconds since 1970, by the clock of the worker. */
  readonly timesMs: readonly number[];
}

/** Which points are wanted. */
export interface SeriesOptions {
  readonly fromStep?: number;
  readonly toStep?: number;
  /** At most so many, first and last and extremes kept; absent: all. */
  readonly maxPoints?: number;
}

const mostTries = 5;

/** The effective series of a metric. @throws ParamoError INVALID_METRIC with the near miss when the trial has no such metric. */
export async function readSeries(connection: Connection, key: { readonly studyId: string; readonly trial: number }, metric: string, options: SeriesOptions = {}): Promise<Series> {
  for (let tries = 1; ; tries++) {
    try {
      return await stream(connection, key, metric, options);
    } catch (error) {
      if (!isLost(error) || tries === mostTries) throw error;
    }
  }
}

async function stream({ link }: Connection, { studyId, trial }: { readonly studyId: string; readonly trial: number }, metric: string, options: SeriesOptions): Promise<Series> {
  const steps: number[] = [];
  const values: number[] = [];
  const timesMs: number[] = [];
  const request = {
    studyId,
    trial: BigInt(trial),
    names: [metric],
    fromStep: BigInt(options.fromStep ?? 0),
    toStep: options.toStep === undefined ? undefined : BigInt(options.toStep),
    maxPoints: options.maxPoints ?? 0,
    attempt: 0,
  };
  for await (const { series } of link.serverStream(MetricServiceService.streamSeries, request)) {
    for (const step of series?.steps ?? []) steps.push(Number(step));
    for (const value of series?.values ?? []) values.push(value);
    for (const time of series?.timesMs ?? []) timesMs.push(Number(time));
  }
  if (steps.length === 0) {
    const { series } = await link.unary(MetricServiceService.listSeries, { studyId, trial: BigInt(trial) });
    const names = series.map(({ name }) => name);
    if (!names.includes(metric)) throw unknown(metric, trial, names);
  }
  return { name: metric, steps, values, timesMs };
}

function unknown(metric: string, trial: number, names: readonly string[]): ParamoError {
  const near = nearMiss(metric, names);
  const hint = near ? `Did you mean ${near}?` : names.length === 0 ? 'It has logged nothing.' : `It has ${names.slice(0, 20).join(', ')}.`;
  return new ParamoError({ code: 'INVALID_METRIC', message: `trial ${trial} has no metric ${JSON.stringify(metric)}`, hint });
}
