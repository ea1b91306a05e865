import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImportRequest, paramsToMessage, StudyServiceService, TrialServiceService, TrialState, valuesToMessage, Worker, WatchRequest } from '@paramo/protocol';
import type { EnqueueRequest, ImportResponse } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { createWrites } from '../store/study-writes.js';
import { foldDifferences } from './fold-check.js';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon, TestDaemonOptions } from './testing/test-daemon.js';
import type { HeldTrial, TestStudy } from './testing/test-study.js';

async function start(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const startFor = Worker.fromPartial({ id: 'w', process: 'w', host: 'here', pid: 1 });
const tracking = { strategy: undefined, space: undefined } as never;

function importInto(daemon: TestDaemon, study: TestStudy, trials: readonly Partial<ImportRequest>[]): Promise<ImportResponse> {
  async function* requests(): AsyncGenerator<ImportRequest> {
    for (const [i, trial] of trials.entries()) yield ImportRequest.fromPartial({ state: TrialState.TRIAL_STATE_COMPLETED, ...(i === 0 && { studyId: study.studyId }), ...trial });
  }
  return daemon.transport.clientStream(TrialServiceService.import, requests());
}

test('an enqueued trial with params outside the space is refused by name', async () => {
  const study = await (await start()).open();
  await expect(study.enqueue({ x: 2, opt: 'a' })).rejects.toMatchObject({ code: 'INVALID_PARAMS', message: expect.stringContaining('x') });
  await expect(study.enqueue({ x: 0.5, opt: 'a', y: 1 })).rejects.toMatchObject({ code: 'INVALID_PARAMS', message: expect.stringContaining('y') });
  await expect(study.enqueue({ x: 0.5, opt: 'a' }, { retryOf: 9n })).rejects.toMatchObject({ code: 'TRIAL_NOT_FOUND' });
});

test('an enqueue sent again adds nothing, at once and after the daemon was killed', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const request: Partial<EnqueueRequest> = { requestId: 'one' };
  const both = await Promise.all([study.enqueue({ x: 0.5, opt: 'a' }, request), study.enqueue({ x: 0.5, opt: 'a' }, request)]);
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const later = await study.at(next).enqueue({ x: 0.5, opt: 'a' }, request);
  expect(new Set([...both, later].map(({ trial }) => trial.number)).size).toBe(1);
});

test('enqueued trials count for the budget, and none is taken that could never start', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 3 } });
  const added = await Promise.allSettled([0.1, 0.2, 0.3, 0.4].map((x) => study.enqueue({ x, opt: 'a' })));
  expect(added.filter(({ status }) => status === 'rejected').map((one) => (one as PromiseRejectedResult).reason.code)).toContain('BUDGET_EXHAUSTED');
  await study.work();
  await daemon.settle();
  expect(await study.record()).toMatchObject({ state: 3, spent: { trials: 3n }, counts: { completed: 3n, waiting: 0n } });
});

test('a tracked run is started at once, and a strategy is not needed', async () => {
  const daemon = await start();
  const study = await daemon.open(tracking);
  const { trial, held } = await study.enqueue({ lr: 0.1, note: 'free' }, { startFor, requestId: 'run' });
  expect(trial).toMatchObject({ state: 'running', attempt: 1, by: 'user', params: { lr: 0.1, note: 'free' } });
  expect(await study.enqueue({ lr: 0.1 }, { startFor, requestId: 'run' })).toMatchObject({ held: { number: 0, attempt: 1 } });
  await study.report(held!, { 0: 3, 1: 2 });
  await study.complete(held!);
  expect(await study.trial(0)).toMatchObject({ state: 'completed', value: 2 });
});

test('a lost tracked run is never issued again, and its own late end puts it right', async () => {
  const daemon = await start();
  const study = await daemon.open(tracking);
  const { held } = await study.enqueue({ lr: 0.1 }, { startFor });
  await study.report(held!, { 0: 3 });
  await daemon.pass(30_000);
  expect(await study.trial(0)).toMatchObject({ state: 'failed', reason: 'lost: its worker was silent for 30 s' });
  expect((await study.tryAsk('other', { waitMs: 0 })).assignment).toBeUndefined();
  expect(await study.report(held!, { 1: 2 })).toMatchObject({ verdict: 1, ackedSequence: 2n });
  const { trial } = await study.complete(held!, {}, { batches: [{ studyId: study.studyId, trial: 0n, attempt: 1, sequence: 3n, series: [{ name: 'loss', steps: [2n], values: [1], timesMs: [] }], done: undefined }] });
  expect(trial).toMatchObject({ value: 1, done: 3n });
  expect(await study.record()).toMatchObject({ counts: { completed: 1n, failed: 0n }, bestTrial: 0n, bestValue: 1 });
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  expect(next.services.tuner.study(study.studyId).journal.state.record).toMatchObject({ counts: { completed: 1, failed: 0 }, bestTrial: 0 });
});

test('a tracked run that is over goes on as its next attempt, from its newest checkpoint, and the same over a crash', async () => {
  const blobsPath = mkdtempSync(join(tmpdir(), 'paramo-runs-'));
  onTestFinished(() => rmSync(blobsPath, { recursive: true, force: true }));
  const daemon = await start({ blobsPath });
  const study = await daemon.open(tracking);
  const { held } = await study.enqueue({ lr: 0.1 }, { startFor });
  await study.report(held!, { 0: 3, 1: 1 });
  await study.checkpoint(held!, 2, { a: Buffer.from('two') });
  await study.report(held!, { 2: 9 });
  await study.complete(held!, { loss: 1 });
  await study.enqueue({ lr: 0.2 }, { startFor, requestId: 'other' }).then(({ held: other }) => study.complete(other!, { loss: 5 }));
  expect((await study.record()).bestTrial).toBe(0n);

  const again = { resume: 0n, startFor, requestId: 'again' };
  const [resumed, twice] = [await study.enqueue({}, again), await study.enqueue({}, again)];
  expect(twice.held).toMatchObject({ number: 0, attempt: 2 });
  expect(resumed.held!.assignment).toMatchObject({ attempt: 2, resume: { trial: 0n, done: 2n } });
  expect(resumed.trial).toMatchObject({ state: 'running', attempt: 2, params: { lr: 0.1 }, reason: '', endedMs: 0 });
  expect(resumed.trial.value).toBeUndefined();
  expect(await study.record()).toMatchObject({ counts: { running: 1n, completed: 1n }, spent: { trials: 2n, steps: 3n }, bestTrial: 1n });
  await expect(study.enqueue({}, { ...again, requestId: 'third' })).rejects.toMatchObject({ code: 'TRIAL_RUNNING', message: expect.stringContaining('as attempt 2 in process 1 on here') });
  // Its first attempt has nothing to say any more.
  expect(await study.report(held!, { 3: 0 })).toMatchObject({ verdict: 4 });

  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const later = study.at(next);
  expect(next.services.tuner.study(study.studyId).journal.state.record).toMatchObject({ counts: { running: 1, completed: 1 }, spent: { trials: 2, steps: 3 }, bestTrial: 1 });
  await later.report(resumed.held!, { 2: 0.5 });
  await later.complete(resumed.held!);
  expect(await later.trial(0)).toMatchObject({ state: 'completed', value: 0.5, at: 2, done: 3, attempt: 2 });
  expect(await later.record()).toMatchObject({ counts: { running: 0n, completed: 2n }, bestTrial: 0n, bestValue: 0.5 });
  expect([...foldDifferences(next.services.tuner.studies, study.studyId)]).toEqual([]);
});

test('runs that failed, were lost or given back go on too; searches and what is not there do not', async () => {
  const daemon = await start();
  const study = await daemon.open(tracking);
  const begin = async (): Promise<HeldTrial> => (await study.enqueue({ lr: 1 }, { startFor })).held!;
  await study.fail(await begin());
  await study.release(await begin());
  await begin();
  await daemon.pass(30_000);
  expect(await study.trial(2)).toMatchObject({ state: 'failed', reason: expect.stringContaining('lost: ') });
  for (const resume of [0n, 1n, 2n]) {
    const { held, trial } = await study.enqueue({}, { resume, startFor });
    expect(trial).toMatchObject({ state: 'running', attempt: 2 });
    await study.report(held!, { 0: Number(resume) });
    await study.complete(held!);
  }
  expect(await study.record()).toMatchObject({ counts: { completed: 3n, failed: 0n, waiting: 0n } });
  await expect(study.enqueue({}, { resume: 7n, startFor })).rejects.toMatchObject({ code: 'TRIAL_NOT_FOUND' });
  await expect(study.enqueue({}, { resume: 0n })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  const search = await daemon.open({ name: 'search' });
  await expect(search.enqueue({}, { resume: 0n, startFor })).rejects.toMatchObject({ code: 'STUDY_MISMATCH' });
});

test('what is noted about a trial changes in any of its states, and plugins hear nothing of it', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 2 } });
  const note = (at: TestStudy, trial: number, attributes: object): Promise<unknown> =>
    daemon.transport.unary(TrialServiceService.updateTrial, { studyId: at.studyId, trial: BigInt(trial), attributesJson: JSON.stringify(attributes) });
  const held = await study.ask();
  await note(study, 0, { tags: ['a', 'b'], note: 'first' });
  await study.report(held, { 0: 1 });
  await study.complete(held);
  await note(study, 0, { note: null, group: 'g' });
  expect(await study.trial(0)).toMatchObject({ state: 'completed', value: 1, attributes: { tags: ['a', 'b'], group: 'g' } });
  expect((await study.trial(0)).attributes).not.toHaveProperty('note');
  expect((await study.trials('tags = b and group = g')).map(({ number }) => number)).toEqual([0]);
  await expect(note(study, 9, { a: 1 })).rejects.toMatchObject({ code: 'TRIAL_NOT_FOUND' });
  await expect(note(study, 0, [1])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await study.work();
  await daemon.settle();
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
  expect([...foldDifferences(daemon.services.tuner.studies, study.studyId)]).toEqual([]);
});

test('imported trials are learnt from, count for no budget, and are skipped when they come again', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 2 } });
  const trials = Array.from({ length: 450 }, (_, i) => ({ params: paramsToMessage({ x: i / 450, opt: 'a' }), values: valuesToMessage({ loss: i }), originId: `o${i}`, series: [{ name: 'loss', steps: [0n], values: [i], timesMs: [] }] }));
  const [first, second] = await Promise.all([importInto(daemon, study, trials), importInto(daemon, study, trials)]);
  expect(Number(first!.added + second!.added)).toBe(450);
  expect(await importInto(daemon, study, trials)).toMatchObject({ added: 0n, skipped: 450n, firstNumber: undefined });
  expect(await study.record()).toMatchObject({ spent: { trials: 0n }, bestValue: 0 });
  expect(await study.work()).toBe(2);
  expect((await study.log()).filter((event) => event.kind === 'trial_created' && event.by === 'strategy').at(-1)).toMatchObject({ memo: { best: 0 } });
  await daemon.settle();
  expect(await daemon.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('an import with one bad trial leaves nothing of its block behind', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await daemon.settle();
  const before = await study.log();
  await expect(importInto(daemon, study, [{ params: paramsToMessage({ x: 0.5, opt: 'a' }) }, { params: paramsToMessage({ x: 7, opt: 'a' }) }])).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  await expect(importInto(daemon, study, [{ state: TrialState.TRIAL_STATE_RUNNING }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await study.log()).toHaveLength(before.length);
});

test('the log can be watched from any position on, without gaps', async () => {
  const daemon = await start();
  const study = await daemon.open({ budget: { trials: 5 } });
  const seen: bigint[] = [];
  const call = new AbortController();
  const watching = (async () => {
    for await (const { events } of daemon.transport.serverStream(StudyServiceService.watch, WatchRequest.fromPartial({ studyId: study.studyId, after: 2n }), { signal: call.signal })) seen.push(...events.map(({ position }) => position));
  })().catch(() => undefined);
  await study.work();
  await daemon.settle();
  const head = (await study.log()).length;
  expect(seen).toEqual(Array.from({ length: head - 2 }, (_, i) => BigInt(i + 3)));
  call.abort();
  await watching;
});

test('whoever watches a study that is deleted is told', async () => {
  const daemon = await start();
  const study = await daemon.open();
  const watching = (async () => {
    for await (const _ of daemon.transport.serverStream(StudyServiceService.watch, WatchRequest.fromPartial({ studyId: study.studyId }))) continue;
  })();
  const told = expect(watching).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
  await daemon.settle();
  await daemon.transport.unary(StudyServiceService.deleteStudy, { studyId: study.studyId });
  await told;
  await expect(study.tryAsk()).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
  expect((await daemon.open()).studyId).not.toBe(study.studyId);
});

test('an event of a kind that this version does not know is kept, streamed on and skipped', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await study.work({ limit: 2 });
  await daemon.settle();
  const head = (await study.log()).length;
  // Position, time, and a field 500 from the future.
  const bytes = Uint8Array.from([0x08, head + 1, 0x10, 1, 0xa2, 0x1f, 1, 42]);
  const writes = createWrites();
  writes.event(study.studyId, { kind: 'unknown', position: head + 1, wallMs: 1, bytes });
  await daemon.services.tuner.studies.store.commit(writes.writes);
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const there = study.at(next);
  expect(await there.work({ limit: 2 })).toBe(2);
  await next.settle();
  const log = await there.log();
  const event = log[head]!;
  expect(event.kind === 'unknown' && [...event.bytes]).toEqual([...bytes]);
  expect(log.map(({ position }) => position)).toEqual(log.map((_, i) => i + 1));
  expect(await next.replay(study.studyId)).toMatchObject({ outcome: 1 });
});

test('an import is refused as a whole when its study is not named', async () => {
  const daemon = await start();
  const study = await daemon.open();
  await expect(importInto(daemon, study, [{ studyId: '' }])).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
});
