import { defaultRules } from '@paramo/core';
import type { LogEvent, StudyRecord, TrialRecord } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import { createStyle } from '../terminal/style.js';
import { displayWidth } from '../terminal/text.js';
import { describeEvent } from './describe-event.js';
import { renderStudy } from './render-study.js';
import { createStudyHistory } from './study-history.js';

const record: StudyRecord = {
  studyId: '01J00000000000000000000000', revision: 1, era: 1, state: 'open', endDetail: '', errorCode: '', position: 9, createdMs: 0, updatedMs: 0,
  spec: { name: 'digits\u001b[2J', objectives: [{ metric: 'loss', goal: 'min', at: 'last' }], budget: { trials: 4 }, rules: defaultRules, seed: 1, labels: {}, attributes: {} },
  counts: { waiting: 1, running: 1, paused: 0, completed: 2, stopped: 0, failed: 0, cancelled: 0 },
  spent: { trials: 3, steps: 9, wallMs: 0, cost: 0 }, bestTrial: 1, bestValue: 0.25,
};
const running: TrialRecord = {
  studyId: record.studyId, number: 2, state: 'running', params: { lr: 0.1, opt: 'adam' }, revision: 1, by: 'strategy', because: { kind: 'default' }, attributes: {}, attempt: 1, done: 3, values: {}, metrics: { loss: 0.75 },
  reason: '', lost: 0, createdMs: 0, startedMs: 1000, endedMs: 0, retracted: false,
};
const ended = (position: number, trial: number, value?: number): LogEvent => ({
  position, wallMs: 5000, kind: 'trial_ended', trial, attempt: 1, state: 'completed', done: 3, reason: '', ...(value !== undefined && { value }), values: value === undefined ? {} : { loss: value }, metrics: {},
});

describe('the live view', () => {
  const history = createStudyHistory(record.spec);
  for (const event of [ended(1, 0, 0.5), ended(2, 1, 0.25), ended(3, 3, 0.9), ended(4, 4)]) history.add(event);

  test('the best so far never gets worse, and a trial without a value leaves it as it is', () => {
    expect(history.bestSoFar).toEqual([0.5, 0.25, 0.25, 0.25]);
  });

  test('it shows progress, the running trials at their steps and the leaders, and fits a narrow terminal', () => {
    const text = renderStudy({ record, running: [running], leaders: [{ ...running, number: 1, state: 'completed', value: 0.25 }] }, history, { width: 100, height: 50, style: createStyle({}), nowMs: 62_000 });
    expect(text).toContain('digits\\u001b[2J  open');
    expect(text).toContain('2 of 4 trials');
    expect(text).toContain('best loss 0.25 (trial 1)');
    expect(text).toMatch(/running {2}steps {2}loss {2}params\n +2 {6}3 {2}0\.75 {2}lr 0\.1, opt adam/);
    expect(text).toMatch(/leaders {2}steps {2}loss {2}params\n +1 /);
    expect(text).toContain('best loss after each completed trial');
    const low = renderStudy({ record, running: [], leaders: [] }, history, { width: 40, height: 10, style: createStyle({}), nowMs: 62_000 });
    expect(low).not.toContain('after each completed trial');
    expect(displayWidth(low.split('\n')[3]!)).toBeLessThanOrEqual(40);
  });
});

describe('an event in words', () => {
  test('has the time, and nothing that moves the cursor', () => {
    expect(describeEvent(ended(1, 7, 0.5))).toBe('00:00:05  trial 7 completed after 3 steps: loss 0.5');
    expect(describeEvent({ position: 1, wallMs: 0, kind: 'trial_retracted', trial: 3, reason: 'bad\u001b[2J\ndata' })).toBe('00:00:00  trial 3 retracted (bad\\u001b[2J\\ndata)');
  });
});
