import type { Json, ParamValue, StudyRecord, TrialRecord } from '@paramo/core';
import type { Field } from './output.js';
import { formatDuration, formatNumber } from './terminal/format.js';

const reasonWidth = 60;
const paramWidth = 24;

/** The columns of a listing of trials: what they came to, then every parameter. */
export function trialFields({ spec }: StudyRecord, trials: readonly TrialRecord[]): readonly Field<TrialRecord>[] {
  const single = spec.objectives.length === 1;
  const values: Field<TrialRecord>[] = spec.objectives.map(({ metric }) => {
    const value = (trial: TrialRecord): number | undefined => (single ? trial.value : trial.values[metric]) ?? trial.metrics[metric];
    return { title: metric, align: 'right', value, human: (trial) => formatOptional(value(trial)) };
  });
  // A tracked run has no objective: its metrics are what there is to see.
  const metrics: Field<TrialRecord>[] =
    spec.objectives.length > 0 ? [] : namesOf(trials, ({ metrics: found }) => found).map((name) => ({ title: name, align: 'right', value: (trial) => trial.metrics[name], human: (trial) => formatOptional(trial.metrics[name]) }));
  const params: Field<TrialRecord>[] = (spec.space?.parameters.map(({ name }) => name) ?? namesOf(trials, ({ params: found }) => found)).map((name) => ({
    title: name,
    align: trials.every((trial) => typeof (trial.params[name] ?? 0) === 'number') ? 'right' : 'left',
    maxWidth: paramWidth,
    value: (trial) => trial.params[name],
    human: (trial) => formatParam(trial.params[name]),
  }));
  return [
    { title: 'trial', align: 'right', value: ({ number }) => number },
    { title: 'state', value: ({ state }) => state },
    ...values,
    ...metrics,
    { title: 'steps', align: 'right', value: ({ done }) => done },
    { title: 'ms', align: 'right', value: durationMs, human: (trial) => (durationMs(trial) === undefined ? '' : formatDuration(durationMs(trial)!)) },
    ...params,
    ...notedFields(trials),
    { title: 'reason', maxWidth: reasonWidth, value: ({ reason, error }) => error?.message || reason },
  ];
}

/** What people have noted, where they have. */
function notedFields(trials: readonly TrialRecord[]): readonly Field<TrialRecord>[] {
  return ['tags', 'group', 'note'].filter((name) => trials.some(({ attributes }) => attributes[name] !== undefined)).map((title) => ({
    title,
    maxWidth: reasonWidth,
    value: ({ attributes }) => formatAttribute(attributes[title]),
  }));
}

/** An attribute's value as people read it: a list of texts, such as tags, without brackets. */
export function formatAttribute(value: Json | undefined): string | number | boolean | undefined {
  if (value === undefined || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.map((one: string) => (/[\s,]/.test(one) ? JSON.stringify(one) : one)).join(' ') : JSON.stringify(value);
}

/** A parameter's value as people read it; a parameter of another branch is empty. */
export function formatParam(value: ParamValue | undefined): string {
  return value === undefined ? '' : typeof value === 'number' ? formatNumber(value) : String(value);
}

function durationMs({ startedMs, endedMs }: TrialRecord): number | undefined {
  return startedMs > 0 && endedMs > 0 ? endedMs - startedMs : undefined;
}

function formatOptional(value: number | undefined): string {
  return value === undefined ? '' : formatNumber(value);
}

function namesOf(trials: readonly TrialRecord[], part: (trial: TrialRecord) => object): readonly string[] {
  return [...new Set(trials.flatMap((trial) => Object.keys(part(trial))))];
}
