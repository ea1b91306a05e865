import type { DecidedAction, Origin, TrialRecord, TrialState } from '@paramo/core';
import { checkedName, countFromMessage, countToMessage, integerFromMessage, integerToMessage, required, uint32ToMessage } from './check-field.js';
import { enumMapping } from './enum-mapping.js';
import type { EnumMapping } from './enum-mapping.js';
import { DecidedAction as DecidedActionMessage, Origin as OriginMessage, TrialState as TrialStateMessage } from './gen/paramo/v1/trial.js';
import type { Trial as TrialMessage, TrialError as TrialErrorMessage } from './gen/paramo/v1/trial.js';
import { jsonObjectFromMessage, jsonObjectToMessage } from './json-field.js';
import {
  explanationFromMessage, explanationToMessage, fidelityFromMessage, fidelityToMessage, paramsFromMessage, paramsToMessage,
  trialSourceFromMessage, trialSourceToMessage, valuesFromMessage, valuesToMessage, workerFromMessage, workerToMessage,
} from './params-mapping.js';
import { optional, record } from './record-fields.js';

/** The states of a trial by their enum. */
export const trialStates: EnumMapping<TrialState, TrialStateMessage> = enumMapping({
  waiting: TrialStateMessage.TRIAL_STATE_WAITING,
  running: TrialStateMessage.TRIAL_STATE_RUNNING,
  paused: TrialStateMessage.TRIAL_STATE_PAUSED,
  completed: TrialStateMessage.TRIAL_STATE_COMPLETED,
  stopped: TrialStateMessage.TRIAL_STATE_STOPPED,
  failed: TrialStateMessage.TRIAL_STATE_FAILED,
  cancelled: TrialStateMessage.TRIAL_STATE_CANCELLED,
});

/** Who makes trials and decisions, by their enum. */
export const origins: EnumMapping<Origin, OriginMessage> = enumMapping({
  strategy: OriginMessage.ORIGIN_STRATEGY,
  stopper: OriginMessage.ORIGIN_STOPPER,
  user: OriginMessage.ORIGIN_USER,
});

/** What may be decided about a trial, by its enum. */
export const decidedActions: EnumMapping<DecidedAction, DecidedActionMessage> = enumMapping({
  stop: DecidedActionMessage.DECIDED_ACTION_STOP,
  pause: DecidedActionMessage.DECIDED_ACTION_PAUSE,
  replace: DecidedActionMessage.DECIDED_ACTION_REPLACE,
});

/** A trial as it stands, as a message. */
export function trialRecordToMessage(trial: TrialRecord): TrialMessage {
  return {
    studyId: trial.studyId,
    number: countToMessage(trial.number, 'number'),
    state: trialStates.toMessage(trial.state),
    params: paramsToMessage(trial.params),
    revision: trial.revision,
    by: origins.toMessage(trial.by),
    because: explanationToMessage(trial.because),
    fidelity: optional(trial.fidelity, fidelityToMessage),
    from: optional(trial.from, trialSourceToMessage),
    seed: optional(trial.seed, (seed) => countToMessage(seed, 'seed')),
    member: optional(trial.member, (member) => uint32ToMessage(member, 'member')),
    phase: trial.phase ?? '',
    retryOf: optional(trial.retryOf, (number) => countToMessage(number, 'retry_of')),
    attributesJson: jsonObjectToMessage(trial.attributes),
    attempt: trial.attempt,
    done: countToMessage(trial.done, 'done'),
    value: trial.value,
    at: optional(trial.at, (at) => countToMessage(at, 'at')),
    values: valuesToMessage(trial.values),
    metrics: valuesToMessage(trial.metrics),
    reason: trial.reason,
    error: optional(trial.error, trialErrorToMessage),
    worker: optional(trial.worker, workerToMessage),
    lost: trial.lost,
    createdMs: integerToMessage(trial.createdMs, 'created_ms'),
    startedMs: integerToMessage(trial.startedMs, 'started_ms'),
    endedMs: integerToMessage(trial.endedMs, 'ended_ms'),
    checkpoint: optional(trial.checkpoint, trialSourceToMessage),
    retracted: trial.retracted,
  };
}

/** A trial as it stands. @throws ParamoError INVALID_ARGUMENT naming the field. */
export function trialRecordFromMessage(message: TrialMessage, path = 'trial'): TrialRecord {
  return record<TrialRecord>({
    studyId: checkedName(message.studyId, `${path}.study_id`),
    number: countFromMessage(message.number, `${path}.number`),
    state: trialStates.fromMessage(message.state, `${path}.state`),
    params: paramsFromMessage(required(message.params, `${path}.params`), `${path}.params`),
    revision: message.revision,
    by: origins.fromMessage(message.by, `${path}.by`),
    because: explanationFromMessage(required(message.because, `${path}.because`), `${path}.because`),
    fidelity: optional(message.fidelity, (fidelity) => fidelityFromMessage(fidelity, `${path}.fidelity`)),
    from: optional(message.from, (from) => trialSourceFromMessage(from, `${path}.from`)),
    seed: optional(message.seed, (seed) => countFromMessage(seed, `${path}.seed`)),
    member: message.member,
    phase: message.phase || undefined,
    retryOf: optional(message.retryOf, (number) => countFromMessage(number, `${path}.retry_of`)),
    attributes: jsonObjectFromMessage(message.attributesJson, `${path}.attributes_json`),
    attempt: message.attempt,
    done: countFromMessage(message.done, `${path}.done`),
    value: message.value,
    at: optional(message.at, (at) => countFromMessage(at, `${path}.at`)),
    values: valuesFromMessage(message.values, `${path}.values`),
    metrics: valuesFromMessage(message.metrics, `${path}.metrics`),
    reason: message.reason,
    error: optional(message.error, trialErrorFromMessage),
    worker: optional(message.worker, (worker) => workerFromMessage(worker, `${path}.worker`)),
    lost: message.lost,
    createdMs: integerFromMessage(message.createdMs, `${path}.created_ms`),
    startedMs: integerFromMessage(message.startedMs, `${path}.started_ms`),
    endedMs: integerFromMessage(message.endedMs, `${path}.ended_ms`),
    checkpoint: optional(message.checkpoint, (checkpoint) => trialSourceFromMessage(checkpoint, `${path}.checkpoint`)),
    retracted: message.retracted,
  });
}

/** An error of the training code as a message. */
export function trialErrorToMessage({ message, stack }: { readonly message: string; readonly stack: string }): TrialErrorMessage {
  return { message, stack };
}

/** An error of the training code. */
export function trialErrorFromMessage({ message, stack }: TrialErrorMessage): { readonly message: string; readonly stack: string } {
  return { message, stack };
}
