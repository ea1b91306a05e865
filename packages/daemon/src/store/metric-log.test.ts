import { createRandom } from '@paramo/core';
import { createSimulatedClock } from '@paramo/core/testing';
import type { SimulatedClock } from '@paramo/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSeries } from './check-series.js';
import { deleteTrialData, resumeDeletions } from './deletion.js';
import { readSeries } from './effective-series.js';
import { prefixRange } from './key.js';
import { createMemoryStore } from './memory-store.js';
import { metricBatch } from './metric-batch.js';
import type { MetricBatch } from './metric-batch.js';
import { inStepOrder, noPoints, addPoints } from './points.js';
import { pointNames, pointsByAttempt } from './series-points.js';
import type { Store } from './store.js';
import { createStudyStore } from './study-store.js';
import type { StudyStore } from './study-store.js';
import { createWrites } from './study-writes.js';
import { storeKinds } from './testing/stores.js';

interface BatchShape {
  readonly trial?: number;
  readonly attempt?: number;
  readonly late?: boolean;
  readonly series?: readonly string[];
  readonly points?: number;
}

let lastStep = 0;

/** A batch whose steps and values come nowhere else. */
function batch(sequence: number, { trial = 0, attempt = 1, late = false, series = ['loss'], points = 1 }: BatchShape = {}): MetricBatch {
  const steps = Array.from({ length: points }, () => ++lastStep);
  return metricBatch({ studyId: 'A', trial, attempt, writer: 'w', sequence, late, wallMs: 1000 + lastStep }, series.map((name) => ({ name, steps, values: steps.map((step) => step / 3), timesMs: [] })));
}

function commit(studies: StudyStore, ...batches: readonly MetricBatch[]): Promise<void> {
  const writes = createWrites();
  for (const one of batches) writes.points(one);
  return studies.commit(writes);
}

/** Notes the deletion and does it, as a study does with its log event. */
async function deleteTrial(studies: StudyStore, trial: number): Promise<void> {
  const writes = createWrites();
  writes.trialDeletion('A', trial);
  await studies.commit(writes);
  await deleteTrialData(studies.store, 'A', trial);
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

/** Waits for work that may need the clock. */
async function finish(clock: SimulatedClock, work: Promise<unknown>): Promise<void> {
  let over = false;
  const done = work.finally(() => (over = true));
  while (!over) {
    await turns(1);
    clock.advance(1);
  }
  await done;
}

const records = (store: Store): number => [...store.range(prefixRange('m'))].length;
const isSettled = async (work: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void work.then(() => (settled = true));
  await turns(20);
  return settled;
};

describe('batches that may wait', () => {
  it('do not wait when none came before, else at most 5 ms, and then share a commit', async () => {
    const clock = createSimulatedClock();
    const store = createMemoryStore();
    const studies = createStudyStore(store, clock);
    expect(await isSettled(Promise.all([studies.gather(batch(1)), studies.gather(batch(2))]))).toBe(true);
    expect(records(store)).toBe(1);
    clock.advance(2);
    const more = Promise.all([studies.gather(batch(3)), studies.gather(batch(1, { trial: 1 }))]);
    expect(await isSettled(more)).toBe(false);
    clock.advance(2);
    expect(await isSettled(more)).toBe(false);
    clock.advance(1);
    expect(await isSettled(more)).toBe(true);
    expect(records(store)).toBe(2);
    clock.advance(5);
    expect(await isSettled(studies.gather(batch(4)))).toBe(true);
  });

  it('go with any other commit, before it, and when many points have come', async () => {
    const store = createMemoryStore();
    const studies = createStudyStore(store, createSimulatedClock());
    await studies.gather(batch(1));
    void studies.gather(batch(2));
    await studies.commit(createWrites());
    expect(studies.sequence({ studyId: 'A', trial: 0, attempt: 1, writer: 'w' })).toBe(2);
    const waiting = studies.gather(batch(3));
    const large = studies.gather(batch(4, { points: 50_000 }));
    expect(await isSettled(Promise.all([waiting, large]))).toBe(true);
    expect(studies.sequence({ studyId: 'A', trial: 0, attempt: 1, writer: 'w' })).toBe(4);
  });
});

describe.each(storeKinds)('the metric log on $name', ({ with: withStore }) => {
  it('is empty once it is closed, and all points are in chunks of a page', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      const all = [batch(1, { points: 700 }), batch(2, { points: 700, series: ['acc', 'loss'] }), batch(3, { late: true, points: 3 })];
      for (const one of all) await commit(studies, one);
      const before = readSeries(studies, 'A', 0);
      expect(records(store)).toBe(3);
      await studies.close();
      expect(records(store)).toBe(0);
      const again = createStudyStore(store);
      expect(again.tails('A', 0)).toEqual([]);
      expect(readSeries(again, 'A', 0)).toEqual(before);
      expect(again.sequence({ studyId: 'A', trial: 0, attempt: 1, writer: 'w' })).toBe(3);
      const sizes = Array.from(store.range(prefixRange('v', 'A', 0, 'loss')), ([, value]) => value.length);
      expect(sizes.length).toBeGreaterThan(2);
      // Full but for less than the next point would take.
      for (const size of sizes.slice(0, -1)) expect(4080 - size).toBeLessThan(16);
    }));

  it('is read again by whoever opens the store next', () =>
    withStore(async (store) => {
      const first = createStudyStore(store);
      await commit(first, batch(1, { points: 10 }), batch(1, { trial: 1 }));
      await first.drain();
      await commit(first, batch(2, { points: 10 }));
      const next = createStudyStore(store);
      expect(readSeries(next, 'A', 0)).toEqual(readSeries(first, 'A', 0));
      expect([0, 1].map((trial) => next.sequence({ studyId: 'A', trial, attempt: 1, writer: 'w' }))).toEqual([2, 1]);
    }));

  it('answers DATA_LOSS for a series with a damaged chunk, and reads the others', () =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      await commit(studies, batch(1, { series: ['acc', 'loss'], points: 20 }), batch(1, { trial: 1 }));
      await studies.drain();
      expect([...checkSeries(store)]).toEqual([undefined, undefined, undefined]);
      const [key, value] = [...store.range(prefixRange('v', 'A', 0, 'loss'))][0]!;
      await store.commit([{ key, value: value.map((byte, i) => (i === 30 ? byte ^ 4 : byte)) }]);
      const damaged = /^DATA_LOSS: points of "loss" of trial 0, attempt 1, in study A are damaged/;
      for (const more of [2, 3]) {
        expect(() => readSeries(studies, 'A', 0)).toThrow(damaged);
        expect(readSeries(studies, 'A', 0, { names: ['acc'] })[0]!.steps.length).toBeGreaterThanOrEqual(20);
        expect(readSeries(studies, 'A', 1)).toHaveLength(1);
        await commit(studies, batch(more, { series: ['acc', 'loss'] }));
        await studies.drain();
        expect([...checkSeries(store)].filter((error) => error).map(String)).toEqual([expect.stringMatching(/"loss" of trial 0/)]);
      }
    }));

  it('leaves a damaged record out, for the doctor to find, and takes the others', () =>
    withStore(async (store) => {
      const first = createStudyStore(store);
      for (const sequence of [1, 2, 3]) await commit(first, batch(sequence));
      const [key, value] = [...store.range(prefixRange('m'))][1]!;
      await store.commit([{ key, value: value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte)) }]);
      for (let starts = 0; starts < 3; starts++) {
        const studies = createStudyStore(store);
        expect(readSeries(studies, 'A', 0)[0]!.steps).toHaveLength(2 + starts);
        await commit(studies, batch(4 + starts));
        await studies.close();
        expect([...checkSeries(store)].filter((error) => error).map(String)).toEqual([expect.stringMatching(/^.*DATA_LOSS: record 2 of the metric log is damaged/)]);
      }
    }));
});

describe('the metric log', () => {
  it('is drained when it is a minute old', async () => {
    const clock = createSimulatedClock();
    const store = createMemoryStore();
    const studies = createStudyStore(store, clock);
    for (const sequence of [1, 2]) {
      await commit(studies, batch(sequence));
      clock.advance(59_999);
      await turns(20);
      expect(records(store)).toBe(1);
      clock.advance(1);
      await turns(20);
      expect(records(store)).toBe(0);
    }
    // One that was left by a daemon that died, too.
    await commit(studies, batch(3));
    createStudyStore(store, clock);
    clock.advance(60_000);
    await turns(20);
    expect(records(store)).toBe(0);
  });

  it('is drained when it has many points', async () => {
    const store = createMemoryStore();
    const studies = createStudyStore(store, createSimulatedClock());
    for (const sequence of [1, 2, 3, 4]) await commit(studies, batch(sequence, { points: 250_000 }));
    await turns(50);
    expect(records(store)).toBe(0);
    expect(studies.tails('A', 0)).toEqual([]);
  });

  it('makes no chunks of what is being deleted, whenever the two meet', async () => {
    for (let head = 0; head < 8; head++) {
      const store = createMemoryStore();
      const studies = createStudyStore(store);
      await commit(studies, batch(1), batch(1, { trial: 1 }));
      const gone = deleteTrial(studies, 0);
      await turns(head);
      await Promise.all([gone, studies.drain()]);
      await studies.close();
      expect([0, 1].map((trial) => readSeries(studies, 'A', trial).length)).toEqual([0, 1]);
      expect(studies.sequence({ studyId: 'A', trial: 0, attempt: 1, writer: 'w' })).toBe(1);
      expect(records(store)).toBe(0);
    }
  });

  const write = fc.record({
    kind: fc.constant('write' as const), trial: fc.nat(3), attempt: fc.integer({ min: 1, max: 2 }), late: fc.boolean(),
    many: fc.constantFrom(1, 1, 1, 250), points: fc.constantFrom(1, 2, 3, 300), waits: fc.boolean(), acked: fc.boolean(),
  });
  const operation = fc.oneof(
    { weight: 8, arbitrary: write },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('drain' as const), done: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), turns: fc.nat(6), ms: fc.nat(6) }) },
    // What goes on at the same time: so many event turns after it began, the log is drained, or the power goes.
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), trial: fc.nat(3), turns: fc.nat(5), drained: fc.boolean(), done: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), drained: fc.boolean(), turns: fc.nat(12) }) },
  );

  it('loses and doubles nothing, whatever is written, drained and deleted when, and wherever it crashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), fc.nat(), async (operations, seed) => {
        const random = createRandom('metric log', seed);
        const clock = createSimulatedClock();
        let store = createMemoryStore({ random: () => random.next() });
        let studies = createStudyStore(store, clock);
        /** By trial and attempt: what was written in turn, and how much of it was acked. */
        const writers = new Map<string, { readonly trial: number; readonly attempt: number; sent: MetricBatch[]; acked: number }>();
        /** Trials whose deletion began, and whether it was answered. */
        const deleted = new Map<number, boolean>();
        let alive = {};

        const check = (exactly: boolean): void => {
          for (const { trial, attempt, sent, acked } of writers.values()) {
            const sequence = studies.sequence({ studyId: 'A', trial, attempt, writer: 'w' });
            expect(sequence).toBeGreaterThanOrEqual(acked);
            for (const late of [false, true]) {
              const expected = new Map<string, ReturnType<typeof noPoints>>();
              for (const { series } of sent.slice(0, sequence).filter((one) => one.late === late)) {
                for (const [name, points] of series) addPoints(expected.get(name) ?? expected.set(name, noPoints()).get(name)!, points);
              }
              const found = { studies, studyId: 'A', trial, late };
              const names = pointNames(found).filter((name) => pointsByAttempt(found, name).has(attempt));
              // A deletion that was not answered has taken all of the trial or nothing.
              if (deleted.get(trial) === true) expect(names).toEqual([]);
              if (deleted.has(trial)) continue;
              expect(new Set(names)).toEqual(new Set(expected.keys()));
              for (const name of names) {
                const points = pointsByAttempt(found, name).get(attempt)!;
                expect(exactly ? points : inStepOrder(points)).toEqual(expected.get(name));
              }
            }
          }
        };

        for (const one of operations) {
          const born = alive;
          if (one.kind === 'write') {
            if (deleted.has(one.trial)) continue;
            const key = `${one.trial}/${one.attempt}`;
            const writer = writers.get(key) ?? { trial: one.trial, attempt: one.attempt, sent: [], acked: 0 };
            writers.set(key, writer);
            const sequence = writer.sent.length + 1;
            const made = batch(sequence, { ...one, series: Array.from({ length: one.many }, (_, i) => `m${i}`), points: one.many > 1 ? 1 : one.points });
            // Copied, for the store may go on filling its columns.
            writer.sent.push(structuredClone(made));
            const stored = (one.waits ? studies.gather(made) : commit(studies, made)).then(() => {
              if (alive === born) writer.acked = Math.max(writer.acked, sequence);
            });
            if (one.acked) await finish(clock, stored);
          } else if (one.kind === 'drain') {
            const drained = studies.drain();
            if (one.done) await finish(clock, drained);
          } else if (one.kind === 'pass') {
            await turns(one.turns);
            clock.advance(one.ms);
          } else if (one.kind === 'delete') {
            if (deleted.has(one.trial)) continue;
            deleted.set(one.trial, false);
            const gone = deleteTrial(studies, one.trial).then(() => {
              if (alive === born) deleted.set(one.trial, true);
            });
            await turns(one.turns);
            if (one.drained) void studies.drain();
            if (one.done) await finish(clock, gone);
          } else {
            if (one.drained) void studies.drain();
            await turns(one.turns);
            alive = {};
            store = store.crash();
            studies = createStudyStore(store, clock);
            await resumeDeletions(store);
            for (const writer of writers.values()) {
              // What was not stored is lost, and its writer makes it anew.
              writer.sent = writer.sent.slice(0, studies.sequence({ studyId: 'A', trial: writer.trial, attempt: writer.attempt, writer: 'w' }));
            }
          }
          // Nothing is moving right after a start.
          check(one.kind === 'crash');
        }
        await finish(clock, studies.commit(createWrites()));
        await finish(clock, studies.close());
        expect(records(store)).toBe(0);
        check(true);
        expect([...checkSeries(store)].filter((error) => error)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
