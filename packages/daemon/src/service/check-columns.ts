import { ParamoError } from '@paramo/core';
import { checkedName, type Numeric, type SeriesColumns } from '@paramo/protocol';

const largestStep = 2n ** 53n - 2n;

/** How many points the columns hold. */
export function countPoints(series: readonly { readonly steps: readonly unknown[] }[]): number {
  return series.reduce((sum, { steps }) => sum + steps.length, 0);
}

/** @throws ParamoError INVALID_METRIC for a bad name or step, and for columns of unequal length. */
export function checkColumns(series: readonly Numeric<SeriesColumns>[]): void {
  for (const { name, steps, values, timesMs } of series) {
    checkedName(name, 'series.name');
    if (steps.length !== values.length || (timesMs.length > 0 && timesMs.length !== steps.length)) {
      throw invalid(`${name} has ${steps.length} steps, ${values.length} values and ${timesMs.length} times`, 'Send columns of equal length; times may be left out.');
    }
    for (const step of steps) {
      if (typeof step === 'bigint' && step > largestStep) throw invalid(`${name} has the step ${step}`, `Steps go from 0 to ${largestStep}.`);
    }
    for (const ms of timesMs) {
      if (typeof ms === 'bigint' && (ms > largestStep || ms < -largestStep)) throw invalid(`${name} has the time ${ms}`, 'Times are milliseconds since 1970.');
    }
  }
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_METRIC', message, hint });
}
