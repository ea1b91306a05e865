import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float, space } from '@paramo/core';
import type { SpoolRecord } from '@paramo/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStudy } from './open-study.js';
import { readSpoolFile, spoolFiles } from './spool/spool-files.js';
import { connectToy } from './testing/toy-connection.js';
import { createToyDaemon } from './testing/toy-daemon.js';

let spoolPath: string;
beforeEach(() => {
  spoolPath = mkdtempSync(join(tmpdir(), 'paramo-'));
});
afterEach(() => rmSync(spoolPath, { recursive: true, force: true }));

async function setUp(ports: Parameters<typeof connectToy>[1] = {}) {
  const toy = createToyDaemon({ params: [{ lr: 0.5 }, { lr: 0.25 }] });
  const toyConnection = connectToy(toy, { spoolPath, ...ports });
  const { connection, pass } = toyConnection;
  const study = await openStudy({ name: 's', space: space({ lr: float(0, 1) }), objective: 'min loss' }, { connection });
  const trial = (await study.ask())!;
  const directory = join(spoolPath, connection.writerId);
  const records = (): readonly SpoolRecord[] => (existsSync(directory) ? spoolFiles(directory).flatMap((path) => readSpoolFile(path).records) : []);
  const kinds = (): readonly string[] => records().map(({ kind }) => kind!.$case);
  const stored = (name = 'loss'): readonly number[] => [...toy.trials[0]!.series.get(name)!.keys()];
  await pass(20);
  return { toy, ...toyConnection, study, trial, directory, records, kinds, stored, pass };
}

test('what was logged is on disk after a tenth of a second, daemon or not', async () => {
  const { toy, trial, kinds, pass } = await setUp();
  toy.down = true;
  trial.log({ loss: 1 });
  expect(kinds()).toEqual([]);
  await pass(100);
  expect(kinds()).toEqual(['owner', 'batch']);
});

test('the daemon gets what was logged in its absence, in order and once, although most of it was on disk alone', async () => {
  const { toy, trial, connection, stored, directory, pass } = await setUp();
  toy.down = true;
  for (let step = 0; step < 1000; step++) {
    trial.log({ loss: step }, step);
    if (step % 5 === 4) await pass(100);
  }
  expect(connection.reporter.unsent).toBe(1000);
  toy.down = false;
  await pass(40_000);
  expect(stored()).toEqual(Array.from({ length: 1000 }, (_, step) => step));
  expect(connection.reporter.unsent).toBe(0);
  await trial.complete();
  await connection.close();
  expect(existsSync(directory)).toBe(false);
});

test('past its quota metrics are thinned, the newest point of each and the end stay, and what was left out is counted', async () => {
  const { toy, trial, connection, stored, records, lines, pass } = await setUp({ spoolQuotaBytes: 20_000 });
  toy.down = true;
  for (let step = 0; step < 5000; step++) {
    trial.log({ loss: step, acc: -step }, step);
    if (step % 5 === 4) await pass(100);
  }
  const ended = trial.complete();
  await pass(5000);
  expect(await ended).toMatchObject({ state: 'completed', number: 0 });
  const { dropped } = connection.reporter.lost;
  expect(dropped).toBeGreaterThan(5000);
  expect(records().at(-1)).toMatchObject({ kind: { $case: 'complete' }, dropped: BigInt(dropped) });
  expect(records().reduce((sum, { kind }) => sum + (kind?.$case === 'batch' ? 1 : 0), 0)).toBeLessThan(600);
  expect(lines.filter((line) => line.includes('quota'))).toHaveLength(1);
  toy.down = false;
  await pass(40_000);
  for (const name of ['loss', 'acc']) {
    const steps = stored(name);
    expect(steps.at(-1)).toBe(4999);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  }
  expect(stored().length + stored('acc').length + dropped).toBe(10_000);
  expect(toy.trials[0]!.record.state).toBe('completed');
});

test('an end that is on disk is answered for when the daemon stays away, and told when it is back', async () => {
  const { toy, study, trial, kinds, pass } = await setUp();
  trial.log({ loss: 0.5 });
  await pass(200);
  toy.down = true;
  const told = study.tell(trial, { loss: 0.25 });
  await pass(20);
  expect(kinds().at(-1)).toBe('complete');
  await pass(5000);
  expect(await told).toMatchObject({ state: 'completed', value: 0.25 });
  expect(toy.trials[0]!.record.state).toBe('running');
  toy.down = false;
  await pass(40_000);
  expect(toy.trials[0]!.record).toMatchObject({ state: 'completed', value: 0.25 });
  expect(kinds().at(-1)).toBe('settled');
});

test('closing waits 5 s for a daemon that is away, says what stays and where, and the next start delivers it', async () => {
  const { toy, trial, connection, directory, lines, stored, pass } = await setUp();
  toy.down = true;
  trial.log({ loss: 0.5 });
  trial.log({ loss: 0.25 });
  const ended = trial.complete();
  await pass(3000);
  const closed = connection.close();
  await pass(5100);
  await Promise.all([ended, closed]);
  expect(lines.at(-1)).toBe(`paramo: the daemon is away: 2 points and the end of a trial of study "s" stay in ${directory}; they are sent at the next start, or by \`paramo sync\`\n`);

  toy.down = false;
  const next = connectToy(toy, { spoolPath });
  await openStudy({ name: 's', space: space({ lr: float(0, 1) }), objective: 'min loss' }, { connection: next.connection });
  await next.pass(1000);
  expect([stored(), toy.trials[0]!.record.state]).toEqual([[0, 1], 'completed']);
  expect(next.lines).toEqual(['paramo: delivered what an earlier process had left: 2 points and the end of a trial of study "s"\n']);
  expect(existsSync(directory)).toBe(false);
});

test('an end that has waited in vain leaves closing no more to wait', async () => {
  const { toy, trial, connection, pass } = await setUp();
  toy.down = true;
  const ended = trial.complete(1);
  await pass(5000);
  await ended;
  const closed = connection.close();
  await pass(20);
  await closed;
});

test('where no spool can be written training goes on in memory, which is said once', async () => {
  const { toy, trial, lines, stored, pass } = await setUp({ spoolPath: join(spoolPath, 'file', 'spool') });
  writeFileSync(join(spoolPath, 'file'), '');
  toy.down = true;
  for (let step = 0; step < 100; step++) {
    trial.log({ loss: step }, step);
    await pass(100);
  }
  expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1);
  toy.down = false;
  await pass(40_000);
  expect(stored()).toHaveLength(100);
  expect(await trial.complete()).toMatchObject({ state: 'completed' });
});
