import { nearMiss } from '@paramo/core';
import type { Json, TrialRecord } from '@paramo/core';

/** What a field of a trial can be in a filter or an order; undefined: the trial does not have it. */
export type FieldValue = string | number | boolean | undefined;

/** The values of a field that holds several, such as tags. There is no order by it. */
export type ListValue = readonly NonNullable<FieldValue>[];

/** Reads one field of a trial. */
export type FieldReader = (trial: TrialRecord) => FieldValue | ListValue;

/** The names a study has, to resolve bare ones and to find near misses. */
export interface FieldNames {
  readonly params: readonly string[];
  readonly metrics: readonly string[];
}

/** The fields every trial has. */
const ownFields: Readonly<Record<string, FieldReader>> = {
  number: (trial) => trial.number,
  state: (trial) => trial.state,
  value: (trial) => trial.value,
  done: (trial) => trial.done,
  attempt: (trial) => trial.attempt,
  phase: (trial) => trial.phase ?? '',
  member: (trial) => trial.member,
  by: (trial) => trial.by,
  retracted: (trial) => trial.retracted,
};

/** Attributes that a bare name finds, where no parameter or metric is called so. */
const notedFields: readonly string[] = ['tags', 'group', 'note'];

/** The fields with few values, and those values. */
export const closedFields: Readonly<Record<string, readonly string[]>> = {
  state: ['waiting', 'running', 'paused', 'completed', 'stopped', 'failed', 'cancelled'],
  by: ['strategy', 'stopper', 'user'],
};

/** A field was not found: what is said of it, and what to write instead. */
export interface UnknownField {
  readonly unknown: string;
  readonly hint: string;
}

/**
 * The reader of a field by name: one of a trial's own fields, `params.x`, `metrics.x` or `attributes.x`, or a bare name of
 * a parameter, else a metric, else what people note: `tags`, `group`, `note`. Without `names` every bare name is taken.
 */
export function findField(name: string, names: FieldNames | undefined): FieldReader | UnknownField {
  const own = Object.hasOwn(ownFields, name) ? ownFields[name] : undefined;
  if (own) return own;
  const dotted = /^(params|metrics|attributes)\.(.+)$/s.exec(name);
  if (dotted) {
    const key = dotted[2]!;
    if (dotted[1] === 'params') return (trial) => plain(read(trial.params, key));
    if (dotted[1] === 'metrics') return (trial) => plain(read(trial.metrics, key));
    return (trial) => listed(read(trial.attributes, key));
  }
  const isNoted = notedFields.includes(name);
  const bare: FieldReader = (trial) => plain(read(trial.params, name) ?? read(trial.metrics, name)) ?? (isNoted ? listed(read(trial.attributes, name)) : undefined);
  if (isNoted || !names || names.params.includes(name) || names.metrics.includes(name)) return bare;
  const near = nearMiss(name, [...Object.keys(ownFields), ...notedFields, ...names.params, ...names.metrics]);
  const hint = near ? `Did you mean "${near}"?` : `Write params.NAME, metrics.NAME or attributes.NAME, or one of ${Object.keys(ownFields).join(', ')}.`;
  return { unknown: `no field, parameter or metric is called "${name}"`, hint };
}

function read<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** A value, or the values of a list. */
function listed(value: Json | undefined): FieldValue | ListValue {
  return Array.isArray(value) ? value.map((one) => plain(one as Json)).filter((one) => one !== undefined) : plain(value);
}

function plain(value: Json | undefined): FieldValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
