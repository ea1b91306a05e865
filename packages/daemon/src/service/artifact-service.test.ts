import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ErrorCode } from '@paramo/core';
import { isParamoError } from '@paramo/core';
import { ArtifactHeader, ArtifactServiceService, type GetArtifactResponse, type PutArtifactRequest, type PutArtifactResponse, type Transport } from '@paramo/protocol';
import { createSimulatedClock } from '@paramo/core/testing';
import { createLocalTransport } from '@paramo/protocol/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openArtifacts } from '../blobs/artifacts.js';
import { openBlobs, type Blobs, type BlobsOptions } from '../blobs/blobs.js';
import { deleteStudyData, deleteTrialData, resumeDeletions } from '../store/deletion.js';
import { encodeKey } from '../store/key.js';
import { createMemoryStore } from '../store/memory-store.js';
import { sealStore } from '../store/sealed-store.js';
import type { Store } from '../store/store.js';
import { createStudyStore } from '../store/study-store.js';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import { sampleStudy, sampleTrial } from '../store/testing/sample-records.js';
import { storeKinds } from '../store/testing/stores.js';
import { systemClock } from '../system-clock.js';
import { systemEntropy } from '../system-entropy.js';
import { artifactService } from './artifact-service.js';

const { putArtifact, getArtifact, listArtifacts } = ArtifactServiceService;
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const chunkBytes = 4 * 2 ** 20;
const cut = (content: Buffer, bytes: number): Buffer[] => Array.from({ length: Math.ceil(content.length / bytes) }, (_, i) => content.subarray(i * bytes, (i + 1) * bytes));
const noise = (bytes: number): Buffer => Buffer.from(systemEntropy.bytes(bytes));
const header = (changes: Partial<ArtifactHeader> = {}): ArtifactHeader => ArtifactHeader.fromPartial({ studyId: 'A', trial: 0n, attempt: 1, name: 'model.bin', ...changes });

/** The service on a store and a folder, and ways to use and look at them. */
interface Served {
  readonly transport: Transport;
  readonly studies: StudyStore;
  readonly blobs: Blobs;
  readonly path: string;
  put(header: ArtifactHeader, ...content: readonly Uint8Array[]): Promise<PutArtifactResponse>;
  /** Everything received, and with it what ended the stream. */
  get(sha256: string, trial?: number, studyId?: string): Promise<{ header?: ArtifactHeader; content: Buffer; pieces: number; error?: unknown }>;
  list(trial?: number): Promise<ArtifactHeader[]>;
  /** Blobs and drafts on disk. */
  files(): Promise<string[]>;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'paramo-blobs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'blobs');
}

async function serve(store: Store, options: Partial<BlobsOptions> = {}): Promise<Served> {
  const path = options.path ?? (await temporaryFolder());
  const studies = createStudyStore(store);
  const blobs = await openBlobs({ path, studies, clock: systemClock, entropy: systemEntropy, ...options });
  onTestFinished(() => blobs.close());
  const transport = createLocalTransport([artifactService(openArtifacts(blobs, studies), options.clock ?? systemClock)]);
  return {
    transport,
    studies,
    blobs,
    path,
    put: (first, ...content) => transport.clientStream(putArtifact, upload(first, content)),
    async get(hash, trial = 0, studyId = 'A') {
      const content: Buffer[] = [];
      let found: ArtifactHeader | undefined;
      let error: unknown;
      try {
        for await (const { part } of transport.serverStream(getArtifact, { studyId, trial: BigInt(trial), sha256: hash }) as AsyncIterable<GetArtifactResponse>) {
          if (part?.$case === 'header') found = part.value;
          else content.push(part!.value);
        }
      } catch (thrown) {
        error = thrown;
      }
      return { ...(found && { header: found }), content: Buffer.concat(content), pieces: content.length, ...(error !== undefined && { error }) };
    },
    list: async (trial = 0) => (await transport.unary(listArtifacts, { studyId: 'A', trial: BigInt(trial) })).artifacts,
    files: async () => (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name).sort(),
  };
}

async function* upload(first: ArtifactHeader | undefined, content: Iterable<Uint8Array>): AsyncGenerator<PutArtifactRequest, void, undefined> {
  if (first) yield { part: { $case: 'header', value: first } };
  for (const part of content) yield { part: { $case: 'content', value: Buffer.from(part) } };
}

/** Studies A and B of three trials, each started once. */
async function fill(store: Store): Promise<void> {
  const writes = createWrites();
  for (const id of ['A', 'B']) {
    writes.study(sampleStudy(id));
    for (let trial = 0; trial < 3; trial++) writes.trial(sampleTrial(id, trial, { attempt: 1, state: 'running' }), undefined, []);
  }
  await sealStore(store).commit(writes.writes);
}

/** Notes it and does it, as a study does with its log event. */
async function deleteTrial(store: Store, studyId: string, trial: number): Promise<void> {
  const writes = createWrites();
  writes.trialDeletion(studyId, trial);
  await store.commit(writes.writes);
  await deleteTrialData(store, studyId, trial);
}

async function filled(): Promise<ReturnType<typeof createMemoryStore>> {
  const store = createMemoryStore();
  await fill(store);
  return store;
}

async function refused(call: Promise<unknown>): Promise<ErrorCode | undefined> {
  const error = await call.then(() => undefined, (thrown: unknown) => thrown);
  return isParamoError(error) ? error.code : undefined;
}

describe.each(storeKinds)('the artifact service on the $name store', ({ with: withStore }) => {
  it('gives back any content, however it was cut, and lists it in order of arrival', () =>
    withStore(async (store) => {
      await fill(store);
      const { put, get, list, files } = await serve(store);
      const sent: string[] = [];
      const chunks = new Set<string>();
      const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(pieces, fc.boolean(), fc.constantFrom(0, 1, 262_143, 262_144, 262_145, 600_000, chunkBytes - 1, chunkBytes, 2 * chunkBytes + 1), async (parts, announced, bulk) => {
          const all = [...parts, ...cut(noise(bulk), 262_144)];
          const content = Buffer.concat(all);
          const hash = sha256(content);
          const first = header({ name: `file ${sent.length}`, mediaType: 'application/x', ...(announced && { size: BigInt(content.length), sha256: hash }) });
          expect(await put(first, ...all)).toEqual({ sha256: hash, size: BigInt(content.length) });
          sent.push(hash);
          const back = await get(hash);
          expect(back.error).toBeUndefined();
          expect(back.content.equals(content)).toBe(true);
          expect(back.pieces).toBe(cut(content, chunkBytes).flatMap((chunk) => cut(chunk, 262_144)).length);
          for (const chunk of cut(content, chunkBytes)) chunks.add(sha256(chunk));
          expect(back.header).toMatchObject({ studyId: 'A', attempt: 1, mediaType: 'application/x', size: BigInt(content.length), sha256: hash });
        }),
        { numRuns: 25 },
      );
      expect((await list()).map((artifact) => artifact.sha256)).toEqual(sent);
      expect(await files()).toEqual([...chunks].sort());
      expect(await list(1)).toEqual([]);
    }));

  it('stores equal content once, keeps every label, and takes a repeated upload for the same', () =>
    withStore(async (store) => {
      await fill(store);
      const { put, list, files } = await serve(store);
      const content = noise(1000);
      const uploads = ['a', 'b', 'a', 'b', 'a'].map((name) => put(header({ name }), content));
      uploads.push(put(header({ trial: 1n }), content), put(header({ studyId: 'B' }), content));
      for (let i = 0; i < 10; i++) uploads.push(put(header({ name: `other ${i}` }), noise(10)));
      await Promise.all(uploads);
      expect((await list()).map(({ name }) => name).sort()).toEqual(['a', 'b', ...Array.from({ length: 10 }, (_, i) => `other ${i}`)]);
      expect((await list(1)).map(({ name }) => name)).toEqual(['model.bin']);
      expect(await files()).toHaveLength(11);
    }));
});

describe('an upload', () => {
  it('that is not what its header says is refused and leaves nothing', async () => {
    const { put, list, files } = await serve(await filled());
    const content = noise(1000);
    expect(await refused(put(header({ sha256: sha256(noise(5)) }), content))).toBe('DATA_LOSS');
    expect(await refused(put(header({ size: 999n }), content))).toBe('DATA_LOSS');
    expect(await refused(put(header({ size: 1001n }), content))).toBe('DATA_LOSS');
    expect([await files(), await list()]).toEqual([[], []]);
  });

  it('given up on the way leaves nothing', async () => {
    const { transport, files, list } = await serve(await filled());
    const giveUp = new AbortController();
    async function* endless(): AsyncGenerator<PutArtifactRequest, void, undefined> {
      yield* upload(header(), [noise(200_000), noise(200_000)]);
      while (!giveUp.signal.aborted) {
        yield { part: { $case: 'content', value: noise(1000) } };
        await new Promise(setImmediate);
      }
    }
    const call = transport.clientStream(putArtifact, endless(), { signal: giveUp.signal });
    while ((await files()).length === 0) await new Promise(setImmediate);
    giveUp.abort();
    expect(await refused(call)).toBe('ABORTED');
    while ((await files()).length > 0) await new Promise(setImmediate);
    expect(await list()).toEqual([]);
  });

  it('is taken no faster than it is written', async () => {
    const { transport } = await serve(await filled(), { statDisk: () => new Promise(() => undefined) });
    let pulled = 0;
    async function* eager(): AsyncGenerator<PutArtifactRequest, void, undefined> {
      yield* upload(header(), []);
      for (; ; pulled++) yield { part: { $case: 'content', value: Buffer.alloc(1000) } };
    }
    const giveUp = new AbortController();
    const call = transport.clientStream(putArtifact, eager(), { signal: giveUp.signal });
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    expect(pulled).toBeLessThan(40);
    giveUp.abort();
    expect(await refused(call)).toBe('ABORTED');
  });

  it.each<[string, Partial<ArtifactHeader>, ErrorCode]>([
    ['an empty name', { name: '' }, 'INVALID_ARGUMENT'],
    ['a name with a slash', { name: 'a/b' }, 'INVALID_ARGUMENT'],
    ['a name that climbs', { name: '..' }, 'INVALID_ARGUMENT'],
    ['a name with a backslash', { name: '..\\x' }, 'INVALID_ARGUMENT'],
    ['a name with a zero byte', { name: 'a\0b' }, 'INVALID_ARGUMENT'],
    ['a name of 257 bytes', { name: 'x'.repeat(257) }, 'INVALID_ARGUMENT'],
    ['a name of invalid UTF-8', { name: 'a\u{fffd}' }, 'INVALID_ARGUMENT'],
    ['a path for a hash', { sha256: '../../etc/passwd' }, 'INVALID_ARGUMENT'],
    ['a hash in capitals', { sha256: 'A'.repeat(64) }, 'INVALID_ARGUMENT'],
    ['an attempt to come', { attempt: 2 }, 'INVALID_ARGUMENT'],
    ['an unknown trial', { trial: 3n }, 'TRIAL_NOT_FOUND'],
    ['an unknown study', { studyId: '../B' }, 'STUDY_NOT_FOUND'],
  ])('with %s is refused', async (_, changes, code) => {
    const { put, files } = await serve(await filled());
    expect(await refused(put(header(changes), noise(10)))).toBe(code);
    expect(await files()).toEqual([]);
  });

  it('without a header, with two, or with more than 256 KiB at once is refused', async () => {
    const { transport, put, files } = await serve(await filled());
    expect(await refused(transport.clientStream(putArtifact, upload(undefined, [])))).toBe('INVALID_ARGUMENT');
    expect(await refused(transport.clientStream(putArtifact, upload(undefined, [noise(3)])))).toBe('INVALID_ARGUMENT');
    async function* twice(): AsyncGenerator<PutArtifactRequest, void, undefined> {
      yield* upload(header(), [noise(3)]);
      yield* upload(header(), [noise(3)]);
    }
    expect(await refused(transport.clientStream(putArtifact, twice()))).toBe('INVALID_ARGUMENT');
    expect(await refused(put(header(), noise(262_145)))).toBe('LIMIT_EXCEEDED');
    expect(await files()).toEqual([]);
  });

  it('that would use up the room kept for the store is refused, at its announcement or on the way', async () => {
    const disk = { bavail: 300_000, blocks: 1_000_000, bsize: 1000 };
    const { transport, put, files } = await serve(await filled(), { statDisk: () => Promise.resolve(disk) });
    await put(header({ size: 10n }), noise(10));
    expect(await refused(put(header({ size: 250_000_001n }), noise(10)))).toBe('STORE_FULL');
    disk.bavail = 49_999;
    expect(await refused(put(header(), noise(10)))).toBe('STORE_FULL');
    disk.bavail = 300_000;
    const piece = Buffer.alloc(262_144);
    function* filling(): Generator<Buffer, void, undefined> {
      for (let sent = 0; sent < 400; sent++) {
        if (sent === 200) disk.bavail = 0;
        yield piece;
      }
    }
    expect(await refused(transport.clientStream(putArtifact, upload(header(), filling())))).toBe('STORE_FULL');
    expect(await files()).toHaveLength(1);
  });

  it('onto a full disk is refused as STORE_FULL and leaves nothing', async () => {
    if (spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0) return void process.stderr.write('strace cannot trace here, so a full disk was not checked\n');
    const path = await temporaryFolder();
    const draft = join(path, 'incoming', 'draft');
    const built = new URL('../../dist/blobs/blob-draft.js', import.meta.url).href;
    await mkdir(join(path, 'incoming'), { recursive: true });
    const script = `
      import { openDraft } from ${JSON.stringify(built)};
      const draft = await openDraft(${JSON.stringify(draft)});
      let error;
      for (let i = 0; i < 9 && !error; i++) await draft.write(Buffer.alloc(1000)).catch((thrown) => (error = thrown));
      await draft.discard();
      console.log(JSON.stringify({ code: error?.code, hint: error?.hint, size: draft.size }));`;
    const args = ['-f', '-qq', '-o', '/dev/null', '-P', draft, '-e', 'trace=write,pwrite64', '-e', 'inject=write,pwrite64:error=ENOSPC:when=4+', process.execPath, '--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)('strace', args, { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
    expect(JSON.parse(stdout)).toEqual({ code: 'STORE_FULL', hint: expect.stringContaining('Free some space') as unknown, size: 4000 });
    expect(await readdir(join(path, 'incoming'))).toEqual([]);
  });

  it('whose commit fails is not answered, and its blob stays, for it may be on disk all the same', async () => {
    // Transactions: studies and trials, the first upload, and three of its trial's deletion.
    const store = createMemoryStore({ failAfter: 5 });
    await fill(store);
    const { put, blobs, files, studies } = await serve(store);
    const content = noise(10);
    await put(header(), content);
    await deleteTrial(studies.store, 'A', 0);
    expect(await refused(put(header({ trial: 1n }), content))).toBe('STORE_FULL');
    expect(await refused(blobs.sweep())).toBe('STORE_FULL');
    expect(await files()).toEqual([sha256(content)]);
  });
});

describe('an upload that falls silent', () => {
  it('is refused after a minute and leaves nothing', async () => {
    const clock = createSimulatedClock();
    const { transport, files } = await serve(await filled(), { clock });
    async function* endless(): AsyncGenerator<PutArtifactRequest, void, undefined> {
      yield* upload(header(), [noise(100)]);
      await new Promise(() => undefined);
    }
    const answer = refused(transport.clientStream(putArtifact, endless()));
    await expect.poll(files).toHaveLength(1);
    clock.advance(59_999);
    await expect.poll(files).toHaveLength(1);
    clock.advance(1);
    expect(await answer).toBe('TIMEOUT');
    await expect.poll(files).toEqual([]);
  });
});

describe('a download', () => {
  it('of a damaged, cut or lengthened blob ends in DATA_LOSS before its last piece', async () => {
    const { put, get, path } = await serve(await filled());
    for (const bytes of [1, 262_144, 600_000]) {
      const content = noise(bytes);
      const { sha256: hash } = await put(header({ name: `${bytes}` }), content.subarray(0, 262_144), content.subarray(262_144, 524_288), content.subarray(524_288));
      const file = join(path, hash.slice(0, 2), hash);
      expect((await stat(file)).mode & 0o777).toBe(0o400);
      const damages: (() => Promise<unknown>)[] = [() => writeFile(file, Buffer.concat([content, Buffer.of(0)])), () => writeFile(file, content.subarray(1))];
      for (const at of [0, bytes >> 1, bytes - 1]) {
        damages.push(() => writeFile(file, content.map((byte, i) => (i === at ? byte ^ 1 : byte))));
      }
      damages.push(() => Promise.resolve());
      for (const damage of damages) {
        // What was found damaged is set aside.
        await rm(file, { force: true });
        await damage();
        const back = await get(hash);
        expect(isParamoError(back.error, 'DATA_LOSS')).toBe(true);
        expect(back.content.length).toBeLessThanOrEqual(Math.max(0, bytes - 1));
      }
      await put(header({ name: 'again' }), content.subarray(0, 262_144), content.subarray(262_144, 524_288), content.subarray(524_288));
      expect((await get(hash)).content.equals(content)).toBe(true);
    }
  });

  it('serves only what the named trial of the named study has, by hash and never by path', async () => {
    const { put, get } = await serve(await filled());
    const { sha256: hash } = await put(header(), noise(10));
    const codeOf = async (...key: Parameters<typeof get>): Promise<unknown> => ((await get(...key)).error as { code: unknown }).code;
    expect(await codeOf(hash, 1)).toBe('INVALID_ARGUMENT');
    expect(await codeOf(hash, 0, 'B')).toBe('INVALID_ARGUMENT');
    expect(await codeOf(hash, 7)).toBe('TRIAL_NOT_FOUND');
    expect(await codeOf(hash, 0, 'C')).toBe('STUDY_NOT_FOUND');
    expect(await codeOf(sha256(noise(3)))).toBe('INVALID_ARGUMENT');
    expect(await codeOf('../../../etc/passwd')).toBe('INVALID_ARGUMENT');
  });
});

describe('a deletion', () => {
  it('of trials and studies removes the blobs nobody has any more, and no others', async () => {
    const store = await filled();
    const { put, get, list, files, studies, blobs } = await serve(store);
    const [own, shared, foreign] = [noise(10), noise(11), noise(12)];
    await Promise.all([put(header(), own), put(header(), shared), put(header({ trial: 1n }), shared), put(header({ studyId: 'B' }), foreign), put(header({ studyId: 'B', trial: 2n }), shared)]);
    await deleteTrial(studies.store, 'A', 0);
    expect(await list()).toEqual([]);
    await blobs.sweep();
    expect(await files()).toEqual([shared, foreign].map(sha256).sort());
    expect((await get(sha256(shared), 1)).content).toEqual(shared);
    await deleteStudyData(studies, sampleStudy('B'));
    await blobs.sweep();
    expect(await files()).toEqual([sha256(shared)]);
    await deleteStudyData(studies, sampleStudy('A'));
    await blobs.sweep();
    expect(await files()).toEqual([]);
    await studies.drain();
    expect([...store.range({ from: Buffer.from('a'), to: Buffer.from('z') })].map(([key]) => Buffer.from(key).toString())).toEqual(['f\0']);
  });

  it('that is being synced takes along what was stored meanwhile', async () => {
    for (const remove of [(studies: StudyStore) => deleteStudyData(studies, sampleStudy('A')), (studies: StudyStore) => deleteTrial(studies.store, 'A', 0)]) {
      const store = createMemoryStore({ delayMs: 100, clock: systemClock });
      await fill(store);
      const { put, files, studies, blobs } = await serve(store);
      const deletion = remove(studies);
      await Promise.all([deletion, put(header(), noise(10))]);
      expect(store.get(encodeKey('b', 'A', 0, 0))).toBeUndefined();
      await blobs.sweep();
      expect(await files()).toEqual([]);
    }
  });

  it('under way refuses what comes for its trial, and for no other', async () => {
    const store = await filled();
    const { put } = await serve(store);
    await sealStore(store).commit([{ key: encodeKey('d', 'A', 1), value: new Uint8Array(0) }]);
    expect(await refused(put(header(), noise(10)))).toBe('TRIAL_NOT_FOUND');
    await put(header({ trial: 1n }), noise(10));
  });

  it('in the middle of uploads leaves no artifact, no blob and no draft of it', async () => {
    for (let round = 0; round < 20; round++) {
      const store = await filled();
      const { put, files, studies, blobs } = await serve(store);
      const uploads = Array.from({ length: 8 }, (_, i) => put(header({ name: `${i}` }), noise(100)).catch((error: unknown) => error));
      for (let turns = 0; turns < round * 4; turns++) await new Promise(setImmediate);
      await deleteStudyData(studies, sampleStudy('A'));
      const results = await Promise.all(uploads);
      for (const result of results) if (result instanceof Error) expect(isParamoError(result, 'STUDY_NOT_FOUND')).toBe(true);
      await blobs.sweep();
      expect(await files()).toEqual([]);
      expect([...store.range({ from: encodeKey('b'), to: encodeKey('i') })].filter(([key]) => 'bhg'.includes(String.fromCharCode(key[0]!)))).toEqual([]);
    }
  });
});

describe('a crash', () => {
  it('at any moment of uploads and deletions loses no answered artifact, and the next start removes what nobody has', async () => {
    for (let round = 0; round < 20; round++) {
      const store = await filled();
      const path = await temporaryFolder();
      let die = (): void => undefined;
      const death = new Promise<never>((_, reject) => (die = () => reject(new Error('dead'))));
      death.catch(() => undefined);
      // What the crash takes from the dead daemon it must hear of, so that it comes to its end.
      const mortal: Store = { ...store, commit: (writes) => Promise.race([store.commit(writes), death]) };
      const first = await serve(mortal, { path });
      const acked = new Map<string, Buffer>();
      const kept = noise(50);
      await first.put(header({ trial: 1n }), kept);
      const underWay: Promise<unknown>[] = [];
      for (let i = 0; i < 6; i++) {
        const content = noise(100 + i);
        underWay.push(first.put(header({ name: `${i}` }), content).then(({ sha256: hash }) => acked.set(hash, content)));
      }
      underWay.push(first.put(header({ trial: 2n }), kept).then(() => deleteTrial(sealStore(mortal), 'A', 2)));
      for (let turns = 0; turns < round * 6; turns++) await new Promise(setImmediate);
      const next = store.crash();
      const answered = new Map(acked);
      die();
      // Two daemons never write to one folder: the next one starts when this one writes no more.
      await Promise.allSettled(underWay);
      await first.blobs.close();
      await resumeDeletions(sealStore(next));
      await mkdir(join(path, 'incoming'), { recursive: true });
      await writeFile(join(path, 'incoming', 'left'), 'half');
      const again = await serve(next, { path });
      await again.blobs.sweep();
      const listed = [...(await again.list(0)), ...(await again.list(1)), ...(await again.list(2))];
      for (const { trial, sha256: hash } of listed) expect((await again.get(hash, Number(trial))).error).toBeUndefined();
      expect(listed.map((artifact) => artifact.sha256)).toEqual(expect.arrayContaining([...answered.keys(), sha256(kept)]));
      expect((await again.get(sha256(kept), 1)).content).toEqual(kept);
    }
  });

  it('between a blob and its record leaves a blob that the next start removes, with all drafts', async () => {
    const path = await temporaryFolder();
    const orphan = noise(20);
    const store = await filled();
    const first = await serve(store, { path });
    await first.put(header(), orphan);
    await first.blobs.close();
    await writeFile(join(path, 'incoming', 'left'), 'half');
    const again = await serve(await filled(), { path });
    await again.blobs.sweep();
    expect(await again.files()).toEqual([]);
  });
});
