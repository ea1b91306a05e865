import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { downSample } from './down-sample.js';
import { listSeries, readSeries } from './effective-series.js';
import { createMemoryStore } from './memory-store.js';
import { metricBatch } from './metric-batch.js';
import { createStudyStore } from './study-store.js';
import type { StudyStore } from './study-store.js';
import { createWrites } from './study-writes.js';
import { storeKinds } from './testing/stores.js';

/** One batch of points of one metric, as an attempt wrote it. */
interface Written {
  readonly attempt: number;
  readonly late: boolean;
  readonly points: readonly (readonly [step: number, value: number])[];
  /** Whether the log was drained after it. */
  readonly drained?: boolean;
}

async function write(studies: StudyStore, dones: readonly number[], batches: readonly Written[], name = 'loss'): Promise<void> {
  const attempts = createWrites();
  dones.forEach((done, i) => attempts.attempt({ studyId: 'A', trial: 0 }, { attempt: i + 1, done, late: i + 1 < dones.length }));
  await studies.commit(attempts);
  for (const [i, { attempt, late, points, drained }] of batches.entries()) {
    const columns = { name, steps: points.map(([step]) => BigInt(step)), values: points.map(([, value]) => value), timesMs: [] };
    const writes = createWrites();
    writes.points(metricBatch({ studyId: 'A', trial: 0, attempt, writer: `writer of ${name}`, sequence: i + 1, late, wallMs: 1000 + i }, [columns]));
    await studies.commit(writes);
    if (drained) await studies.drain();
  }
}

/** The effective series by its definition, one step after the other. */
function model(dones: readonly number[], batches: readonly Written[]): [number, number][] {
  const shown: [number, number][] = [];
  for (let step = 0; step < 12; step++) {
    for (let attempt = dones.length; attempt >= 1; attempt--) {
      const hidden = dones.some((done, i) => i + 1 > attempt && step >= done);
      const last = batches.filter((batch) => batch.attempt === attempt && !batch.late).flatMap(({ points }) => points).findLast(([at]) => at === step);
      if (hidden || !last) continue;
      shown.push([step, last[1]]);
      break;
    }
  }
  return shown;
}

const point = fc.tuple(fc.nat(11), fc.double());
const history = fc.integer({ min: 1, max: 4 }).chain((attempts) =>
  fc.tuple(
    fc.array(fc.nat(11), { minLength: attempts - 1, maxLength: attempts - 1 }).map((dones) => [0, ...dones]),
    fc.array(fc.record({ attempt: fc.integer({ min: 1, max: attempts }), late: fc.boolean(), points: fc.array(point, { maxLength: 8 }), drained: fc.boolean() }), { maxLength: 12 }),
  ),
);

describe('the effective series', () => {
  it('has of each step the latest attempt that was not hidden, whatever was written when', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ([dones, batches]) => {
        const studies = createStudyStore(createMemoryStore());
        await write(studies, dones, batches);
        const expected = model(dones, batches);
        const [series] = readSeries(studies, 'A', 0);
        expect((series?.steps ?? []).map((step, i) => [step, series!.values[i]])).toEqual(expected);

        const distinct = new Set(batches.flatMap(({ attempt, late, points }) => points.map(([step]) => `${attempt} ${late} ${step}`)));
        const [summary] = listSeries(studies, 'A', 0);
        expect(summary?.points ?? 0).toBe(expected.length);
        expect(summary?.hiddenPoints ?? 0).toBe(distinct.size - expected.length);
        expect([summary?.firstStep, summary?.lastStep, summary?.lastValue]).toEqual([expected[0]?.[0], expected.at(-1)?.[0], expected.at(-1)?.[1]]);
      }),
      { numRuns: 200 },
    );
  });

  it.each(storeKinds)('is read by name, step and attempt from $name', ({ with: withStore }) =>
    withStore(async (store) => {
      const studies = createStudyStore(store);
      await write(studies, [0, 3], [
        { attempt: 1, late: false, points: [[0, 10], [1, 11], [2, 12], [3, 13], [4, 14]] },
        { attempt: 2, late: false, points: [[3, 23]], drained: true },
        { attempt: 1, late: true, points: [[5, 15], [1, 99]] },
      ]);
      await write(studies, [0, 3], [{ attempt: 1, late: false, points: [[0, NaN], [1, Infinity]] }], 'val loss');
      expect(readSeries(studies, 'A', 0)).toEqual([
        { name: 'loss', steps: [0, 1, 2, 3], values: [10, 11, 12, 23], timesMs: [1000, 1000, 1000, 1001] },
        { name: 'val loss', steps: [0, 1], values: [NaN, Infinity], timesMs: [1000, 1000] },
      ]);
      expect(readSeries(studies, 'A', 0, { names: ['loss', 'none'], fromStep: 1, toStep: 2 })).toEqual([{ name: 'loss', steps: [1, 2], values: [11, 12], timesMs: [1000, 1000] }]);
      expect(readSeries(studies, 'A', 0, { names: ['loss'], attempt: 1 })[0]).toMatchObject({ steps: [0, 1, 2, 3, 4, 5], values: [10, 99, 12, 13, 14, 15] });
      expect(readSeries(studies, 'A', 0, { names: ['loss'], attempt: 2 })[0]).toMatchObject({ steps: [3], values: [23] });
      expect(readSeries(studies, 'A', 0, { names: ['loss'], attempt: 3 })).toEqual([]);
      expect(listSeries(studies, 'A', 0)[0]).toEqual({ name: 'loss', points: 4, hiddenPoints: 4, firstStep: 0, lastStep: 3, lastValue: 23 });
      expect(listSeries(studies, 'A', 1)).toEqual([]);
    }),
  );

  it('of the machine goes on where an earlier attempt left off, from whichever step that began', async () => {
    const studies = createStudyStore(createMemoryStore());
    await write(studies, [0, 3], [
      { attempt: 1, late: false, points: [[0, 1], [15, 2], [30, 3]] },
      { attempt: 2, late: false, points: [[40, 4], [55, 5]] },
      { attempt: 1, late: true, points: [[45, 9]] },
    ], 'system/memory');
    expect(readSeries(studies, 'A', 0)[0]).toMatchObject({ steps: [0, 15, 30, 40, 55], values: [1, 2, 3, 4, 5] });
    expect(listSeries(studies, 'A', 0)[0]).toMatchObject({ points: 5, hiddenPoints: 1 });
  });
});

describe('downSample', () => {
  const columns = (values: number[]): { steps: number[]; values: number[]; timesMs: number[] } => ({ steps: values.map((_, i) => i * 2), values, timesMs: values.map(() => 0) });

  it('keeps at most so many points, in order, with the first, the last and the extremes among them, and a gap where one was', () => {
    const value = fc.oneof({ weight: 9, arbitrary: fc.double({ noNaN: true }) }, { weight: 1, arbitrary: fc.constant(NaN) });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.integer({ min: 5, max: 30 }), (values, maxPoints) => {
        const sampled = downSample(columns(values), maxPoints);
        expect(sampled.steps.length).toBeLessThanOrEqual(maxPoints);
        expect([sampled.steps[0], sampled.steps.at(-1)]).toEqual([0, (values.length - 1) * 2]);
        expect(sampled.steps).toEqual([...new Set(sampled.steps)].sort((a, b) => a - b));
        sampled.steps.forEach((step, i) => expect(sampled.values[i]).toBe(values[step / 2]));
        const finite = values.filter((one) => !Number.isNaN(one));
        const kept = sampled.values.filter((one) => !Number.isNaN(one));
        // Infinity and −Infinity are what Math.max and Math.min say of nothing on both sides alike.
        expect([Math.max(...kept), Math.min(...kept)]).toEqual([Math.max(...finite), Math.min(...finite)]);
        expect(sampled.values.some(Number.isNaN)).toBe(values.some(Number.isNaN));
      }),
    );
  });

  it('keeps all for 0 and for room enough, the last for 1, first and last for 2', () => {
    const points = columns([3, 1, 2]);
    expect(downSample(points, 0)).toEqual(points);
    expect(downSample(points, 3)).toEqual(points);
    expect(downSample(points, 1)).toMatchObject({ steps: [4], values: [2] });
    expect(downSample(points, 2)).toMatchObject({ steps: [0, 4], values: [3, 2] });
  });
});
