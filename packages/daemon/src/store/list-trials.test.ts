import type { Objective, TrialRecord } from '@paramo/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store.js';
import { listTrials } from './list-trials.js';
import { createStudyStore } from './study-store.js';
import type { StudyStore } from './study-store.js';
import { createWrites } from './study-writes.js';
import { sampleStudy, sampleTrial } from './testing/sample-records.js';
import { storeKinds } from './testing/stores.js';
import { sealStore } from './sealed-store.js';
import type { Store } from './store.js';

async function fill(store: Store, trials: readonly TrialRecord[], goal: Objective['goal'] = 'min'): Promise<StudyStore> {
  const writes = createWrites();
  const objectives = [{ metric: 'loss', goal, at: 'last' as const }];
  writes.study(sampleStudy('A', { objectives }));
  for (const trial of trials) writes.trial(trial, undefined, objectives);
  await sealStore(store).commit(writes.writes);
  return createStudyStore(store);
}

/** All pages, one after the other. */
function listAll(studies: StudyStore, filter: string, order: string, pageSize: number): number[] {
  const numbers: number[] = [];
  let pageToken = '';
  do {
    const page = listTrials(studies, 'A', { filter, order, pageSize, pageToken });
    expect(page.trials.length).toBeLessThanOrEqual(pageSize);
    numbers.push(...page.trials.map(({ number }) => number));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return numbers;
}

const trialChanges = fc.record({
  state: fc.constantFrom<TrialRecord['state']>('completed', 'completed', 'running', 'stopped'),
  value: fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true })), { nil: undefined }),
  lr: fc.option(fc.constantFrom<number | string | boolean>(1, 2, -1e300, 'a', 'b', true, false), { nil: undefined }),
  phase: fc.constantFrom(undefined, 'screen'),
  retracted: fc.constantFrom(false, false, false, true),
});

/** The order in words: missing last by number; else by kind and value, ties by number; turned round as a whole. */
function sorted(trials: readonly TrialRecord[], key: (trial: TrialRecord) => number | string | boolean | undefined, reverse: boolean): number[] {
  const kind = (value: unknown): number => ['number', 'string', 'boolean'].indexOf(typeof value);
  const placed = trials.filter((trial) => key(trial) !== undefined).sort((a, b) => kind(key(a)) - kind(key(b)) || (key(a)! < key(b)! ? -1 : key(a)! > key(b)! ? 1 : a.number - b.number));
  const missing = trials.filter((trial) => key(trial) === undefined);
  return [...(reverse ? placed.reverse() : placed), ...missing].map(({ number }) => number);
}

describe('listing trials', () => {
  it('gives every trial once and in order, whatever the filter, order and page size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(trialChanges, { maxLength: 25 }), fc.constantFrom<Objective['goal']>('min', 'max'), fc.integer({ min: 1, max: 7 }), async (changes, goal, size) => {
        const trials = changes.map(({ state, value, lr, phase, retracted }, number) =>
          sampleTrial('A', number, { state, retracted, params: lr === undefined ? {} : { lr }, ...(value !== undefined && { value }), ...(phase && { phase }) }),
        );
        const studies = await fill(createMemoryStore(), trials, goal);
        const shown = trials.filter(({ retracted }) => !retracted);
        const completed = shown.filter(({ state }) => state === 'completed');
        const best = ({ value }: TrialRecord): number | undefined => (value === undefined ? undefined : goal === 'min' ? value : -value);
        expect(listAll(studies, '', '', size)).toEqual(shown.map(({ number }) => number));
        expect(listAll(studies, 'state = completed', '-number', size)).toEqual(completed.map(({ number }) => number).reverse());
        for (const reverse of [false, true]) {
          const sign = reverse ? '-' : '';
          expect(listAll(studies, 'state = completed', `${sign}value`, size)).toEqual(sorted(completed, best, reverse));
          expect(listAll(studies, '', `${sign}value`, size)).toEqual(sorted(shown, best, reverse));
          expect(listAll(studies, '', `${sign}params.lr`, size)).toEqual(sorted(shown, ({ params }) => params['lr'] ?? undefined, reverse));
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each(storeKinds)('reads single pages from $name', ({ with: withStore }) =>
    withStore(async (store) => {
      const trials = Array.from({ length: 250 }, (_, number) => sampleTrial('A', number, { state: 'completed', value: (number * 37) % 250, metrics: { loss: number % 3 } }));
      const studies = await fill(store, trials, 'max');
      const first = listTrials(studies, 'A');
      expect(first.trials.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, i) => i));
      expect(listTrials(studies, 'A', { pageToken: first.nextPageToken }).trials[0]).toEqual(trials[100]);
      expect(listTrials(studies, 'A', { filter: 'state = completed', order: 'value', pageSize: 3 }).trials.map(({ value }) => value)).toEqual([249, 248, 247]);
      expect(listTrials(studies, 'A', { order: '-loss', pageSize: 2 }).trials.map(({ number }) => number)).toEqual([248, 245]);
    }),
  );

  it('ends a page early rather than going over very many trials for it', async () => {
    const trials = Array.from({ length: 20_500 }, (_, number) => sampleTrial('A', number, { state: number === 20_400 ? 'failed' : 'completed' }));
    const studies = await fill(createMemoryStore(), trials);
    const first = listTrials(studies, 'A', { filter: 'state = failed' });
    expect(first.trials).toEqual([]);
    expect(first.nextPageToken).not.toBe('');
    expect(listAll(studies, 'state = failed', '', 10)).toEqual([20_400]);
  });

  it('gives the same token for the same page, and refuses one of another listing or of nobody', async () => {
    const trials = Array.from({ length: 5 }, (_, number) => sampleTrial('A', number, { state: 'completed', value: Infinity, metrics: { loss: Infinity } }));
    const studies = await fill(createMemoryStore(), trials);
    const page = listTrials(studies, 'A', { order: 'loss', pageSize: 2 });
    expect(listTrials(studies, 'A', { order: ' loss', pageSize: 2 }).nextPageToken).toBe(page.nextPageToken);
    expect(listTrials(studies, 'A', { order: 'loss', pageToken: page.nextPageToken }).trials.map(({ number }) => number)).toEqual([2, 3, 4]);
    for (const other of [{ order: '-loss' }, { order: 'loss', filter: 'state = completed' }, { order: '' }]) {
      expect(() => listTrials(studies, 'A', { ...other, pageToken: page.nextPageToken })).toThrow(/^INVALID_ARGUMENT: the page token belongs to another study, filter or order\. Pass next_page_token/);
    }
    for (const token of ['?', 'abc', Buffer.from('[1]').toString('base64url')]) expect(() => listTrials(studies, 'A', { pageToken: token })).toThrow(/INVALID_ARGUMENT: the page token is not one of ours/);
  });

  it('refuses an unknown order, page size or study and says what to do', async () => {
    const studies = await fill(createMemoryStore(), [sampleTrial('A', 0, { params: { momentum: 0.9 } })]);
    expect(() => listTrials(studies, 'A', { order: '-momentun' })).toThrow(/INVALID_ARGUMENT: cannot order by "-momentun": .*Did you mean "momentum"\?/);
    expect(() => listTrials(studies, 'A', { pageSize: 1001 })).toThrow(/Ask for 1 to 1000/);
    expect(() => listTrials(studies, 'A', { pageSize: -1 })).toThrow(/INVALID_ARGUMENT/);
    expect(() => listTrials(studies, 'nowhere')).toThrow(/STUDY_NOT_FOUND: no study has the id "nowhere"/);
  });
});
