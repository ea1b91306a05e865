import type { LogEvent, Objective, TrialRecord } from '@paramo/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteStudyData, deleteTrialData, resumeDeletions } from './deletion.js';
import { listSeries } from './effective-series.js';
import { encodeKey } from './key.js';
import { createMemoryStore } from './memory-store.js';
import { metricBatch } from './metric-batch.js';
import type { MetricBatch } from './metric-batch.js';
import { createStudyStore } from './study-store.js';
import type { StudyStore } from './study-store.js';
import { createWrites } from './study-writes.js';
import type { StudyWrites } from './study-writes.js';
import { sampleStudy, sampleTrial } from './testing/sample-records.js';
import { storeKinds } from './testing/stores.js';

const minLoss: readonly Objective[] = [{ metric: 'loss', goal: 'min', at: 'last' }];
const maxScore: readonly Objective[] = [{ metric: 'score', goal: 'max', at: 'last' }];

async function write(studies: StudyStore, fill: (writes: StudyWrites) => void): Promise<void> {
  const writes = createWrites();
  fill(writes);
  await studies.commit(writes);
}

/** Notes it and does it, as a study does with its log event. */
async function deleteTrial(studies: StudyStore, studyId: string, trial: number): Promise<void> {
  await write(studies, (writes) => writes.trialDeletion(studyId, trial));
  await deleteTrialData(studies.store, studyId, trial);
}

const points = (studyId: string, trial: number): MetricBatch => metricBatch({ studyId, trial, attempt: 1, writer: 'w', sequence: 1, late: false, wallMs: 1 }, [{ name: 'loss', steps: [0n], values: [0], timesMs: [] }]);
const completed = (number: number, value: number, changes: Partial<TrialRecord> = {}): TrialRecord => sampleTrial('A', number, { state: 'completed', value, ...changes });

describe.each(storeKinds)('the study store on $name', ({ with: withStore }) => {
  it('reads back studies, names, trials, requests, attempts, sequences and origins', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      const trial = sampleTrial('A', 3, { state: 'running', params: { lr: 0.1, opt: 'adam', deep: true }, attempt: 2, metrics: { loss: NaN } });
      await write(studies, (writes) => {
        writes.study(sampleStudy('A'));
        writes.name('digits', 'A');
        writes.trial(trial, undefined, minLoss);
        writes.request('A', 'ask 1', { trial: 3, attempt: 1 });
        writes.attempt({ studyId: 'A', trial: 3 }, { attempt: 1, done: 0, late: true });
        writes.attempt({ studyId: 'A', trial: 3 }, { attempt: 2, done: 5, late: false });
        writes.points(metricBatch({ studyId: 'A', trial: 3, attempt: 2, writer: 'w', sequence: 7, late: false, wallMs: 1 }, []));
        writes.imported('A', 'elsewhere/1', 3);
      });
      expect(studies.study('A')).toEqual(sampleStudy('A'));
      expect(studies.studyIdByName('digits')).toBe('A');
      expect(studies.trial('A', 3)).toEqual(trial);
      expect(studies.request('A', 'ask 1')).toEqual({ trial: 3, attempt: 1 });
      expect(studies.attempts('A', 3)).toEqual([{ attempt: 1, done: 0, late: true }, { attempt: 2, done: 5, late: false }]);
      expect(studies.sequence({ studyId: 'A', trial: 3, attempt: 2, writer: 'w' })).toBe(7);
      expect(studies.imported('A', 'elsewhere/1')).toBe(3);
      expect([studies.study('B'), studies.studyIdByName('digit'), studies.trial('A', 2), studies.request('A', 'ask'), studies.imported('A', 'x')]).toEqual([undefined, undefined, undefined, undefined, undefined]);
      expect(studies.sequence({ studyId: 'A', trial: 3, attempt: 1, writer: 'w' })).toBe(0);
      await write(studies, (writes) => writes.name('digits', undefined));
      expect(studies.studyIdByName('digits')).toBeUndefined();
    }));

  it('lists studies newest first, page by page', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      await write(studies, (writes) => ['01A', '01B', '01C'].forEach((id) => writes.study(sampleStudy(id))));
      expect(studies.studies().map(({ studyId }) => studyId)).toEqual(['01C', '01B', '01A']);
      expect(studies.studies({ limit: 2 }).map(({ studyId }) => studyId)).toEqual(['01C', '01B']);
      expect(studies.studies({ limit: 2, after: '01B' }).map(({ studyId }) => studyId)).toEqual(['01A']);
    }));

  it('gives the log after a position, of one study only', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      const event = (position: number): LogEvent => ({ position, wallMs: 9, kind: 'trial_retracted', trial: position, reason: 'wrong data' });
      await write(studies, (writes) => {
        for (let position = 1; position <= 300; position++) writes.event('A', event(position));
        writes.event('B', event(1));
      });
      expect(studies.log('A', 0, 2)).toEqual([event(1), event(2)]);
      expect(studies.log('A', 255, 1000).map(({ position }) => position)).toEqual(Array.from({ length: 45 }, (_, i) => 256 + i));
      expect(studies.log('A', 300, 10)).toEqual([]);
      expect(studies.log('C', 0, 10)).toEqual([]);
    }));

  it('keeps the live and rank indexes in step with whatever happens to trials', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      const state = fc.constantFrom<TrialRecord['state']>('waiting', 'running', 'paused', 'completed', 'completed', 'completed', 'stopped', 'failed');
      const change = fc.record({ number: fc.nat(9), state, value: fc.option(fc.double(), { nil: undefined }), retracted: fc.boolean(), phase: fc.constantFrom(undefined, 'a'), data: fc.constantFrom(undefined, 0.5) });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 30 }), fc.constantFrom(minLoss, maxScore), async (changes, objectives) => {
          const studyId = `S${round++}`;
          const now = new Map<number, TrialRecord>();
          await write(studies, (writes) => {
            for (const { number, state: next, value, retracted, phase, data } of changes) {
              const record = sampleTrial(studyId, number, { state: next, retracted, ...(value !== undefined && { value }), ...(phase && { phase }), ...(data && { fidelity: { data } }) });
              writes.trial(record, now.get(number), objectives);
              now.set(number, record);
            }
          });
          const records = [...now.values()].sort((a, b) => a.number - b.number);
          const live = records.filter((one) => ['waiting', 'running', 'paused'].includes(one.state));
          expect(studies.liveTrials(studyId).map(({ number }) => number)).toEqual(live.map(({ number }) => number));
          const sign = objectives === minLoss ? 1 : -1;
          const ranked = records
            .filter((one) => one.state === 'completed' && !one.retracted && Number.isFinite(one.value ?? NaN) && one.phase === 'a' && one.fidelity?.data === 0.5)
            .sort((a, b) => sign * (a.value! - b.value!) || a.number - b.number);
          expect(studies.ranked(studyId, 'a', 100, 0.5).map(({ number }) => number)).toEqual(ranked.map(({ number }) => number));
        }),
        { numRuns: 40, seed: 3 },
      );
    }));

  it('ranks best first under the goal, apart by phase and data share, and not at all under several objectives', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      await write(studies, (writes) => {
        for (const trial of [completed(0, 1), completed(1, -3), completed(2, 2), completed(3, Infinity), completed(4, 9, { phase: 'validate' }), completed(5, 7, { fidelity: { data: 0.1 } })]) {
          writes.trial(trial, undefined, maxScore);
          writes.trial({ ...trial, studyId: 'B' }, undefined, [...minLoss, ...maxScore]);
        }
      });
      expect(studies.ranked('A', '', 10).map(({ number }) => number)).toEqual([2, 0, 1]);
      expect(studies.ranked('A', '', 2).map(({ number }) => number)).toEqual([2, 0]);
      expect(studies.ranked('A', 'validate', 10).map(({ number }) => number)).toEqual([4]);
      expect(studies.ranked('A', '', 10, 0.1).map(({ number }) => number)).toEqual([5]);
      expect(studies.ranked('B', '', 10)).toEqual([]);
    }));

  it('deletes a study in chunks and leaves its neighbours alone', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      for (const id of ['A', 'B', 'C']) {
        await write(studies, (writes) => {
          writes.study(sampleStudy(id));
          writes.name(`study ${id}`, id);
          for (let n = 0; n < 1500; n++) writes.trial(sampleTrial(id, n), undefined, minLoss);
          writes.event(id, { position: 1, wallMs: 1, kind: 'study_opened', reason: '' });
          writes.points(points(id, 0));
        });
      }
      await deleteStudyData(studies, sampleStudy('B'));
      await studies.drain();
      expect(studies.study('B')).toBeUndefined();
      expect(studies.studyIdByName('study B')).toBeUndefined();
      const left = Array.from(store.range({ from: Buffer.from('a'), to: Buffer.from('z') }), ([key]) => Buffer.from(key).toString('latin1').split('\0')[1]);
      expect(left.filter((id) => id === 'B')).toEqual([]);
      expect(studies.liveTrials('A')).toHaveLength(1500);
      expect(studies.studyIdByName('study C')).toBe('C');
    }));
});

describe('a deletion', () => {
  it('cut short by a crash is gone on with, and then nothing is left of it', async () => {
    const store = createMemoryStore();
    const studies = createStudyStore(store);
    await write(studies, (writes) => {
      writes.study(sampleStudy('A'));
      writes.name('study A', 'A');
      for (let n = 0; n < 3000; n++) writes.trial(sampleTrial('A', n), undefined, minLoss);
      writes.points(points('A', 0));
      writes.points(points('A', 1));
    });
    await deleteTrial(studies, 'A', 0);
    for (const drain of [false, true]) {
      if (drain) await studies.drain();
      expect([0, 1].map((trial) => listSeries(studies, 'A', trial).length)).toEqual([0, 1]);
    }
    void deleteStudyData(studies, sampleStudy('A'));
    while (store.get(encodeKey('t', 'A', 0))) await new Promise(setImmediate);
    const reopened = store.crash();
    expect(createStudyStore(reopened).study('A')).toBeUndefined();
    expect([...createStudyStore(reopened).trials('A')].length).toBeGreaterThan(0);
    await resumeDeletions(reopened);
    await createStudyStore(reopened).drain();
    expect(Array.from(reopened.range({ from: Buffer.from('a'), to: Buffer.from('z') }), ([key]) => Buffer.from(key).toString())).toEqual(['f\0']);
  });
});

describe('what a database has lost', () => {
  it.each([
    ['a trial in the middle', encodeKey('t', 'A', 1), /^STORE_CORRUPT: trial 1 of study A is missing/],
    ['the first trial', encodeKey('t', 'A', 0), /^STORE_CORRUPT: trial 0 of study A is missing/],
  ])('is told by whoever reads it: %s', async (_, key, message) => {
    const store = createMemoryStore();
    await write(createStudyStore(store), (writes) => {
      writes.study(sampleStudy('A'));
      for (let trial = 0; trial < 3; trial++) writes.trial(sampleTrial('A', trial), undefined, []);
    });
    const studies = createStudyStore(store);
    expect([...studies.trials('A')]).toHaveLength(3);
    await store.commit([{ key, value: undefined }]);
    expect(() => [...studies.trials('A')]).toThrow(message);
    expect(() => [...studies.trials('A', { reverse: true })]).toThrow(message);
  });
});
