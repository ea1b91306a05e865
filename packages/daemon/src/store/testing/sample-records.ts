import type { Objective, StudyRecord, TrialRecord } from '@paramo/core';
import { defaultRules } from '@paramo/core';

/** A study of no strategy, for tests of the store. */
export function sampleStudy(studyId: string, changes: { readonly name?: string; readonly objectives?: readonly Objective[] } = {}): StudyRecord {
  const { name = `study ${studyId}`, objectives = [{ metric: 'loss', goal: 'min', at: 'last' }] } = changes;
  return {
    studyId,
    spec: { name, objectives, budget: {}, rules: defaultRules, seed: 1, labels: {}, attributes: {} },
    revision: 1,
    era: 1,
    state: 'open',
    endDetail: '',
    errorCode: '',
    position: 1,
    counts: { waiting: 0, running: 0, paused: 0, completed: 0, stopped: 0, failed: 0, cancelled: 0 },
    spent: { trials: 0, steps: 0, wallMs: 0, cost: 0 },
    createdMs: 1,
    updatedMs: 2,
  };
}

/** A waiting trial, with whatever differs. */
export function sampleTrial(studyId: string, number: number, changes: Partial<TrialRecord> = {}): TrialRecord {
  return {
    studyId,
    number,
    state: 'waiting',
    params: {},
    revision: 1,
    by: 'user',
    because: { kind: 'user', detail: '' },
    attributes: {},
    attempt: 0,
    done: 0,
    values: {},
    metrics: {},
    reason: '',
    lost: 0,
    createdMs: 1,
    startedMs: 0,
    endedMs: 0,
    retracted: false,
    ...changes,
  };
}
