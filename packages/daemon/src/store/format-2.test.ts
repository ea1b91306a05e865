import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLmdbFile } from './lmdb-file.js';
import { openLmdbStore } from './lmdb-store.js';
import { formatWrite } from './store-format.js';
import { createStudyStore } from './study-store.js';
import { createWrites } from './study-writes.js';
import { sampleStudy, sampleTrial } from './testing/sample-records.js';

test('what format 2 stored without checksums is read, with them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paramo-format-2-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'data.mdb');
  const trials = Array.from({ length: 2500 }, (_, number) => sampleTrial('A', number));
  const writes = createWrites();
  writes.study(sampleStudy('A'));
  writes.name('mnist', 'A');
  for (const trial of trials) writes.trial(trial, undefined, []);
  writes.request('A', 'r1', { trial: 3, attempt: 1 });
  const old = await openLmdbFile({ path });
  await old.commit([formatWrite(2), ...writes.writes]);
  await old.close();

  for (let start = 0; start < 2; start++) {
    const store = await openLmdbStore({ path });
    const studies = createStudyStore(store);
    expect(store.stat().format).toBe(3);
    expect(studies.studyIdByName('mnist')).toBe('A');
    expect(studies.study('A')).toEqual(sampleStudy('A'));
    expect([...studies.trials('A')]).toEqual(trials);
    expect(studies.request('A', 'r1')).toEqual({ trial: 3, attempt: 1 });
    await studies.close();
    await store.close();
  }
});
