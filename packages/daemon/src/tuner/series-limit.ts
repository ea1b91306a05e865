import { ParamoError, type TrialId } from '@paramo/core';
import { contentLimits } from '../limits.js';
import type { MetricColumns } from '../store/metric-batch.js';
import type { AttemptMetrics } from './attempt-metrics.js';

/** The columns of a batch that a trial can take, and the error that names the others. */
export interface TakenSeries {
  readonly series: readonly MetricColumns[];
  readonly refusal?: ParamoError;
}

/** Takes all series that a trial has already, and new ones up to the limit of a trial. */
export function takeSeries(trial: TrialId, metrics: AttemptMetrics | undefined, series: readonly MetricColumns[]): TakenSeries {
  const { series: most } = contentLimits;
  if (!metrics || metrics.count + series.length <= most) return { series };
  const names = new Set<string>();
  const over = new Set<string>();
  const taken = series.filter(({ name }) => {
    if (metrics.has(name) || names.has(name)) return true;
    if (metrics.count + names.size < most) names.add(name);
    else over.add(name);
    return !over.has(name);
  });
  if (over.size === 0) return { series };
  const [first] = over;
  const refusal = new ParamoError({
    code: 'LIMIT_EXCEEDED', message: `trial ${trial} has ${most} series, and ${JSON.stringify(first)}${over.size === 1 ? '' : ` and ${over.size - 1} others`} would be one more; the other series of the batch were stored`,
    hint: 'Log a metric under one name at every step, and put what else tells points apart into params or attributes.',
  });
  return { series: taken, refusal };
}
