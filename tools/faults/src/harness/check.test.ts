import type { LogEvent, TrialRecord } from '@paramo/core';
import { describe, expect, it } from 'vitest';
import { check, invariants } from './check.js';
import type { Invariant } from './check.js';
import type { Happening, HistoryEntry } from './history.js';
import type { Snapshot } from './snapshot.js';

const studyId = 'S';
const one = { studyId, trial: 0, attempt: 1 };
const timed = (happenings: readonly Happening[]): HistoryEntry[] => happenings.map((happening, atMs) => ({ ...happening, atMs }));

const history: readonly Happening[] = [
  { kind: 'given', ...one, requestId: 'r1' },
  { kind: 'sent', ...one, sequence: 1, points: [[0, 0.5], [1, 0.25]] },
  { kind: 'acked', ...one, sequence: 1 },
  { kind: 'sent', ...one, sequence: 2, points: [[2, 0.125]] },
  { kind: 'checkpointed', ...one, done: 2, checkpoint: 'c' },
  { kind: 'kept', ...one, sha256: 'a', size: 1 },
  { kind: 'ended', ...one, state: 'completed' },
];
const log = [
  { position: 1, kind: 'trial_created', trial: 0 },
  { position: 2, kind: 'trial_started', trial: 0, attempt: 1, requestId: 'r1' },
  { position: 3, kind: 'trial_checkpointed', trial: 0, attempt: 1, checkpoint: 'c', done: 2 },
  { position: 4, kind: 'trial_ended', trial: 0, attempt: 1, state: 'completed' },
  { position: 5, kind: 'trial_created', trial: 1 },
] as unknown as readonly LogEvent[];
const trials = [{ number: 0, state: 'completed', attempt: 1 }, { number: 1, state: 'waiting', attempt: 0 }] as unknown as readonly TrialRecord[];
const sound: Snapshot = {
  studyId, errorCode: '', log, trials, replay: { reproduced: true, detail: '' },
  series: [{ trial: 0, attempt: 1, metric: 'loss', steps: [0, 1], values: [0.5, 0.25] }],
  checkpoints: [{ trial: 0, name: 'c', whole: true, wrong: false, detail: '' }],
  artifacts: [{ trial: 0, name: 'a', whole: true, wrong: false, detail: '' }],
};
const points = (steps: number[], values: number[]): Partial<Snapshot> => ({ series: [{ trial: 0, attempt: 1, metric: 'loss', steps, values }] });
const found = (changes: Partial<Snapshot>, more: readonly Happening[] = []): Set<Invariant> => new Set(check(timed([...history, ...more]), { ...sound, ...changes }, { atRest: true }).map(({ invariant }) => invariant));

const breaks: readonly (readonly [name: string, invariant: Invariant, changes: Partial<Snapshot>, more?: readonly Happening[]])[] = [
  ['an acked point is missing', 'acked is stored', points([0], [0.5])],
  ['an acked end is missing', 'acked is stored', { trials: [{ ...trials[0]!, state: 'failed' }, trials[1]!] }],
  ['an acked checkpoint is not in the log', 'acked is stored', { log: log.filter(({ kind }) => kind !== 'trial_checkpointed').map((event, i) => ({ ...event, position: i + 1 })) }],
  ['an acked checkpoint is not kept', 'acked is stored', { checkpoints: [] }],
  ['an acked artifact is missing', 'acked is stored', { artifacts: [] }],
  ['an answered start is not in the log', 'acked is stored', {}, [{ kind: 'given', ...one, attempt: 2, requestId: 'r2' }]],
  ['a point has another value', 'nothing is invented', points([0, 1], [0.5, 0.75])],
  ['a point was sent by nobody', 'nothing is invented', points([0, 1, 7], [0.5, 0.25, 1])],
  ['a point is there twice', 'nothing is doubled', points([0, 1, 1], [0.5, 0.25, 0.25])],
  ['a request was answered twice', 'nothing is doubled', { log: [...log, { ...log[1]!, position: 6, trial: 1 } as LogEvent] }],
  ['points changed places', 'order is kept', points([1, 0], [0.25, 0.5])],
  ['the log has a gap', 'order is kept', { log: log.map((event) => ({ ...event, position: event.position + (event.position > 3 ? 1 : 0) })) }],
  ['a table says something else than the log', 'order is kept', { trials: [trials[0]!, { ...trials[1]!, state: 'paused' }] }],
  ['an attempt was handed out twice', 'one owner', {}, [{ kind: 'given', ...one, requestId: 'r2' }]],
  ['a second attempt began beside the first', 'one owner', { log: [...log.slice(0, 2), { ...log[1]!, position: 3, attempt: 2, requestId: 'r3' } as LogEvent, ...log.slice(2).map((event) => ({ ...event, position: event.position + 1 }))] }],
  ['a trial that is over goes on', 'one owner', { log: [...log, { ...log[3]!, position: 6 }] }],
  ['a trial is running at rest', 'no zombies', { trials: [trials[0]!, { ...trials[1]!, state: 'running' }] }],
  ['a number is left out', 'numbers without gaps', { log: log.map((event) => (event.position === 5 ? ({ ...event, trial: 2 } as LogEvent) : event)) }],
  ['a blob has other content', 'blobs verify', { checkpoints: [{ trial: 0, name: 'c', whole: false, wrong: true, detail: 'other content' }] }],
  ['replay comes out differently', 'replay is clean', { replay: { reproduced: false, detail: 'differs at 3' } }],
  ['a client restored the wrong content', 'clients see nothing wrong', {}, [{ kind: 'wrong', what: 'other content' }]],
  ['a call was answered with an error that says nothing', 'clients see nothing wrong', {}, [{ kind: 'refused', call: 'report', code: 'INTERNAL' }]],
];

describe('the checker', () => {
  it('is content with what is sound', () => expect(found({})).toEqual(new Set()));

  for (const [name, invariant, changes, more] of breaks) it(`finds out that ${name}`, () => expect(found(changes, more)).toContain(invariant));

  it('has a case for every invariant', () => expect(new Set(breaks.map(([, invariant]) => invariant))).toEqual(new Set(invariants)));

  it('asks for no zombies only at rest', () => {
    const running = { ...sound, trials: [trials[0]!, { ...trials[1]!, state: 'running' as const }], log: [...log, { ...log[1]!, position: 6, trial: 1, requestId: 'r9' } as LogEvent] };
    expect(check(timed(history), running, { atRest: false })).toEqual([]);
  });
});
