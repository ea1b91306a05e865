import type { LogEntry } from '@paramo/core';
import { countToMessage, uint32ToMessage } from './check-field.js';
import type { LogEvent as LogEventMessage } from './gen/paramo/v1/event.js';
import { StudyState } from './gen/paramo/v1/study.js';
import { explanationToMessage, fidelityToMessage, labelsToMessage, paramsToMessage, trialSourceToMessage, valuesToMessage, workerToMessage } from './params-mapping.js';
import { jsonObjectToMessage } from './json-field.js';
import { optional } from './record-fields.js';
import { budgetToMessage, endReasons, studyPlanToMessage, studyRulesToMessage, studySpecToMessage, studyStates } from './study-mapping.js';
import { decidedActions, origins, trialErrorToMessage, trialRecordToMessage, trialStates } from './trial-mapping.js';
import { yieldReasons } from './yield-reasons.js';

type Kind = NonNullable<LogEventMessage['kind']>;

/** What an event of a known kind says, as the `kind` of its message. */
export function entryToMessage(entry: Exclude<LogEntry, { readonly kind: 'unknown' }>): Kind {
  switch (entry.kind) {
    case 'study_created':
      return { $case: 'studyCreated', value: { studyId: entry.studyId, spec: studySpecToMessage(entry.spec) } };
    case 'study_updated':
      return {
        $case: 'studyUpdated',
        value: {
          name: entry.name ?? '',
          budget: optional(entry.budget, budgetToMessage),
          rules: optional(entry.rules, studyRulesToMessage),
          labels: optional(entry.labels, (labels) => ({ labels: labelsToMessage(labels) })),
          state: entry.state === undefined ? StudyState.STUDY_STATE_UNSPECIFIED : studyStates.toMessage(entry.state),
          reason: entry.reason ?? '',
        },
      };
    case 'study_revised':
      return { $case: 'studyRevised', value: { revision: entry.revision, plan: studyPlanToMessage(entry.plan) } };
    case 'era_opened':
      return { $case: 'eraOpened', value: { era: entry.era, revision: entry.revision, strategy: entry.strategy, stopper: entry.stopper, reason: entry.reason } };
    case 'trial_created':
      return {
        $case: 'trialCreated',
        value: {
          trial: trialToMessage(entry.trial),
          by: origins.toMessage(entry.by),
          params: paramsToMessage(entry.params),
          revision: entry.revision,
          seen: countToMessage(entry.seen, 'seen'),
          because: explanationToMessage(entry.because),
          fidelity: optional(entry.fidelity, fidelityToMessage),
          from: optional(entry.from, trialSourceToMessage),
          seed: optional(entry.seed, (seed) => countToMessage(seed, 'seed')),
          member: optional(entry.member, (member) => uint32ToMessage(member, 'member')),
          memoJson: entry.memo === undefined ? '' : JSON.stringify(entry.memo),
          phase: entry.phase ?? '',
          retryOf: optional(entry.retryOf, trialToMessage),
          attributesJson: entry.attributes === undefined ? '' : JSON.stringify(entry.attributes),
        },
      };
    case 'trial_started':
      return {
        $case: 'trialStarted',
        value: {
          trial: trialToMessage(entry.trial), attempt: entry.attempt, done: doneToMessage(entry.done), worker: workerToMessage(entry.worker),
          requestId: entry.requestId, leaseMs: entry.leaseMs,
        },
      };
    case 'trial_reported':
      return {
        $case: 'trialReported',
        value: {
          trial: trialToMessage(entry.trial), attempt: entry.attempt, done: doneToMessage(entry.done), values: valuesToMessage(entry.values),
          milestone: countToMessage(entry.milestone, 'milestone'),
        },
      };
    case 'steps_granted':
      return { $case: 'stepsGranted', value: { trial: trialToMessage(entry.trial), attempt: entry.attempt, through: countToMessage(entry.through, 'through') } };
    case 'trial_checkpointed':
      return { $case: 'trialCheckpointed', value: { trial: trialToMessage(entry.trial), attempt: entry.attempt, checkpoint: entry.checkpoint, done: doneToMessage(entry.done), values: valuesToMessage(entry.values), size: countToMessage(entry.size, 'size') } };
    case 'trial_decided':
      return {
        $case: 'trialDecided',
        value: {
          trial: trialToMessage(entry.trial), action: decidedActions.toMessage(entry.action), by: origins.toMessage(entry.by), reason: entry.reason,
          seen: countToMessage(entry.seen, 'seen'), replacement: optional(entry.replacement, trialToMessage),
        },
      };
    case 'trial_yielded':
      return {
        $case: 'trialYielded',
        value: {
          trial: trialToMessage(entry.trial), attempt: entry.attempt, paused: entry.to === 'paused', why: yieldReasons.toMessage(entry.why),
          done: doneToMessage(entry.done), reason: entry.reason,
        },
      };
    case 'trial_resumed':
      return {
        $case: 'trialResumed',
        value: {
          trial: trialToMessage(entry.trial),
          by: origins.toMessage(entry.by),
          because: explanationToMessage(entry.because),
          seen: countToMessage(entry.seen, 'seen'),
          over: optional(entry.over, ({ trial }) => trialRecordToMessage(trial)),
          overFrom: doneToMessage(entry.over?.from ?? 0),
        },
      };
    case 'trial_ended':
      return {
        $case: 'trialEnded',
        value: {
          trial: trialToMessage(entry.trial),
          attempt: entry.attempt,
          state: trialStates.toMessage(entry.state),
          done: doneToMessage(entry.done),
          reason: entry.reason,
          value: entry.value,
          at: optional(entry.at, (at) => countToMessage(at, 'at')),
          values: valuesToMessage(entry.values),
          metrics: valuesToMessage(entry.metrics),
          error: optional(entry.error, trialErrorToMessage),
          requestId: entry.requestId ?? '',
        },
      };
    case 'trial_retracted':
      return { $case: 'trialRetracted', value: { trial: trialToMessage(entry.trial), reason: entry.reason } };
    case 'trial_updated':
      return { $case: 'trialUpdated', value: { trial: trialToMessage(entry.trial), attributesJson: jsonObjectToMessage(entry.attributes) } };
    case 'trial_deleted':
      return { $case: 'trialDeleted', value: { trial: trialToMessage(entry.trial) } };
    case 'phase_started':
      return { $case: 'phaseStarted', value: { phase: entry.phase, index: entry.index } };
    case 'study_closed':
      return { $case: 'studyClosed', value: { reason: endReasons.toMessage(entry.reason), detail: entry.detail } };
    case 'study_opened':
      return { $case: 'studyOpened', value: { reason: entry.reason } };
    case 'study_ended':
      return {
        $case: 'studyEnded',
        value: { reason: endReasons.toMessage(entry.reason), detail: entry.detail, errorCode: entry.error?.code ?? '', errorMessage: entry.error?.message ?? '' },
      };
  }
}

function trialToMessage(trial: number): bigint {
  return countToMessage(trial, 'trial');
}

function doneToMessage(done: number): bigint {
  return countToMessage(done, 'done');
}
