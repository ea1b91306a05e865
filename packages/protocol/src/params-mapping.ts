import type { Explanation, Fidelity, Params, ParamValue, PluginReference, TrialSource, Values, Worker } from '@paramo/core';
import { checkedName, countFromMessage, countToMessage, finite, invalidField, uint32ToMessage } from './check-field.js';
import type {
  Explanation as ExplanationMessage,
  Fidelity as FidelityMessage,
  Params as ParamsMessage,
  ParamValue as ParamValueMessage,
  PluginReference as PluginReferenceMessage,
  TrialSource as TrialSourceMessage,
  Values as ValuesMessage,
  Worker as WorkerMessage,
} from './gen/paramo/v1/value.js';
import { jsonObjectFromMessage, jsonObjectToMessage } from './json-field.js';
import { optional, record } from './record-fields.js';

const maxParams = 1000;
const maxWorkerIdBytes = 128;

/** A parameter's value as a message; null is one without a kind. @throws ParamoError INVALID_ARGUMENT for anything else. */
export function paramValueToMessage(value: ParamValue, path = 'value'): ParamValueMessage {
  if (typeof value === 'number') return { kind: { $case: 'number', value } };
  if (typeof value === 'string') return { kind: { $case: 'text', value } };
  if (typeof value === 'boolean') return { kind: { $case: 'flag', value } };
  if (value === null) return { kind: undefined };
  throw invalidField(path, `is ${describe(value)}, but must be a number, a text, true, false or null`);
}

/** A parameter's value. @throws ParamoError INVALID_ARGUMENT for NaN, infinities and kinds of a later version. */
export function paramValueFromMessage({ kind, _unknownFields }: ParamValueMessage, path: string): ParamValue {
  if (kind === undefined) {
    if (_unknownFields !== undefined) throw invalidField(path, 'is of a kind this version does not know');
    return null;
  }
  return kind.$case === 'number' ? finite(kind.value, path) : kind.value;
}

/** A configuration as a message. @throws ParamoError INVALID_ARGUMENT naming the parameter whose value is none. */
export function paramsToMessage(params: Params, path = 'params'): ParamsMessage {
  if (typeof params !== 'object' || params === null) throw invalidField(path, `is ${describe(params)}, but must be an object of values by name`);
  return { values: new Map(Object.entries(params).map(([name, value]) => [name, paramValueToMessage(value, `${path}.${name}`)])) };
}

/** A configuration. @throws ParamoError INVALID_ARGUMENT for bad names, NaN, infinities, and more than 1000 of them. */
export function paramsFromMessage({ values }: ParamsMessage, path = 'params'): Params {
  if (values.size > maxParams) throw invalidField(path, `holds ${values.size} parameters, but may hold ${maxParams} at most`);
  return Object.fromEntries([...values].map(([name, value]) => [checkedName(name, `${path} (a name)`), paramValueFromMessage(value, `${path}.${name}`)]));
}

/** Numbers by metric name as a message. */
export function valuesToMessage(values: Values): ValuesMessage {
  return { values: new Map(Object.entries(values)) };
}

/** Numbers by metric name; an absent message is an empty record. @throws ParamoError INVALID_ARGUMENT for bad names. */
export function valuesFromMessage(message: ValuesMessage | undefined, path = 'values'): Values {
  return Object.fromEntries([...(message?.values ?? [])].map(([name, value]) => [checkedName(name, `${path} (a name)`), value]));
}

/** Labels as the map of a message. */
export function labelsToMessage(labels: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(labels));
}

/** Labels. @throws ParamoError INVALID_ARGUMENT for bad names. */
export function labelsFromMessage(labels: ReadonlyMap<string, string>, path = 'labels'): Readonly<Record<string, string>> {
  return Object.fromEntries([...labels].map(([name, value]) => [checkedName(name, `${path} (a name)`), value]));
}

/** A fidelity as a message. */
export function fidelityToMessage({ steps, data }: Fidelity): FidelityMessage {
  return { steps: optional(steps, (value) => countToMessage(value, 'fidelity.steps')), data };
}

/** A fidelity. @throws ParamoError INVALID_ARGUMENT for zero steps or a share outside (0, 1]. */
export function fidelityFromMessage({ steps, data }: FidelityMessage, path = 'fidelity'): Fidelity {
  if (data !== undefined && !(data > 0 && data <= 1)) throw invalidField(`${path}.data`, `is ${data}, but must lie in (0, 1]`);
  return record<Fidelity>({ steps: optional(steps, (value) => countFromMessage(value, `${path}.steps`, 1)), data });
}

/** A checkpoint's name as a message. */
export function trialSourceToMessage({ trial, checkpoint, done }: TrialSource): TrialSourceMessage {
  return { trial: countToMessage(trial, 'from.trial'), checkpoint, done: countToMessage(done, 'from.done') };
}

/** A checkpoint's name. @throws ParamoError INVALID_ARGUMENT without a hash. */
export function trialSourceFromMessage({ trial, checkpoint, done }: TrialSourceMessage, path = 'from'): TrialSource {
  return { trial: countFromMessage(trial, `${path}.trial`), checkpoint: checkedName(checkpoint, `${path}.checkpoint`), done: countFromMessage(done, `${path}.done`) };
}

/** A worker as a message. */
export function workerToMessage({ id, process, host, pid, labels }: Worker): WorkerMessage {
  return { id, process, host, pid: uint32ToMessage(pid, 'worker.pid'), labels: labelsToMessage(labels) };
}

/** A worker. @throws ParamoError INVALID_ARGUMENT for ids that are empty, not UTF-8 or above 128 bytes. */
export function workerFromMessage({ id, process, host, pid, labels }: WorkerMessage, path = 'worker'): Worker {
  return {
    id: checkedName(id, `${path}.id`, maxWorkerIdBytes),
    process: checkedName(process, `${path}.process`, maxWorkerIdBytes),
    host,
    pid,
    labels: labelsFromMessage(labels, `${path}.labels`),
  };
}

/** A plugin's name and options as a message. */
export function pluginReferenceToMessage({ name, options }: PluginReference): PluginReferenceMessage {
  return { name, optionsJson: jsonObjectToMessage(options) };
}

/** A plugin's name and options. @throws ParamoError INVALID_ARGUMENT for a bad name or options that are no JSON object. */
export function pluginReferenceFromMessage({ name, optionsJson }: PluginReferenceMessage, path = 'plugin'): PluginReference {
  return { name: checkedName(name, `${path}.name`), options: jsonObjectFromMessage(optionsJson, `${path}.options_json`) };
}

/** A reason as a message. */
export function explanationToMessage(because: Explanation): ExplanationMessage {
  switch (because.kind) {
    case 'default':
      return { kind: { $case: 'defaultReason', value: {} } };
    case 'design':
      return { kind: { $case: 'design', value: { detail: because.detail } } };
    case 'model':
      return { kind: { $case: 'model', value: { mean: because.mean, sd: because.sd, acquisition: because.acquisition, detail: because.detail ?? '' } } };
    case 'exploit':
      return { kind: { $case: 'exploit', value: { donor: countToMessage(because.donor, 'because.donor'), change: because.change } } };
    case 'promotion':
      return { kind: { $case: 'promotion', value: { detail: because.detail } } };
    case 'user':
      return { kind: { $case: 'user', value: { detail: because.detail } } };
  }
}

/** A reason. @throws ParamoError INVALID_ARGUMENT when it says nothing. */
export function explanationFromMessage({ kind }: ExplanationMessage, path = 'because'): Explanation {
  switch (kind?.$case) {
    case 'defaultReason':
      return { kind: 'default' };
    case 'design':
      return { kind: 'design', detail: kind.value.detail };
    case 'model': {
      const { mean, sd, acquisition, detail } = kind.value;
      return { kind: 'model', mean, sd, acquisition, ...(detail && { detail }) };
    }
    case 'exploit':
      return { kind: 'exploit', donor: countFromMessage(kind.value.donor, `${path}.exploit.donor`), change: kind.value.change };
    case 'promotion':
      return { kind: 'promotion', detail: kind.value.detail };
    case 'user':
      return { kind: 'user', detail: kind.value.detail };
    case undefined:
      throw invalidField(`${path}.kind`, 'is not set');
  }
}

/** Callers in JavaScript can pass what the types rule out. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
