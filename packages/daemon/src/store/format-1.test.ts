import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeriesColumns } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { listSeries, readSeries } from './effective-series.js';
import { encodeKey, prefixRange } from './key.js';
import { openLmdbFile } from './lmdb-file.js';
import { openLmdbStore } from './lmdb-store.js';
import { formatWrite } from './store-format.js';
import type { Write } from './store.js';
import { createStudyStore } from './study-store.js';
import { createWrites } from './study-writes.js';

/** A batch of one metric as format 1 kept it. */
function batch(table: 'p' | 'y', [trial, name, attempt, sequence]: readonly [number, string, number, number], rows: readonly (readonly [step: number, value: number])[]): Write {
  const columns = { name, steps: rows.map(([step]) => BigInt(step)), values: rows.map(([, value]) => value), timesMs: rows.map(() => BigInt(1000 + sequence)) };
  return { key: encodeKey(table, 'A', trial, name, attempt, sequence, 'w'), value: SeriesColumns.encode(columns).finish() };
}

test('the series of format 1 are read from chunks, and their sequences go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paramo-format-1-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'data.mdb');
  const old = await openLmdbFile({ path });
  const many = Array.from({ length: 5000 }, (_, i) => batch('p', [1, 'loss', 1, i + 1], [[i, i / 3]]));
  const attempts = createWrites();
  attempts.attempt({ studyId: 'A', trial: 0 }, { attempt: 1, done: 0, late: true });
  attempts.attempt({ studyId: 'A', trial: 0 }, { attempt: 2, done: 2, late: false });
  attempts.attempt({ studyId: 'A', trial: 1 }, { attempt: 1, done: 0, late: false });
  await old.commit([
    formatWrite(1), ...attempts.writes, ...many,
    batch('p', [0, 'loss', 1, 1], [[0, 1], [1, 2], [2, NaN]]), batch('p', [0, 'loss', 1, 2], [[1, 22]]), batch('p', [0, 'loss', 2, 1], [[2, 3]]), batch('p', [0, 'acc', 2, 1], [[2, 0.5]]),
    batch('y', [0, 'loss', 1, 3], [[3, 99]]), { key: encodeKey('u', 'A', 1, 1, 'w'), value: Buffer.from('5000') },
  ]);
  await old.close();

  const store = await openLmdbStore({ path });
  const studies = createStudyStore(store);
  expect(readSeries(studies, 'A', 0)).toEqual([
    { name: 'acc', steps: [2], values: [0.5], timesMs: [1001] },
    { name: 'loss', steps: [0, 1, 2], values: [1, 22, 3], timesMs: [1001, 1002, 1001] },
  ]);
  expect(listSeries(studies, 'A', 0)[1]).toMatchObject({ name: 'loss', points: 3, hiddenPoints: 2 });
  expect(readSeries(studies, 'A', 0, { attempt: 1 })).toEqual([{ name: 'loss', steps: [0, 1, 2, 3], values: [1, 22, NaN, 99], timesMs: [1001, 1002, 1001, 1003] }]);
  expect(readSeries(studies, 'A', 1)[0]!.values).toEqual(Array.from({ length: 5000 }, (_, i) => i / 3));
  expect(studies.sequence({ studyId: 'A', trial: 1, attempt: 1, writer: 'w' })).toBe(5000);
  for (const table of ['p', 'y']) expect([...store.range(prefixRange(table))]).toEqual([]);
  expect([...store.range(prefixRange('v', 'A', 1))].length).toBeLessThan(20);
  await store.close();
});
