import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import { isParamoError } from '@paramo/core';
import { ArtifactHeader, ArtifactServiceService, fromServiceError, GetStudyRequest, OpenStudyRequest, ServerServiceClient, StudyServiceClient, StudyServiceService, studySpecToMessage, UpdateStudyRequest } from '@paramo/protocol';
import type { CheckHealthResponse, GetStudyResponse, HealthFinding, PutArtifactRequest } from '@paramo/protocol';
import { createLocalTransport } from '@paramo/protocol/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon } from '../daemon.js';
import { assembleServices } from '../services.js';
import { encodeKey, prefixRange } from '../store/key.js';
import { tables } from '../store/layout.js';
import { openLmdbFile } from '../store/lmdb-file.js';
import { openSnapshot } from '../store/lmdb-snapshot.js';
import { openLmdbStore } from '../store/lmdb-store.js';
import { metricBatch } from '../store/metric-batch.js';
import { seal, sealStore } from '../store/sealed-store.js';
import type { Entry } from '../store/store.js';
import { createStudyStore } from '../store/study-store.js';
import { systemClock } from '../system-clock.js';
import { systemEntropy } from '../system-entropy.js';
import { createInlineHost } from '../tuner/testing/inline-host.js';
import { testPlugins } from '../tuner/testing/plugins.js';
import { testPlan } from '../tuner/testing/test-daemon.js';
import { createTestStudy } from '../tuner/testing/test-study.js';
import { runCheck } from './run-check.js';

const root = mkdtempSync(join(tmpdir(), 'paramo-check-'));
const original = join(root, 'original');
const ids = { good: '', other: '' };

/** Two studies with trials that ended, an artifact and a checkpoint, in a store that was closed well. */
beforeAll(async () => {
  mkdirSync(original, { recursive: true });
  const store = await openLmdbStore({ path: join(original, 'data.mdb') });
  const services = await assembleServices({
    store, clock: systemClock, entropy: systemEntropy, host: createInlineHost({ plugins: testPlugins, entropy: systemEntropy, dropChance: 0 }), blobsPath: join(original, 'blobs'),
    identity: { version: '0.0.0', instanceId: '', startedMs: 0, storeFormat: 1, maxMessageBytes: 1e6 }, health: () => Promise.resolve([]), shutdown: () => undefined,
  });
  const transport = createLocalTransport(services.bindings);
  const daemon = { clock: systemClock, transport, record: async (studyId: string) => (await transport.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } })).study! };
  for (const name of ['good', 'other'] as const) {
    const rules = { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 2 };
    const { study: opened } = await transport.unary(StudyServiceService.openStudy, OpenStudyRequest.fromPartial({ spec: studySpecToMessage({ name, budget: { trials: 4 }, rules, seed: 7, labels: {}, attributes: {}, ...testPlan }) }));
    const study = createTestStudy(daemon, opened!, true);
    ids[name] = study.studyId;
    for (let trial = 0; trial < 3; trial++) {
      const held = await study.ask('w');
      await study.report(held, { 0: 1 + trial, 1: 0.5 + trial });
      if (trial === 1) await study.checkpoint(held, 2, { 'weights.bin': Buffer.alloc(5000, name) });
      await study.complete(held);
    }
    async function* upload(): AsyncGenerator<PutArtifactRequest> {
      await Promise.resolve();
      yield { part: { $case: 'header', value: ArtifactHeader.fromPartial({ studyId: study.studyId, trial: 0n, attempt: 1, name: 'curve.png' }) } } as PutArtifactRequest;
      yield { part: { $case: 'content', value: Buffer.alloc(3000, `${name} curve`) } } as PutArtifactRequest;
    }
    await transport.clientStream(ArtifactServiceService.putArtifact, upload());
  }
  await transport.close();
  await services.close();
  await store.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let copies = 0;
/** A copy of the store to be damaged. */
function copyStore(): { readonly folder: string; readonly data: string; readonly blobs: string } {
  const folder = join(root, `copy-${copies++}`);
  cpSync(original, folder, { recursive: true });
  return { folder, data: join(folder, 'data.mdb'), blobs: join(folder, 'blobs') };
}

async function findings(request: { readonly data: string; readonly blobs: string }): Promise<HealthFinding[]> {
  const found: HealthFinding[] = [];
  for await (const news of runCheck(request)) if (news.kind === 'finding') found.push(news.finding);
  return found;
}

async function wrong(request: { readonly data: string; readonly blobs: string }): Promise<string[]> {
  return (await findings(request)).filter(({ ok }) => !ok).map(({ subject, detail }) => `${subject}: ${detail}`);
}

/** Changes one value of a table, or removes it: with a checksum that is right for what it says now, or else as a disk does. */
async function change(data: string, table: string, pick: (entries: readonly Entry[]) => Entry, edit: (value: Uint8Array) => Uint8Array | undefined, how: 'sealed' | 'rotten' = 'sealed'): Promise<void> {
  const file = await openLmdbFile({ path: data });
  const store = how === 'sealed' ? sealStore(file) : file;
  const [key, value] = pick([...store.range(prefixRange(table, ids.good))]);
  await store.commit([{ key, value: edit(value) }]);
  await store.close();
}

const flip = (at: number) => (value: Uint8Array): Uint8Array => value.map((byte, i) => (i === (at < 0 ? value.length + at : at) ? byte ^ 0x41 : byte));
const third = (entries: readonly Entry[]): Entry => entries[2]!;
const first = (entries: readonly Entry[]): Entry => entries[0]!;

function blobFiles(blobs: string): string[] {
  return readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name)).map((name) => join(blobs, name));
}

describe('a check of a store', () => {
  test('finds nothing wrong with one that is whole, while it is being written to', async () => {
    const copy = copyStore();
    const store = await openLmdbFile({ path: copy.data });
    let writing = true;
    const writes = (async () => {
      for (let i = 0; writing; i++) await store.commit([seal({ key: encodeKey(tables.request, ids.good, `r${i}`), value: Buffer.from('{"trial":0,"attempt":1}') })]);
    })();
    const found = await findings(copy);
    writing = false;
    await writes;
    await store.close();
    expect(found.filter(({ ok }) => !ok)).toEqual([]);
    expect(found.map(({ subject }) => subject)).toEqual(['tables', 'blobs']);
    expect(found[0]!.detail).toMatch(/2 studies, \d+ trials, \d+ events/);
    expect(found[1]!.detail).toMatch(/^4 in use, .*hashes verified$/);
  });

  test.each([
    ['an event of the log that says something else', tables.log, third, flip(-3), /study "good" .*: (log position \d+|trial \d+|study) /],
    ['an event of the log that cannot be decoded', tables.log, third, () => Uint8Array.of(255, 255, 255), /study "good" .*: .*position 3 .*(cannot be decoded|damaged)/],
    ['an event of the log that is missing', tables.log, third, () => undefined, /study "good" .*: log after position 2 comes 4/],
    ['a trial that says something else', tables.trial, first, flip(-3), /study "good" .*: trial 0 /],
    ['a trial that is missing', tables.trial, first, () => undefined, /study "good" .*: trial 0 is in the log, but not stored/],
    ['a study that cannot be decoded', tables.study, first, () => Uint8Array.of(255, 255, 255), /study "good" .*: study .* is damaged/],
    ['a rank that is missing', tables.rank, first, () => undefined, /study "good" .*: ranking lacks 1 trials/],
    ['a checkpoint that is missing', tables.checkpoint, first, () => undefined, /study "good" .*: trial 1 lacks its checkpoint [0-9a-f]{64} of step 2/],
    ['an artifact that cannot be decoded', tables.artifact, first, () => Uint8Array.of(255, 255, 255), /artifact 0 of trial 0 of study "good" .*: cannot be decoded/],
    ['a chunk of points that says something else', tables.chunk, first, flip(20), /points: points of "loss" of trial 0, attempt 1/],
  ] as const)('names %s', async (_, table, pick, edit, message) => {
    const copy = copyStore();
    await change(copy.data, table, pick, edit);
    const found = await wrong(copy);
    expect(found.join('\n')).toMatch(message);
    // The other study is not accused.
    expect(found.join('\n')).not.toContain(ids.other);
  });

  // The first and the last byte of the checksum, and the last of the content where there is any.
  test.each([0, 3, -1])('names the entry of each table that has a bit turned in byte %i', async (at) => {
    const copy = copyStore();
    const damaged = [tables.study, tables.log, tables.trial, tables.live, tables.rank, tables.request, tables.attempt, tables.sequence, tables.artifact, tables.checkpoint];
    for (const table of damaged) await change(copy.data, table, first, flip(at), 'rotten');
    const found = (await wrong(copy)).filter((line) => line.startsWith('store: ') && line.endsWith('is damaged on disk')).sort();
    const others = damaged.filter((table) => ![tables.study, tables.log, tables.trial].includes(table as 's')).map((table) => `an entry of table ${table}`);
    for (const what of ['study', 'trial 0 of study', 'position 1 of the log of study', ...others]) expect(found.filter((line) => line.startsWith(`store: ${what} `))).toHaveLength(1);
    expect(found).toHaveLength(damaged.length);
  });

  test('names a record of the metric log that says something else', async () => {
    const copy = copyStore();
    const store = await openLmdbStore({ path: copy.data });
    const studies = createStudyStore(store);
    await studies.gather(metricBatch({ studyId: ids.good, trial: 0, attempt: 1, writer: 'late', sequence: 1, late: true, wallMs: 1 }, [{ name: 'loss', steps: [5n], values: [1], timesMs: [] }]));
    await store.close();
    const range = { from: encodeKey(tables.metricLog), to: encodeKey(tables.metricLog, Number.MAX_SAFE_INTEGER) };
    const raw = await openLmdbFile({ path: copy.data });
    const [key, value] = [...raw.range(range)][0]!;
    await raw.commit([{ key, value: flip(-1)(value) }]);
    await raw.close();
    expect((await wrong(copy)).join('\n')).toMatch(/^points: record \d+ of the metric log is damaged/);
  });

  test.each([
    ['a flipped byte', (file: string) => writeFileSync(file, flip(100)(readFileSync(file))), /its content [0-9a-f]{64} was damaged on the disk/],
    ['a cut', (file: string) => truncateSync(file, 100), /its content [0-9a-f]{64} has 100 bytes in place of \d+/],
    ['its absence', (file: string) => rmSync(file), /its content [0-9a-f]{64} is not there/],
  ] as const)('names a blob and whose it is by %s', async (_, damage, message) => {
    const copy = copyStore();
    for (const file of blobFiles(copy.blobs)) {
      chmodSync(file, 0o600);
      damage(file);
    }
    const found = await wrong(copy);
    expect(found).toHaveLength(4);
    for (const name of ['good', 'other']) {
      expect(found.join('\n')).toMatch(new RegExp(`artifact "curve.png" of trial 0 of study "${name}" .*${message.source}`));
      expect(found.join('\n')).toMatch(new RegExp(`checkpoint of step 2 of trial 1 of study "${name}" .*${message.source}`));
    }
  });

  test('comes to an end where a damaged key has put entries out of order, and so does who reads them', async () => {
    const copy = copyStore();
    const snapshot = openSnapshot(copy.data);
    const [[last]] = [...snapshot.range({ ...prefixRange(tables.log, ids.good), reverse: true, limit: 1 })] as [Entry];
    await snapshot.close();
    const content = readFileSync(copy.data);
    for (let at = content.indexOf(last); at >= 0; at = content.indexOf(last, at + 1)) content[at + 2]! ^= 0x10;
    writeFileSync(copy.data, content);
    const damaged = openSnapshot(copy.data);
    expect(() => [...damaged.range(prefixRange(tables.log, ids.good))]).toThrow(/^STORE_CORRUPT: .*out of order/);
    await damaged.close();
    expect((await wrong(copy)).join('\n')).toMatch(/out of order/);
  });

  test.each([
    ['cut off', (data: string) => truncateSync(data, 3 * 4096)],
    ['overwritten', (data: string) => {
      const content = readFileSync(data);
      content.fill(systemEntropy.bytes(4096), 2 * 4096); // All but its head.
      writeFileSync(data, content);
    }],
  ] as const)('outlives a database that was %s, and says so', async (_, damage) => {
    const copy = copyStore();
    damage(copy.data);
    expect((await wrong(copy)).join('\n')).toMatch(/^store: STORE_CORRUPT: .*cannot be (read|opened)/m);
  });
});

describe('a daemon', () => {
  const answered = <T>(call: (callback: (error: unknown, response: T) => void) => void): Promise<T> => new Promise((resolve, reject) => call((error, response) => (error ? reject(fromServiceError(error)) : resolve(response))));

  test('closes off a study whose log cannot be read, and goes on with all others', async () => {
    const home = join(root, 'home');
    cpSync(original, join(home, 'store'), { recursive: true });
    await change(join(home, 'store', 'data.mdb'), tables.log, third, () => Uint8Array.of(255, 255, 255));
    const daemon = await startDaemon({ home, version: '0.0.0', plugins: [] });
    onTestFinished(() => daemon.close(0));
    const open = [`unix:${daemon.socket}`, ChannelCredentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }] as const;
    const clients = { studies: new StudyServiceClient(...open), server: new ServerServiceClient(...open) };
    onTestFinished(() => Object.values(clients).forEach((client) => client.close()));
    const get = (name: string): Promise<GetStudyResponse> => answered((done) => clients.studies.getStudy(GetStudyRequest.fromPartial({ key: { $case: 'name', value: name } }), done));
    const update = (studyId: string): Promise<unknown> => answered((done) => clients.studies.updateStudy(UpdateStudyRequest.fromPartial({ studyId, labels: { labels: new Map([['checked', 'yes']]) } }), done));

    expect((await get('other')).study!.counts).toMatchObject({ completed: 3n });
    await update(ids.other);
    await expect(update(ids.good)).rejects.toThrow(/STORE_CORRUPT: study .* is closed off, for it cannot be read: .*position 3 .* All other studies go on/);
    const { findings: health } = await answered<CheckHealthResponse>((done) => clients.server.checkHealth({}, done));
    expect(health.filter(({ ok }) => !ok).map(({ detail }) => detail).join('\n')).toContain(ids.good);

    // It can be deleted all the same.
    await answered((done) => clients.studies.deleteStudy({ studyId: ids.good }, done));
    await expect(get('good')).rejects.toSatisfy((error) => isParamoError(error, 'STUDY_NOT_FOUND'));
    expect((await answered<CheckHealthResponse>((done) => clients.server.checkHealth({}, done))).findings.filter(({ ok, subject }) => !ok && subject === 'study')).toEqual([]);
  });

  test.each([
    ['cut off', (data: string) => truncateSync(data, 5 * 4096), /STORE_CORRUPT: .*was cut off.*paramo restore/],
    ['emptied', (data: string) => truncateSync(data, 0), /STORE_CORRUPT: .*is empty, but there was a store/],
    ['overwritten with zeros', (data: string) => writeFileSync(data, Buffer.alloc(100_000)), /STORE_CORRUPT: .*begins with nothing but zeros/],
    ['removed', (data: string) => rmSync(data), /STORE_CORRUPT: .*is gone, but there was a store/],
  ] as const)('does not start on a store that was %s, and makes no new one', async (what, damage, message) => {
    const home = join(root, `home-${what.replaceAll(' ', '-')}`);
    cpSync(original, join(home, 'store'), { recursive: true });
    damage(join(home, 'store', 'data.mdb'));
    await expect(startDaemon({ home, version: '0.0.0', plugins: [] })).rejects.toThrow(message);
  });
});
