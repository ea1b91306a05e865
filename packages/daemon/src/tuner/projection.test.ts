import { choice, float, space, type LogEvent, type TrialEvent } from '@paramo/core';
import { expect, test } from 'vitest';
import { createProjectedLog, createProjection, type MilestoneRule, type Role } from './projection.js';
import type { EraContext } from './study-state.js';

const era: EraContext = {
  era: 1, position: 2, revision: 1, space: space({ x: float(0, 1) }).spec, trials: undefined, steps: undefined, objectives: [{ metric: 'loss', goal: 'min', at: 'last' }],
  references: { strategy: { name: 's', options: {} }, stopper: undefined }, strategy: { package: 's', version: '1' }, stopper: undefined, retracted: new Set(),
};

const created = (position: number, trial: number, params: Record<string, number | string> = { x: 0.5 }): LogEvent => ({
  position, wallMs: 0, kind: 'trial_created', trial, by: 'strategy', params, revision: 1, seen: 0, because: { kind: 'default' },
});
const reported = (position: number, done: number, attempt = 1): LogEvent => ({ position, wallMs: 0, kind: 'trial_reported', trial: 0, attempt, done, values: { loss: done }, milestone: done });

function view(events: readonly LogEvent[], { role = 'stopper', milestones = 'every', of = era }: { role?: Role; milestones?: MilestoneRule; of?: EraContext } = {}): TrialEvent[] {
  const projection = createProjection(of, role, milestones);
  return events.flatMap((event) => projection.project(event) ?? []);
}

const doneSeen = (events: readonly TrialEvent[]): number[] => events.flatMap((event) => (event.kind === 'reported' ? [event.done] : []));

test('a plugin sees the first report at or past each of its milestones, and no other', () => {
  const log = [created(1, 0), ...[1, 2, 4, 5, 9, 12].map((done, i) => reported(i + 2, done))];
  expect(doneSeen(view(log, { milestones: [1, 3, 9] }))).toEqual([1, 4, 9]);
  expect(view(log, { milestones: [1, 3, 9] }).flatMap((event) => (event.kind === 'reported' ? [event.milestone] : []))).toEqual([1, 3, 9]);
  expect(doneSeen(view(log, { milestones: 'none' }))).toEqual([]);
  expect(doneSeen(view(log))).toEqual([1, 2, 4, 5, 9, 12]);
});

test('a step that a later attempt repeats is not seen again', () => {
  const log = [created(1, 0), reported(2, 1), reported(3, 2), reported(4, 1, 2), reported(5, 2, 2), reported(6, 3, 2)];
  expect(doneSeen(view(log))).toEqual([1, 2, 3]);
});

test('only what the strategy itself proposed is its own', () => {
  const byUser: LogEvent = { ...created(2, 1), by: 'user' } as LogEvent;
  expect(view([created(1, 0), byUser], { role: 'strategy' })).toMatchObject([{ own: true }, { own: false }]);
  expect(view([created(1, 0)], { role: 'stopper' })).toMatchObject([{ own: false }]);
});

test('trials taken back before the era, and those that do not fit its space, are absent with all their events', () => {
  const log = [created(1, 0), created(2, 1), created(3, 2, { x: 7 }), reported(4, 1)];
  expect(view(log, { of: { ...era, retracted: new Set([0]) } })).toMatchObject([{ kind: 'created', trial: 1 }]);
});

test('params of an earlier revision are mapped: what is gone is dropped, what is new takes its default', () => {
  const of = { ...era, space: space({ x: float(0, 1), opt: choice(['a', 'b'], { default: 'b' }) }).spec };
  expect(view([created(1, 0, { x: 0.5, old: 3 })], { of })).toMatchObject([{ params: { x: 0.5, opt: 'b' } }]);
});

test('workers, clocks and grants are never seen', () => {
  const worker = { id: 'w', process: 'p', host: 'h', pid: 1, labels: {} };
  const log: LogEvent[] = [
    created(1, 0),
    { position: 2, wallMs: 9, kind: 'trial_started', trial: 0, attempt: 1, done: 0, worker, requestId: 'r', leaseMs: 1000 },
    { position: 3, wallMs: 9, kind: 'steps_granted', trial: 0, attempt: 1, through: 10 },
    { position: 4, wallMs: 9, kind: 'study_updated', reason: '' },
    { position: 5, wallMs: 9, kind: 'trial_yielded', trial: 0, attempt: 1, to: 'waiting', why: 'lost', done: 0, reason: 'silent' },
  ];
  expect(view(log).slice(1)).toEqual([
    { position: 2, kind: 'started', trial: 0, attempt: 1, done: 0 },
    { position: 5, kind: 'yielded', trial: 0, to: 'waiting' },
  ]);
});

test('a projected log can be read on, and again from the start', () => {
  const log = [created(1, 0), reported(2, 1), reported(3, 2), reported(4, 3)];
  const read = createProjectedLog(() => createProjection(era, 'stopper', [2]), (after, through) => [log.filter(({ position }) => position > after && position <= through)]);
  const positions = (after: number, through: number): number[] => [...read(after, through)].flat().map(({ position }) => position);
  expect(positions(0, 2)).toEqual([1]);
  expect(positions(2, 4)).toEqual([3]);
  expect(positions(0, 4)).toEqual([1, 3]);
});
