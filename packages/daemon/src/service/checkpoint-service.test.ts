import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isParamoError, type ErrorCode } from '@paramo/core';
import { CheckpointServiceService, ControlAction, Verdict, type PutCheckpointRequest, type PutCheckpointResponse } from '@paramo/protocol';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listSeries } from '../store/effective-series.js';
import { prefixRange } from '../store/key.js';
import { tables } from '../store/layout.js';
import type { MemoryStore } from '../store/memory-store.js';
import { systemEntropy } from '../system-entropy.js';
import { startTestDaemon, type TestDaemon, type TestDaemonOptions } from '../tuner/testing/test-daemon.js';
import type { HeldTrial, TestStudy } from '../tuner/testing/test-study.js';

const noise = (bytes: number): Buffer => Buffer.from(systemEntropy.bytes(bytes));
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

async function start(options: TestDaemonOptions = {}): Promise<{ readonly daemon: TestDaemon; readonly path: string; files(): Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'paramo-checkpoints-'));
  const path = join(folder, 'blobs');
  const daemon = await startTestDaemon({ blobsPath: path, ...options });
  onTestFinished(async () => {
    await daemon.close();
    await rm(folder, { recursive: true });
  });
  return { daemon, path, files: async () => (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name).sort() };
}

const fileOf = (path: string, content: Buffer): string => join(path, sha256(content).slice(0, 2), sha256(content));

/** Flips a bit of a blob, as an old disk does. */
async function spoil(path: string, content: Buffer): Promise<void> {
  await chmod(fileOf(path, content), 0o600);
  await writeFile(fileOf(path, content), content.map((byte, i) => (i === 500 ? byte ^ 1 : byte)));
}

async function refusal(call: Promise<unknown>): Promise<ErrorCode | undefined> {
  const error = await call.then(() => undefined, (thrown: unknown) => thrown);
  return isParamoError(error) ? error.code : undefined;
}

async function begun(daemon: TestDaemon, changes: Parameters<TestDaemon['open']>[0] = {}): Promise<{ readonly study: TestStudy; readonly held: HeldTrial }> {
  const study = await daemon.open(changes);
  return { study, held: await study.ask() };
}

/** Checkpoints of one file, sent piece by piece over streams that are never ended. */
function openUpload({ transport }: TestDaemon, { studyId }: TestStudy, { number, attempt }: HeldTrial, content: Buffer): { begin(done: number): AsyncIterable<PutCheckpointResponse>; send(bytes: number): void } {
  const manifest = { chunkBytes: 65_536, files: [{ path: 'a', size: BigInt(content.length), chunks: [createHash('sha256').update(content).digest()] }] };
  let wake = (): void => undefined;
  let [sent, wanted] = [0, 0];
  async function* requests(done: number): AsyncGenerator<PutCheckpointRequest, void, undefined> {
    yield { part: { $case: 'header', value: { attempt: { studyId, trial: BigInt(number), attempt }, done: BigInt(done), manifest } } };
    for (;;) {
      if (sent < wanted) yield { part: { $case: 'content', value: content.subarray(sent, (sent = wanted)) } };
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    begin: (done) => transport.duplex(CheckpointServiceService.putCheckpoint, requests(done)),
    send(bytes) {
      wanted += bytes;
      wake();
    },
  };
}

/** Keeps answers of plugins back from `hold` on until `letGo`. */
function holdAnswers({ host }: TestDaemon): { hold(): void; letGo(): void } {
  let open = Promise.resolve();
  let letGo = (): void => undefined;
  const openSession = host.open.bind(host);
  host.open = async (...given) => {
    const session = await openSession(...given);
    return { ...session, ask: (...asked) => open.then(() => session.ask(...asked)) };
  };
  return { hold: () => void (open = new Promise((resolve) => (letGo = resolve))), letGo: () => letGo() };
}

/** The collector goes round once a minute. */
async function collected(daemon: TestDaemon): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  await daemon.pass(60_001);
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a checkpoint', () => {
  it('comes back byte by byte, whatever files it has', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    const content = fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 200_000).map(noise);
    const path = fc.array(fc.stringMatching(/^[a-zä-ü0-9 _-][a-zä-ü0-9 ._-]{0,8}$/), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    let done = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, content, { minKeys: 1, maxKeys: 5 }), async (dictionary) => {
        const files = { ...dictionary };
        const paths = Object.keys(files);
        if (paths.some((one) => paths.some((other) => other.startsWith(`${one}/`)))) return;
        const { checkpoint, size } = await study.checkpoint(held, ++done, files);
        expect(Number(size)).toBe(Object.values(files).reduce((sum, { length }) => sum + length, 0));
        const back = await study.restore({ trial: held.number, checkpoint, done });
        expect(Object.keys(back).sort()).toEqual(paths.sort());
        for (const one of paths) expect(back[one]!.equals(files[one]!)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('stores a chunk once, however many checkpoints and trials have it', async () => {
    const { daemon, files } = await start();
    const { study, held } = await begun(daemon);
    const other = await study.ask('v');
    const frozen = noise(200_000);
    const first = await study.checkpoint(held, 1, { frozen, head: noise(10) });
    expect([first.sent, Number(first.storedBytes)]).toEqual([5, 200_010]);
    const second = await study.checkpoint(held, 2, { frozen, head: noise(11) });
    expect([second.sent, Number(second.storedBytes), Number(second.size)]).toEqual([1, 11, 200_011]);
    expect((await study.checkpoint(other, 1, { again: frozen })).sent).toBe(0);
    expect(await files()).toHaveLength(6);
  });

  it('sent twice is the same one, and leaves one event in the log', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    const content = { a: noise(100) };
    const first = await study.checkpoint(held, 3, content);
    expect(await study.checkpoint(held, 3, content)).toMatchObject({ checkpoint: first.checkpoint, sent: 0 });
    expect((await study.log()).filter(({ kind }) => kind === 'trial_checkpointed')).toHaveLength(1);
    expect(await study.kept(held.number)).toEqual([3]);
  });

  it('carries the progress of its trial and the objective as it stood', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    await study.report(held, { 0: 5, 1: 4 });
    await study.checkpoint(held, 2, { a: noise(10) });
    expect((await study.log()).at(-1)).toMatchObject({ kind: 'trial_checkpointed', trial: 0, attempt: 1, done: 2, values: { loss: 4 }, size: 10 });
    const ahead = await study.checkpoint(held, 7, { a: noise(10) });
    expect(ahead.update).toMatchObject({ verdict: Verdict.VERDICT_CONTINUE });
    expect(await study.trial(0)).toMatchObject({ done: 7, checkpoint: { trial: 0, checkpoint: ahead.checkpoint, done: 7 } });
    expect((await study.record()).spent?.steps).toBe(7n);
  });

  it.each<[string, number, Record<string, Buffer>, (study: TestStudy, held: HeldTrial) => Promise<unknown>, ErrorCode]>([
    ['of a step before the newest one', 1, { a: Buffer.of(1) }, (study, held) => study.checkpoint(held, 5, { a: Buffer.of(2) }), 'INVALID_ARGUMENT'],
    ['of no step', 0, { a: Buffer.of(1) }, async () => undefined, 'INVALID_ARGUMENT'],
    ['without a file', 1, {}, async () => undefined, 'INVALID_ARGUMENT'],
    ['out of its directory', 1, { '../a': Buffer.of(1) }, async () => undefined, 'INVALID_ARGUMENT'],
    ['of a trial that is over', 1, { a: Buffer.of(1) }, (study, held) => study.complete(held, { loss: 1 }), 'TRIAL_ENDED'],
    ['of a trial that was given back', 1, { a: Buffer.of(1) }, (study, held) => study.release(held), 'TRIAL_ENDED'],
    ['of an attempt that was taken over', 1, { a: Buffer.of(1) }, async (study, held) => [await study.release(held), await study.ask('v')], 'FENCED'],
  ])('%s is refused', async (_, done, files, before, code) => {
    const { daemon, files: stored } = await start();
    const { study, held } = await begun(daemon);
    await before(study, held);
    const kept = await study.kept(held.number);
    expect(await refusal(study.checkpoint(held, done, files))).toBe(code);
    expect(await study.kept(held.number)).toEqual(kept);
    if (kept.length === 0) expect(await stored()).toEqual([]);
  });

  it('whose content is not what it says is refused and leaves nothing', async () => {
    const { daemon, files } = await start();
    const { study, held } = await begun(daemon);
    const manifest = { chunkBytes: 65_536, files: [{ path: 'a', size: 3n, chunks: [createHash('sha256').update('abc').digest()] }] };
    // The helper sends for the hash asked what it finds in its own files: nothing of this manifest's.
    await expect(study.checkpoint(held, 1, { b: noise(3) }, { manifest })).rejects.toThrow();
    expect([await study.kept(0), await files()]).toEqual([[], []]);
  });

  it('that is damaged on disk is never handed out as whole, and whole again once its content comes anew', async () => {
    const { daemon, path, files } = await start();
    const { study, held } = await begun(daemon);
    const a = noise(1000);
    const { checkpoint } = await study.checkpoint(held, 1, { a });
    for (const [step, damage] of [() => spoil(path, a), () => rm(fileOf(path, a))].entries()) {
      await damage();
      expect(await refusal(study.restore({ trial: 0, checkpoint, done: 1 }))).toBe('DATA_LOSS');
      expect((await study.checkpoint(held, 2 + step, { a, step: noise(1 + step) })).sent).toBe(2);
      expect((await study.restore({ trial: 0, checkpoint, done: 1 }))['a']!.equals(a)).toBe(true);
    }
    expect(await files()).toHaveLength(3);
  });

  it('is answered once its content is there, though its sender never ends the stream', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    const upload = openUpload(daemon, study, held, noise(1000));
    for (const step of [1, 2]) {
      const answers: string[] = [];
      for await (const { part } of upload.begin(step)) {
        answers.push(part!.$case);
        if (part!.$case === 'missing') upload.send(part!.value.chunks.length === 0 ? 0 : 1000);
      }
      expect(answers).toEqual(['missing', 'stored']);
    }
    expect(await study.kept(0)).toEqual([1, 2]);
  });

  it('whose content does not come for a minute is refused, and leaves nothing', async () => {
    const { daemon, path, files } = await start();
    const { study, held } = await begun(daemon, { rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 300_000, keepCheckpoints: 2 } });
    const upload = openUpload(daemon, study, held, noise(1000));
    const answers = upload.begin(1)[Symbol.asyncIterator]();
    expect((await answers.next()).value).toMatchObject({ part: { $case: 'missing' } });
    let refused: ErrorCode | undefined;
    const refusing = refusal(answers.next()).then((code) => (refused = code));
    for (const bytes of [300, 600, 900]) {
      upload.send(300);
      await expect.poll(async () => (await stat(join(path, 'incoming', (await files())[0]!))).size).toBe(bytes);
      await daemon.pass(59_000);
      expect(refused).toBeUndefined();
    }
    await daemon.pass(59_000);
    await refusing;
    expect(refused).toBe('TIMEOUT');
    expect(await study.kept(0)).toEqual([]);
    await expect.poll(files).toEqual([]);
  });

  it('that was damaged while the daemon was down comes anew with the next one that has its content', async () => {
    const { daemon, path } = await start();
    const { study, held } = await begun(daemon);
    const a = noise(1000);
    await study.checkpoint(held, 1, { a });
    await spoil(path, a);
    const next = await daemon.crash();
    onTestFinished(() => next.close());
    const there = study.at(next);
    const { checkpoint, sent } = await there.checkpoint(held, 2, { a });
    expect(sent).toBe(1);
    expect((await there.restore({ trial: 0, checkpoint, done: 2 }))['a']!.equals(a)).toBe(true);
    expect((await there.checkpoint(held, 3, { a })).sent).toBe(0);
  });

  it('that is damaged leaves nothing behind once nobody has it', async () => {
    const { daemon, path, files } = await start();
    const { study, held } = await begun(daemon);
    const a = noise(1000);
    const { checkpoint } = await study.checkpoint(held, 1, { a });
    await spoil(path, a);
    expect(await refusal(study.restore({ trial: 0, checkpoint, done: 1 }))).toBe('DATA_LOSS');
    await study.complete(held, { loss: 1 });
    await study.control(0, ControlAction.CONTROL_ACTION_DELETE);
    await collected(daemon);
    expect(await files()).toEqual([]);
  });

  it('is listed page by page, in pages that one message can hold', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon, { rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 10 } });
    // Each manifest has about 0.9 MB.
    const files = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${i}-`.padEnd(1000, 'x'), Buffer.of(1)]));
    for (let done = 1; done <= 4; done++) await study.checkpoint(held, done, { ...files, step: Buffer.of(done) });
    for (let done = 5; done <= 7; done++) await study.checkpoint(held, done, { step: Buffer.of(done) });
    const listed = async (trial: number, size: number): Promise<number[][]> => {
      const pages: number[][] = [];
      for (let pageToken = '', pageSize = size; pages.length === 0 || pageToken !== ''; ) {
        const { checkpoints, nextPageToken } = await daemon.transport.unary(CheckpointServiceService.listCheckpoints, { studyId: study.studyId, trial: BigInt(trial), pageSize, pageToken });
        pages.push(checkpoints.map(({ source }) => Number(source!.done)));
        pageToken = nextPageToken;
      }
      return pages;
    };
    expect(await listed(0, 0)).toEqual([[1, 2, 3], [4, 5, 6, 7]]);
    expect(await listed(0, 2)).toEqual([[1, 2], [3, 4], [5, 6], [7]]);
    expect(await listed(1, 0)).toEqual([[]]);
    expect(await refusal(listed(0, 1001))).toBe('INVALID_ARGUMENT');
    const foreign = { studyId: study.studyId, trial: 0n, pageSize: 0, pageToken: 'x' };
    expect(await refusal(daemon.transport.unary(CheckpointServiceService.listCheckpoints, foreign))).toBe('INVALID_ARGUMENT');
  });

  it('is named exactly: another step, hash or trial is not found', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    const { checkpoint } = await study.checkpoint(held, 1, { a: noise(5) });
    for (const source of [{ trial: 0, checkpoint, done: 2 }, { trial: 1, checkpoint, done: 1 }, { trial: 0, checkpoint: 'f'.repeat(64), done: 1 }]) {
      expect(await refusal(study.restore(source))).toBe('CHECKPOINT_NOT_FOUND');
    }
  });
});

describe('a trial', () => {
  it('goes on from its newest checkpoint when its worker is lost; steps done again are not counted twice', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    await study.report(held, { 0: 9, 1: 8, 2: 7 });
    const { checkpoint } = await study.checkpoint(held, 2, { a: noise(5) });
    await daemon.pass(30_001);
    const again = await study.ask('v');
    expect(again).toMatchObject({ number: 0, attempt: 2 });
    expect(again.assignment.resume).toEqual({ trial: 0n, checkpoint, done: 2n });
    await study.report(again, { 2: 6.5 });
    await study.complete(again);
    expect(await study.trial(0)).toMatchObject({ value: 6.5, done: 3, lost: 1 });
    expect((await study.record()).spent).toMatchObject({ trials: 1n, steps: 3n });
  });

  it('whose daemon died goes on from what was acked', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    const a = noise(70_000);
    const { checkpoint } = await study.checkpoint(held, 4, { a });
    const next = await daemon.crash();
    onTestFinished(() => next.close());
    const there = study.at(next);
    await there.release(held);
    const again = await there.ask('v');
    expect(again.assignment.resume).toEqual({ trial: 0n, checkpoint, done: 4n });
    expect((await there.restore({ trial: 0, checkpoint, done: 4 }))['a']!.equals(a)).toBe(true);
  });
});

describe('retention', () => {
  it('keeps the last few of a trial and the best, and collects the others', async () => {
    const { daemon, files } = await start();
    const rules = { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 2 };
    const { study, held } = await begun(daemon, { rules });
    const contents = [5, 1, 3, 2, 4, 9].map((loss, step) => ({ loss, step, a: noise(10 + step) }));
    for (const { loss, step, a } of contents) {
      await study.report(held, { [step]: loss });
      await study.checkpoint(held, step + 1, { a });
    }
    await daemon.settle();
    expect(await study.kept(0)).toEqual([2, 5, 6]);
    await collected(daemon);
    expect(await files()).toEqual([1, 4, 5].map((step) => sha256(contents[step]!.a)).sort());
    await study.complete(held);
    expect(await study.kept(0)).toEqual([2, 5, 6]);
  });

  it('follows its rule at once when that is changed', async () => {
    const { daemon, files } = await start();
    const rules = { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 3 };
    const { study, held } = await begun(daemon, { rules });
    for (let step = 1; step <= 3; step++) await study.checkpoint(held, step, { a: noise(step) });
    await study.complete(held, { loss: 1 });
    await daemon.open({ rules: { ...rules, keepCheckpoints: 1 } });
    await daemon.settle();
    expect(await study.kept(0)).toEqual([3]);
    await collected(daemon);
    expect(await files()).toHaveLength(1);
    await daemon.open({ rules });
    expect(await study.kept(0)).toEqual([3]);
  });

  it('keeps what another trial is to start from until that has one of its own, or is over', async () => {
    for (const how of ['saves', 'fails', 'is cancelled'] as const) {
      const { daemon } = await start();
      const rules = { maxFailures: 10, retries: 0, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 1 };
      const study = await daemon.open({ strategy: { name: 'copying', options: {} }, rules });
      const [donor, bad] = [await study.ask('a'), await study.ask('b')];
      await study.report(donor, { 0: 1, 1: 1 });
      const { checkpoint } = await study.checkpoint(donor, 2, { a: noise(9) });
      await study.report(bad, { 0: 9, 1: 9 });
      const { update } = await study.checkpoint(bad, 2, { a: noise(9) });
      expect(update).toMatchObject({ verdict: Verdict.VERDICT_STOP, reason: 'above 5' });
      await study.complete(bad);
      // The donor goes on; its old checkpoint is neither the last nor the best any more.
      await study.report(donor, { 2: 0.5, 3: 0.4 });
      await study.checkpoint(donor, 4, { a: noise(9) });
      await daemon.settle();
      expect(await study.kept(donor.number)).toEqual([2, 4]);
      const heir = await study.ask('b');
      expect(heir.assignment.resume).toEqual({ trial: BigInt(donor.number), checkpoint, done: 2n });
      expect(heir.trial).toMatchObject({ number: 2, member: 1, done: 2, from: { trial: donor.number, checkpoint, done: 2 } });
      expect(await refusal(study.control(donor.number, ControlAction.CONTROL_ACTION_DELETE))).toBe('INVALID_ARGUMENT');
      if (how === 'saves') await study.checkpoint(heir, 3, { a: noise(9) });
      if (how === 'fails') await study.fail(heir);
      if (how === 'is cancelled') await study.control(heir.number, ControlAction.CONTROL_ACTION_CANCEL);
      await daemon.settle();
      expect(await study.kept(donor.number)).toEqual([4]);
    }
  });

  it('that a crash cut short is gone on with; what is kept is whole', async () => {
    const { daemon, files } = await start();
    const { study, held } = await begun(daemon, { rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 1 } });
    const contents = Array.from({ length: 6 }, (_, i) => noise(30 + i));
    let alive = daemon;
    let there = study;
    for (const [step, a] of contents.entries()) {
      await there.report(held, { [step]: 10 - step }, { sequence: step + 1 });
      await there.checkpoint(held, step + 1, { a });
      for (let turns = 0; turns < step * 7; turns++) await new Promise(setImmediate);
      alive = await alive.crash();
      there = study.at(alive);
    }
    const last = alive;
    onTestFinished(() => last.close());
    await last.settle();
    expect(await there.kept(0)).toEqual([6]);
    await collected(last);
    expect(await files()).toEqual([sha256(contents[5]!)]);
  });

  it('needs to read no manifest when a study is put to work', async () => {
    const { daemon } = await start();
    const { study, held } = await begun(daemon);
    await study.checkpoint(held, 1, { a: noise(10) });
    const { store } = daemon;
    const manifests = prefixRange(tables.checkpoint);
    let [keys, read] = [0, 0];
    const watched: MemoryStore = {
      ...store,
      *range(range) {
        for (const [key, value] of store.range(range)) {
          const isManifest = Buffer.compare(key, manifests.from) >= 0 && Buffer.compare(key, manifests.to) < 0;
          if (isManifest) keys++;
          if (isManifest && value.length > 0) read++;
          yield [key, value];
        }
      },
    };
    const next = await startTestDaemon({ store: watched });
    await next.settle();
    expect([keys, read]).toEqual([1, 0]);
    await next.transport.close();
  });

  it('lets a deleted trial and a deleted study take their chunks along', async () => {
    const { daemon, files } = await start();
    const { study, held } = await begun(daemon);
    const other = await study.ask('v');
    const shared = noise(50);
    await study.checkpoint(held, 1, { shared, own: noise(51) });
    await study.checkpoint(other, 1, { shared });
    await study.complete(held, { loss: 1 });
    await study.control(held.number, ControlAction.CONTROL_ACTION_DELETE);
    await collected(daemon);
    expect(await files()).toEqual([sha256(shared)]);
    expect(await study.kept(0)).toEqual([]);
    await daemon.services.tuner.delete(study.studyId);
    await collected(daemon);
    expect(await files()).toEqual([]);
  });
});

describe('a deletion', () => {
  it('that is in the log takes all data along, whenever the daemon dies', async () => {
    let cutShort = 0;
    for (let turns = 0; turns < 12; turns++) {
      const { daemon, files } = await start();
      const { study, held } = await begun(daemon);
      await study.report(held, { 0: 1 });
      await study.checkpoint(held, 1, { a: noise(10) });
      await study.complete(held);
      void study.control(held.number, ControlAction.CONTROL_ACTION_DELETE).catch(() => undefined);
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      const next = await daemon.crash();
      onTestFinished(() => next.close());
      const there = study.at(next);
      if (!(await there.log()).some(({ kind }) => kind === 'trial_deleted')) continue;
      cutShort++;
      await next.settle();
      expect(await there.kept(0)).toEqual([]);
      const { studies } = next.services.tuner;
      for (const drain of [false, true]) {
        if (drain) await studies.drain();
        expect(listSeries(studies, study.studyId, 0)).toEqual([]);
      }
      if (cutShort > 1) continue;
      await collected(next);
      expect(await files()).toEqual([]);
    }
    expect(cutShort).toBeGreaterThan(3);
  });
});

describe('a study that lives on checkpoints', () => {
  it('fails a trial that goes past its first milestone without one, and says what to call', async () => {
    const { daemon } = await start();
    const study = await daemon.open({ strategy: { name: 'copying', options: {} }, budget: { trials: 2 } });
    const held = await study.ask();
    expect(held.assignment.checkpoints).toMatchObject({ intervals: [2n] });
    expect(await study.report(held, { 0: 1, 1: 1 })).toMatchObject({ verdict: Verdict.VERDICT_CONTINUE });
    await study.report(held, { 2: 1 });
    const trial = await study.trial(held.number);
    expect(trial).toMatchObject({ state: 'failed', reason: expect.stringContaining('trial.checkpoint(') as unknown });
    expect(trial.reason).toContain('at step 2');
    expect(await study.heartbeat(held)).toMatchObject({ verdict: Verdict.VERDICT_ENDED });
  });

  it('ends a trial that was to be stopped as stopped, though it went on without one', async () => {
    const { daemon } = await start();
    const study = await daemon.open({ strategy: { name: 'copying', options: {} }, budget: { trials: 2 } });
    const held = await study.ask();
    await study.report(held, { 0: 1, 1: 1 });
    await study.control(held.number, ControlAction.CONTROL_ACTION_STOP);
    expect(await study.report(held, { 2: 1 })).toMatchObject({ verdict: Verdict.VERDICT_STOP });
    await study.complete(held);
    expect(await study.trial(held.number)).toMatchObject({ state: 'stopped', reason: 'a person' });
  });

  it('fills the place of a failed member again, beyond the budget of trials and not counted by it', async () => {
    const { daemon } = await start();
    const study = await daemon.open({ strategy: { name: 'copying', options: {} }, budget: { trials: 2 } });
    const [first, second] = [await study.ask('a'), await study.ask('b')];
    await study.fail(first);
    const again = await study.ask('a');
    expect(again.trial).toMatchObject({ number: 2, member: first.trial.member });
    for (const held of [again, second]) await study.complete(held, { loss: 1 });
    await daemon.settle();
    const record = await study.record();
    expect(record).toMatchObject({ spent: { trials: 2n }, counts: { completed: 2n, failed: 1n } });
    expect((await study.log()).at(-1)).toMatchObject({ kind: 'study_ended', reason: 'budget' });
    expect(await daemon.replay(study.studyId)).toMatchObject({ reproduced: 3n });
  });

  it('replaces a member although the budget of trials is used up', async () => {
    const { daemon } = await start();
    const study = await daemon.open({ strategy: { name: 'copying', options: {} }, budget: { trials: 2 } });
    const [good, bad] = [await study.ask('a'), await study.ask('b')];
    await study.report(good, { 0: 1, 1: 1 });
    const { checkpoint } = await study.checkpoint(good, 2, { a: noise(9) });
    await study.report(bad, { 0: 9, 1: 9 });
    await study.checkpoint(bad, 2, { a: noise(9) });
    await study.complete(bad);
    const heir = await study.ask('b');
    expect(heir.trial).toMatchObject({ number: 2, from: { trial: good.number, checkpoint, done: 2 }, done: 2 });
    expect((await study.record()).spent).toMatchObject({ trials: 2n, steps: 4n });
    expect((await study.trial(bad.number)).state).toBe('stopped');
  });

  it.each<[string, (daemon: TestDaemon, study: TestStudy, held: HeldTrial) => Promise<unknown>, Verdict]>([
    ['its trial is given back', (_, study, held) => study.release(held), Verdict.VERDICT_PAUSE],
    ['its trial is cancelled', (_, study, held) => study.control(held.number, ControlAction.CONTROL_ACTION_CANCEL), Verdict.VERDICT_ENDED],
    ['its lease runs out', (daemon) => daemon.pass(30_001), Verdict.VERDICT_CONTINUE],
    ['its study is deleted', (daemon, study) => daemon.services.tuner.delete(study.studyId), Verdict.VERDICT_CONTINUE],
  ])('answers a worker that waits at a barrier when %s', async (_, act, verdict) => {
    const { daemon } = await start();
    const answers = holdAnswers(daemon);
    const study = await daemon.open({ strategy: { name: 'copying', options: {} } });
    const held = await study.ask();
    await study.report(held, { 0: 1, 1: 1 });
    await daemon.settle();
    answers.hold();
    let told: Verdict | undefined;
    const saved = study.checkpoint(held, 2, { a: noise(9) }).then(({ update }) => (told = update!.verdict));
    await expect.poll(async () => (await study.trial(held.number)).checkpoint?.done).toBe(2);
    expect(told).toBeUndefined();
    const acting = act(daemon, study, held);
    await saved;
    expect(told).toBe(verdict);
    answers.letGo();
    await acting;
  });

  it('tells a worker that waited when its daemon died what is decided about the checkpoint', async () => {
    const { daemon } = await start();
    const answers = holdAnswers(daemon);
    const study = await daemon.open({ strategy: { name: 'copying', options: {} } });
    const [good, bad] = [await study.ask('a'), await study.ask('b')];
    await study.report(good, { 0: 1, 1: 1 });
    await study.checkpoint(good, 2, { a: noise(9) });
    await daemon.settle();
    answers.hold();
    await study.report(bad, { 0: 9, 1: 9 });
    const files = { a: noise(9) };
    const lost = study.checkpoint(bad, 2, files).catch(() => undefined);
    await expect.poll(async () => (await study.trial(bad.number)).checkpoint?.done).toBe(2);
    const next = await daemon.crash();
    onTestFinished(() => next.close());
    const nextAnswers = holdAnswers(next);
    nextAnswers.hold();
    let told: Verdict | undefined;
    const saved = study.at(next).checkpoint(bad, 2, files).then(({ update }) => (told = update!.verdict));
    await expect.poll(async () => (await study.at(next).heartbeat(bad)).verdict).toBe(Verdict.VERDICT_CONTINUE);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told).toBeUndefined();
    nextAnswers.letGo();
    await saved;
    expect(told).toBe(Verdict.VERDICT_STOP);
    answers.letGo();
    await lost;
  });
});
