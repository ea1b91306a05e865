import type { LogEntry, TerminalState } from '@paramo/core';
import { checkedName, countFromMessage, invalidField, required } from './check-field.js';
import type { LogEvent as LogEventMessage } from './gen/paramo/v1/event.js';
import { StudyState } from './gen/paramo/v1/study.js';
import { jsonFromMessage, jsonObjectFromMessage } from './json-field.js';
import { explanationFromMessage, fidelityFromMessage, labelsFromMessage, paramsFromMessage, trialSourceFromMessage, valuesFromMessage, workerFromMessage } from './params-mapping.js';
import { optional, record } from './record-fields.js';
import { budgetFromMessage, endReasons, studyPlanFromMessage, studyRulesFromMessage, studySpecFromMessage, studyStates } from './study-mapping.js';
import { seedRequired } from './study-record-mapping.js';
import { decidedActions, origins, trialErrorFromMessage, trialRecordFromMessage, trialStates } from './trial-mapping.js';
import { yieldReasons } from './yield-reasons.js';

type Kind = NonNullable<LogEventMessage['kind']>;
type Entry<Name extends LogEntry['kind']> = Extract<LogEntry, { readonly kind: Name }>;

/** What the `kind` of a message says. @throws ParamoError INVALID_ARGUMENT naming the field. */
export function entryFromMessage(kind: Kind): LogEntry {
  const path = snakeCase(kind.$case);
  const trial = (value: bigint): number => countFromMessage(value, `${path}.trial`);
  const done = (value: bigint): number => countFromMessage(value, `${path}.done`);
  switch (kind.$case) {
    case 'studyCreated': {
      const { studyId, spec } = kind.value;
      const at = `${path}.spec`;
      return { kind: 'study_created', studyId: checkedName(studyId, `${path}.study_id`), spec: studySpecFromMessage(required(spec, at), seedRequired(at), at) };
    }
    case 'studyUpdated': {
      const { name, budget, rules, labels, state, reason } = kind.value;
      return record<Entry<'study_updated'>>({
        kind: 'study_updated',
        name: name === '' ? undefined : checkedName(name, `${path}.name`),
        budget: optional(budget, (value) => budgetFromMessage(value, `${path}.budget`)),
        rules: optional(rules, (value) => studyRulesFromMessage(value, `${path}.rules`)),
        labels: optional(labels, (value) => labelsFromMessage(value.labels, `${path}.labels`)),
        state: state === StudyState.STUDY_STATE_UNSPECIFIED ? undefined : studyStates.fromMessage(state, `${path}.state`),
        reason: reason || undefined,
      });
    }
    case 'studyRevised':
      return { kind: 'study_revised', revision: kind.value.revision, plan: studyPlanFromMessage(required(kind.value.plan, `${path}.plan`), `${path}.plan`) };
    case 'eraOpened': {
      const { era, revision, strategy, stopper, reason } = kind.value;
      const identity = (plugin: { readonly package: string; readonly version: string }): { package: string; version: string } => ({ package: plugin.package, version: plugin.version });
      return record<Entry<'era_opened'>>({ kind: 'era_opened', era, revision, strategy: optional(strategy, identity), stopper: optional(stopper, identity), reason });
    }
    case 'trialCreated': {
      const { value } = kind;
      return record<Entry<'trial_created'>>({
        kind: 'trial_created',
        trial: trial(value.trial),
        by: origins.fromMessage(value.by, `${path}.by`),
        params: paramsFromMessage(required(value.params, `${path}.params`), `${path}.params`),
        revision: value.revision,
        seen: countFromMessage(value.seen, `${path}.seen`),
        because: explanationFromMessage(required(value.because, `${path}.because`), `${path}.because`),
        fidelity: optional(value.fidelity, (fidelity) => fidelityFromMessage(fidelity, `${path}.fidelity`)),
        from: optional(value.from, (from) => trialSourceFromMessage(from, `${path}.from`)),
        seed: optional(value.seed, (seed) => countFromMessage(seed, `${path}.seed`)),
        member: value.member,
        memo: value.memoJson === '' ? undefined : jsonFromMessage(value.memoJson, `${path}.memo_json`),
        phase: value.phase || undefined,
        retryOf: optional(value.retryOf, (number) => countFromMessage(number, `${path}.retry_of`)),
        attributes: value.attributesJson === '' ? undefined : jsonObjectFromMessage(value.attributesJson, `${path}.attributes_json`),
      });
    }
    case 'trialStarted': {
      const { value } = kind;
      const worker = workerFromMessage(required(value.worker, `${path}.worker`), `${path}.worker`);
      return { kind: 'trial_started', trial: trial(value.trial), attempt: value.attempt, done: done(value.done), worker, requestId: value.requestId, leaseMs: value.leaseMs };
    }
    case 'trialReported': {
      const { value } = kind;
      const values = valuesFromMessage(value.values, `${path}.values`);
      return { kind: 'trial_reported', trial: trial(value.trial), attempt: value.attempt, done: done(value.done), values, milestone: countFromMessage(value.milestone, `${path}.milestone`) };
    }
    case 'stepsGranted':
      return { kind: 'steps_granted', trial: trial(kind.value.trial), attempt: kind.value.attempt, through: countFromMessage(kind.value.through, `${path}.through`) };
    case 'trialCheckpointed': {
      const { value } = kind;
      return { kind: 'trial_checkpointed', trial: trial(value.trial), attempt: value.attempt, checkpoint: checkedName(value.checkpoint, `${path}.checkpoint`), done: done(value.done), values: valuesFromMessage(value.values, `${path}.values`), size: countFromMessage(value.size, `${path}.size`) };
    }
    case 'trialDecided': {
      const { value } = kind;
      return record<Entry<'trial_decided'>>({
        kind: 'trial_decided',
        trial: trial(value.trial),
        action: decidedActions.fromMessage(value.action, `${path}.action`),
        by: origins.fromMessage(value.by, `${path}.by`),
        reason: value.reason,
        seen: countFromMessage(value.seen, `${path}.seen`),
        replacement: optional(value.replacement, (number) => countFromMessage(number, `${path}.replacement`)),
      });
    }
    case 'trialYielded': {
      const { value } = kind;
      const why = yieldReasons.fromMessage(value.why, `${path}.why`);
      return { kind: 'trial_yielded', trial: trial(value.trial), attempt: value.attempt, to: value.paused ? 'paused' : 'waiting', why, done: done(value.done), reason: value.reason };
    }
    case 'trialResumed': {
      const { value } = kind;
      const because = explanationFromMessage(required(value.because, `${path}.because`), `${path}.because`);
      return record<Entry<'trial_resumed'>>({
        kind: 'trial_resumed',
        trial: trial(value.trial),
        by: origins.fromMessage(value.by, `${path}.by`),
        because,
        seen: countFromMessage(value.seen, `${path}.seen`),
        over: optional(value.over, (over) => ({ trial: trialRecordFromMessage(over), from: done(value.overFrom) })),
      });
    }
    case 'trialEnded': {
      const { value } = kind;
      return record<Entry<'trial_ended'>>({
        kind: 'trial_ended',
        trial: trial(value.trial),
        attempt: value.attempt,
        state: terminalState(value.state, `${path}.state`),
        done: done(value.done),
        reason: value.reason,
        value: value.value,
        at: optional(value.at, (at) => countFromMessage(at, `${path}.at`)),
        values: valuesFromMessage(value.values, `${path}.values`),
        metrics: valuesFromMessage(value.metrics, `${path}.metrics`),
        error: optional(value.error, trialErrorFromMessage),
        requestId: value.requestId || undefined,
      });
    }
    case 'trialRetracted':
      return { kind: 'trial_retracted', trial: trial(kind.value.trial), reason: kind.value.reason };
    case 'trialUpdated':
      return { kind: 'trial_updated', trial: trial(kind.value.trial), attributes: jsonObjectFromMessage(kind.value.attributesJson, `${path}.attributes_json`) };
    case 'trialDeleted':
      return { kind: 'trial_deleted', trial: trial(kind.value.trial) };
    case 'phaseStarted':
      return { kind: 'phase_started', phase: checkedName(kind.value.phase, `${path}.phase`), index: kind.value.index };
    case 'studyClosed':
      return { kind: 'study_closed', reason: endReasons.fromMessage(kind.value.reason, `${path}.reason`), detail: kind.value.detail };
    case 'studyOpened':
      return { kind: 'study_opened', reason: kind.value.reason };
    case 'studyEnded': {
      const { reason, detail, errorCode, errorMessage } = kind.value;
      const error = errorCode === '' ? undefined : { code: errorCode, message: errorMessage };
      return record<Entry<'study_ended'>>({ kind: 'study_ended', reason: endReasons.fromMessage(reason, `${path}.reason`), detail, error });
    }
  }
}

function terminalState(value: number, path: string): TerminalState {
  const state = trialStates.fromMessage(value, path);
  if (state === 'waiting' || state === 'running' || state === 'paused') throw invalidField(path, `is ${state}, which is no end`);
  return state;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
