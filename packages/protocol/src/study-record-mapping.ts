import type { Spent, StudyRecord, TrialCounts } from '@paramo/core';
import { checkedName, countFromMessage, countToMessage, integerFromMessage, integerToMessage, invalidField, required } from './check-field.js';
import { EndReason } from './gen/paramo/v1/study.js';
import type { Spent as SpentMessage, Study as StudyMessage, TrialCounts as TrialCountsMessage } from './gen/paramo/v1/study.js';
import { optional, record } from './record-fields.js';
import { endReasons, studySpecFromMessage, studySpecToMessage, studyStates } from './study-mapping.js';

/** A study as it stands, as a message. */
export function studyRecordToMessage(study: StudyRecord): StudyMessage {
  return {
    studyId: study.studyId,
    spec: studySpecToMessage(study.spec),
    revision: study.revision,
    era: study.era,
    state: studyStates.toMessage(study.state),
    endReason: study.endReason === undefined ? EndReason.END_REASON_UNSPECIFIED : endReasons.toMessage(study.endReason),
    endDetail: study.endDetail,
    errorCode: study.errorCode,
    position: countToMessage(study.position, 'position'),
    counts: countsToMessage(study.counts),
    spent: spentToMessage(study.spent),
    bestTrial: optional(study.bestTrial, (trial) => countToMessage(trial, 'best_trial')),
    bestValue: study.bestValue,
    createdMs: integerToMessage(study.createdMs, 'created_ms'),
    updatedMs: integerToMessage(study.updatedMs, 'updated_ms'),
  };
}

/** A study as it stands. @throws ParamoError INVALID_ARGUMENT naming the field. */
export function studyRecordFromMessage(message: StudyMessage, path = 'study'): StudyRecord {
  return record<StudyRecord>({
    studyId: checkedName(message.studyId, `${path}.study_id`),
    spec: studySpecFromMessage(required(message.spec, `${path}.spec`), seedRequired(`${path}.spec`), `${path}.spec`),
    revision: message.revision,
    era: message.era,
    state: studyStates.fromMessage(message.state, `${path}.state`),
    endReason: message.endReason === EndReason.END_REASON_UNSPECIFIED ? undefined : endReasons.fromMessage(message.endReason, `${path}.end_reason`),
    endDetail: message.endDetail,
    errorCode: message.errorCode,
    position: countFromMessage(message.position, `${path}.position`),
    counts: countsFromMessage(required(message.counts, `${path}.counts`), `${path}.counts`),
    spent: spentFromMessage(required(message.spent, `${path}.spent`), `${path}.spent`),
    bestTrial: optional(message.bestTrial, (trial) => countFromMessage(trial, `${path}.best_trial`)),
    bestValue: message.bestValue,
    createdMs: integerFromMessage(message.createdMs, `${path}.created_ms`),
    updatedMs: integerFromMessage(message.updatedMs, `${path}.updated_ms`),
  });
}

/** For specs that were created already: a missing seed is an error there, since none may be drawn twice. */
export function seedRequired(path: string): { seed(): number } {
  return {
    seed() {
      throw invalidField(`${path}.seed`, 'is missing');
    },
  };
}

function countsToMessage(counts: TrialCounts): TrialCountsMessage {
  const count = (name: keyof TrialCounts): bigint => countToMessage(counts[name], `counts.${name}`);
  return { waiting: count('waiting'), running: count('running'), paused: count('paused'), completed: count('completed'), stopped: count('stopped'), failed: count('failed'), cancelled: count('cancelled') };
}

function countsFromMessage(message: TrialCountsMessage, path: string): TrialCounts {
  const count = (name: keyof TrialCounts): number => countFromMessage(message[name], `${path}.${name}`);
  return { waiting: count('waiting'), running: count('running'), paused: count('paused'), completed: count('completed'), stopped: count('stopped'), failed: count('failed'), cancelled: count('cancelled') };
}

function spentToMessage({ trials, steps, wallMs, cost }: Spent): SpentMessage {
  return { trials: countToMessage(trials, 'spent.trials'), steps: countToMessage(steps, 'spent.steps'), wallMs: countToMessage(wallMs, 'spent.wall_ms'), cost };
}

function spentFromMessage({ trials, steps, wallMs, cost }: SpentMessage, path: string): Spent {
  return { trials: countFromMessage(trials, `${path}.trials`), steps: countFromMessage(steps, `${path}.steps`), wallMs: countFromMessage(wallMs, `${path}.wall_ms`), cost };
}
