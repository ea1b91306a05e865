import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float, space } from '@paramo/core';
import { SpoolRecord, valuesToMessage } from '@paramo/protocol';
import type { SpoolOwner } from '@paramo/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStudy } from '../open-study.js';
import { connectToy } from '../testing/toy-connection.js';
import { createToyDaemon } from '../testing/toy-daemon.js';
import { deliverLeftovers } from './deliver-leftovers.js';
import { identifyOwner } from './process-identity.js';
import { encodeRecords, spoolFileName, spoolFiles } from './spool-files.js';
import { createSpool } from './spool.js';
import type { SpoolEntry } from './spool.js';

let spoolPath: string;
beforeEach(() => {
  spoolPath = mkdtempSync(join(tmpdir(), 'paramo-'));
});
afterEach(() => rmSync(spoolPath, { recursive: true, force: true }));

const studyId = '01TOYSTUDY0000000000000000';
/** No process has this number. */
const gone = (writerId: string): SpoolOwner => ({ ...identifyOwner(writerId), pid: 2 ** 22 + 1 });

function batch(trial: number, sequence: number, name = 'loss'): SpoolEntry {
  const series = [{ name, steps: [BigInt(sequence - 1)], values: [sequence / 10], timesMs: [1n] }];
  return { attempt: `${studyId}/${trial}/1`, sequence, record: SpoolRecord.create({ kind: { $case: 'batch', value: { studyId, trial: BigInt(trial), attempt: 1, sequence: BigInt(sequence), series } }, dropped: 3n }) };
}

function completion(trial: number): SpoolEntry {
  const value = { attempt: { studyId, trial: BigInt(trial), attempt: 1 }, writerId: 'W', batches: [], requestId: `end${trial}`, values: valuesToMessage({}) };
  return { attempt: `${studyId}/${trial}/1`, record: SpoolRecord.create({ kind: { $case: 'complete', value } }) };
}

async function setUp() {
  const toy = createToyDaemon({ params: [{ lr: 0.5 }, { lr: 0.25 }] });
  const { connection, clock } = connectToy(toy);
  const study = await openStudy({ name: 's', space: space({ lr: float(0, 1) }), objective: 'min loss' }, { connection });
  await study.ask();
  await study.ask();
  toy.calls.length = 0;
  const deliver = () => deliverLeftovers({ spoolPath, link: connection.link, clock: { ...clock, wallMs: () => Date.now() }, writerId: connection.writerId, signal: new AbortController().signal });
  const points = (trial: number, name = 'loss'): readonly number[] => [...(toy.trials[trial]!.series.get(name)?.keys() ?? [])];
  return { toy, deliver, points };
}

/** A spool of a process that is gone; entries in one list are one file. */
function leave(files: readonly (readonly SpoolEntry[])[], owner = gone('W')): string {
  const directory = join(spoolPath, owner.writerId);
  const spool = createSpool({ directory, owner, quotaBytes: 1e9 });
  spool.append([]);
  files.forEach((entries, i) => {
    if (i === 0) spool.append(entries);
    else writeFileSync(join(directory, spoolFileName(i + 1)), encodeRecords([SpoolRecord.create({ kind: { $case: 'owner', value: owner } }), ...entries.map(({ record }) => record)]));
  });
  return directory;
}

test('what a dead process has left is delivered: points, then the end, each once; and the folder is removed', async () => {
  const { toy, deliver, points } = await setUp();
  const directory = leave([[batch(0, 1), batch(0, 2), completion(0)], [batch(1, 1)]]);
  expect(await deliver()).toEqual({ studies: [{ studyId, points: 3, late: 0, ends: 1, dropped: 6, missing: 0, refused: [] }], damaged: [], left: [] });
  expect([points(0), points(1), toy.trials[0]!.record.state]).toEqual([[0, 1], [0], 'completed']);
  // Of trial 1 there is no end: its worker says goodbye. Before that the stream must not end, or somebody else could take trial 0.
  expect(toy.calls.filter((call) => ['report', 'complete', 'goodbye', 'report ended'].includes(call))).toEqual(['report', 'complete', 'goodbye', 'report ended']);
  expect(existsSync(directory)).toBe(false);
  expect(await deliver()).toEqual({ studies: [], damaged: [], left: [] });
});

test('what the daemon has is not sent again', async () => {
  const { toy, deliver, points } = await setUp();
  toy.trials[0]!.sequence = 2;
  leave([[batch(0, 1), batch(0, 2), batch(0, 3)]]);
  expect((await deliver()).studies).toMatchObject([{ points: 1 }]);
  expect([toy.calls.filter((call) => call.startsWith('batch')), points(0)]).toEqual([['batch 0#3'], [2]]);
});

test('a delivery that is cut off goes on where it was, and nothing comes twice', async () => {
  const { toy, deliver, points } = await setUp();
  const directory = leave([[batch(0, 1)], [batch(0, 2)], [batch(0, 3), completion(0)]]);
  const { calls } = toy;
  const push = calls.push.bind(calls);
  calls.push = (...names) => {
    if (names.includes('batch 0#2')) toy.down = true;
    return push(...names);
  };
  const first = deliver();
  await expect(first).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(readdirSync(directory)).toEqual([spoolFileName(2), spoolFileName(3)]);
  calls.push = push;
  toy.down = false;
  // Batch 2 was stored, and only its ack was lost.
  expect((await deliver()).studies).toMatchObject([{ points: 1, ends: 1 }]);
  expect(points(0)).toEqual([0, 1, 2]);
});

test('a torn last record is left out', async () => {
  const { deliver, points } = await setUp();
  const directory = leave([[batch(0, 1), batch(0, 2)]]);
  const [path] = spoolFiles(directory);
  truncateSync(path!, readFileSync(path!).length - 5);
  expect(await deliver()).toMatchObject({ studies: [{ points: 1 }], damaged: [{ isTail: true }] });
  expect(points(0)).toEqual([0]);
});

test('a flipped byte ends its file there; other files go on, with an empty batch for each that is missing', async () => {
  const { toy, deliver, points } = await setUp();
  const directory = leave([[batch(0, 1), batch(0, 2), batch(0, 3)], [batch(0, 4), completion(0)]]);
  const [path] = spoolFiles(directory);
  const bytes = readFileSync(path!);
  // In the middle of the second batch.
  bytes[bytes.length - encodeRecords([batch(0, 2).record, batch(0, 3).record]).length + 20]! ^= 1;
  writeFileSync(path!, bytes);
  expect(await deliver()).toMatchObject({ studies: [{ points: 2, ends: 1, missing: 2 }], damaged: [{ path: spoolFileName(1), isTail: false }] });
  expect([points(0), toy.trials[0]!.record.state]).toEqual([[0, 3], 'completed']);
});

test('what the daemon refuses is said with the reason, and the rest is delivered', async () => {
  const { deliver, points } = await setUp();
  leave([[batch(7, 1), completion(7), batch(0, 1)]]);
  expect((await deliver()).studies).toMatchObject([{ points: 1, ends: 0, refused: [{ trial: 7, what: 1, code: 'TRIAL_NOT_FOUND' }, { trial: 7, what: 'end', code: 'TRIAL_NOT_FOUND' }] }]);
  expect(points(0)).toEqual([0]);
});

test('what was settled is not delivered', async () => {
  const { toy, deliver } = await setUp();
  const settled: SpoolEntry = { attempt: '', record: SpoolRecord.create({ kind: { $case: 'settled', value: { studyId, trial: 0n, attempt: 1 } } }) };
  leave([[batch(0, 1), completion(0)], [settled, batch(1, 1)]]);
  expect((await deliver()).studies).toMatchObject([{ points: 1, ends: 0 }]);
  expect(toy.calls.filter((call) => call.startsWith('ask'))).toEqual(['ask 1']);
});

test('the spool of a living process is left alone, and so is one that somebody is delivering', async () => {
  const { deliver } = await setUp();
  leave([[batch(0, 1)]], identifyOwner('ALIVE'));
  const claimed = leave([[batch(0, 1)]]);
  writeFileSync(join(claimed, 'claim.1'), encodeRecords([SpoolRecord.create({ kind: { $case: 'owner', value: identifyOwner('OTHER') } })]));
  expect(await deliver()).toMatchObject({ studies: [], left: [{ why: 'in use' }, { why: 'in use' }] });
});

test('the claim of a process that died is taken over, and an owner that lives on may let go', async () => {
  const { deliver, points } = await setUp();
  const claimed = leave([[batch(0, 1)]]);
  writeFileSync(join(claimed, 'claim.1'), encodeRecords([SpoolRecord.create({ kind: { $case: 'owner', value: gone('OTHER') } })]));
  const own = createSpool({ directory: join(spoolPath, 'OWN'), owner: identifyOwner('OWN'), quotaBytes: 1e9 });
  own.append([batch(1, 1)]);
  own.close();
  expect(await deliver()).toMatchObject({ studies: [{ points: 2 }], left: [] });
  expect([points(0), points(1)]).toEqual([[0], [0]]);
});

test('a process of another host is waited for until it has been silent for an hour', async () => {
  const { deliver } = await setUp();
  const directory = leave([[batch(0, 1)]], { ...gone('W'), host: 'elsewhere', boot: 'another' });
  expect(await deliver()).toMatchObject({ left: [{ why: 'unseen' }] });
  const then = new Date(Date.now() - 2 * 3_600_000);
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), then, then);
  utimesSync(directory, then, then);
  expect(await deliver()).toMatchObject({ studies: [{ points: 1 }], left: [] });
});

test('a newer format is left alone', async () => {
  const { deliver } = await setUp();
  leave([[batch(0, 1)]], { ...gone('W'), format: 2 });
  expect(await deliver()).toMatchObject({ studies: [], left: [{ why: 'newer' }] });
});
