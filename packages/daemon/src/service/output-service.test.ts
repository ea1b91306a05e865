import { isParamoError } from '@paramo/core';
import type { ErrorCode } from '@paramo/core';
import { createLocalTransport } from '@paramo/protocol/testing';
import { OutputServiceService, OutputStream, ReadOutputRequest } from '@paramo/protocol';
import type { Transport } from '@paramo/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openOutputs } from '../output/outputs.js';
import { deleteStudyData, deleteTrialData } from '../store/deletion.js';
import { prefixRange } from '../store/key.js';
import { tables } from '../store/layout.js';
import { createMemoryStore } from '../store/memory-store.js';
import type { Store } from '../store/store.js';
import { createStudyStore } from '../store/study-store.js';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import { sampleStudy, sampleTrial } from '../store/testing/sample-records.js';
import { storeKinds } from '../store/testing/stores.js';
import { startTestDaemon } from '../tuner/testing/test-daemon.js';
import { outputService } from './output-service.js';

const { OUTPUT_STREAM_STDOUT: stdout, OUTPUT_STREAM_STDERR: stderr } = OutputStream;

/** The output of trial 0 of study A, attempt 1, as a runner and a reader see it. */
interface Output {
  write(offset: number, text: string, extra?: { readonly stream?: OutputStream; readonly leftOut?: number; readonly attempt?: number }): Promise<number>;
  /** What comes, as text; `<N>` stands for N bytes left out, `!` before what went to stderr. */
  read(changes?: Partial<ReadOutputRequest>, signal?: AbortSignal): Promise<string>;
}

function outputOf(transport: Transport, studyId = 'A'): Output {
  return {
    async write(offset, text, { stream = stdout, leftOut = 0, attempt = 1 } = {}) {
      const chunk = { stream, offset: BigInt(offset), leftOut: BigInt(leftOut), timeMs: 5n, content: Buffer.from(text) };
      return Number((await transport.unary(OutputServiceService.appendOutput, { attempt: { studyId, trial: 0n, attempt }, chunks: [chunk] })).end);
    },
    async read(changes = {}, signal) {
      let text = '';
      for await (const { chunk } of transport.serverStream(OutputServiceService.readOutput, ReadOutputRequest.fromPartial({ studyId, ...changes }), { ...(signal && { signal }) })) {
        text += `${chunk!.leftOut > 0n ? `<${chunk!.leftOut}>` : ''}${chunk!.stream === stderr ? '!' : ''}${chunk!.content.toString()}`;
      }
      return text;
    },
  };
}

async function serve(store: Store, limits?: Parameters<typeof openOutputs>[2]): Promise<Output & { readonly studies: StudyStore }> {
  const studies = createStudyStore(store);
  if (!studies.study('A')) {
    const writes = createWrites();
    writes.study(sampleStudy('A'));
    writes.name('study A', 'A');
    writes.trial(sampleTrial('A', 0, { state: 'running', attempt: 2 }), undefined, []);
    await studies.commit(writes);
  }
  return { studies, ...outputOf(createLocalTransport([outputService(openOutputs(studies, { onOver: () => undefined }, limits))])) };
}

async function refused(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await call.catch((thrown: unknown) => thrown);
  expect(isParamoError(error, code), String(error)).toBe(true);
}

const left = (store: Store): number => [...store.range(prefixRange(tables.output))].length;

describe.each(storeKinds)('outputs on $name', ({ with: withStore }) => {
  it('keep both streams in order of arrival, an attempt apart from the other', () =>
    withStore(async (store) => {
      const { write, read } = await serve(store);
      expect(await write(0, 'one\n')).toBe(4);
      await write(4, 'oh\n', { stream: stderr });
      await write(7, 'two\n');
      // The attempt was fenced by the second one, and is still kept.
      await write(0, 'again\n', { attempt: 2 });
      expect(await read({ attempt: 1 })).toBe('one\n!oh\ntwo\n');
      expect(await read()).toBe('again\n');
      expect(await read({ attempt: 1, stream: stderr })).toBe('!oh\n');
      expect(await read({ attempt: 1, fromOffset: 5n })).toBe('!h\ntwo\n');
    }));

  it('ignore what is there already, and refuse a gap that is not said', () =>
    withStore(async (store) => {
      const { write, read } = await serve(store);
      await write(0, 'abcdef');
      expect(await write(0, 'abc')).toBe(6);
      expect(await write(4, 'efgh')).toBe(8);
      await refused(write(9, 'x'), 'ABORTED');
      await write(12, 'xyz', { leftOut: 4 });
      expect(await read({ attempt: 1 })).toBe('abcdefgh<4>xyz');
      // Somebody else at the same store, who knows of nothing.
      const other = await serve(store);
      expect(await other.write(10, 'lmxyz!')).toBe(16);
      expect(await other.read({ attempt: 1 })).toBe('abcdefgh<4>xyz!');
    }));

  it('lose their oldest chunks past the quota, but for the beginning, and say how much', () =>
    withStore(async (store) => {
      const limits = { chunkBytes: 100, attemptBytes: 60, headBytes: 10, chunkCost: 2 };
      const one = await serve(store, limits);
      for (let i = 0; i < 10; i++) await one.write(i * 8, `chunk ${i};`);
      expect(await one.read({ attempt: 1 })).toBe('chunk 0;chunk 1;<32>chunk 6;chunk 7;chunk 8;chunk 9;');
      expect(await one.read({ attempt: 1, fromOffset: 20n })).toBe('<28>chunk 6;chunk 7;chunk 8;chunk 9;');
      const two = await serve(store, limits);
      await two.write(80, 'chunk a;');
      expect(await two.read({ attempt: 1 })).toBe('chunk 0;chunk 1;<40>chunk 7;chunk 8;chunk 9;chunk a;');
    }));

  it('go with their trial and with their study', () =>
    withStore(async (store) => {
      const { write, read, studies } = await serve(store);
      await write(0, 'gone');
      const writes = createWrites();
      writes.trialDeletion('A', 0);
      await studies.commit(writes);
      await refused(write(4, 'more'), 'TRIAL_NOT_FOUND');
      await refused(read(), 'TRIAL_NOT_FOUND');
      await deleteTrialData(store, 'A', 0);
      expect(left(store)).toBe(0);
      await write(0, 'gone too', { attempt: 2 });
      await deleteStudyData(studies, sampleStudy('A'));
      expect(left(store)).toBe(0);
      await refused(write(8, 'more'), 'STUDY_NOT_FOUND');
    }));
});

it('output of an attempt that nobody was given, and chunks that say too little or too much, are refused', async () => {
  const { write } = await serve(createMemoryStore());
  await refused(write(0, 'x', { attempt: 3 }), 'TRIAL_NOT_FOUND');
  await refused(write(0, 'x', { attempt: 0 }), 'TRIAL_NOT_FOUND');
  await refused(write(0, ''), 'INVALID_ARGUMENT');
  await refused(write(0, 'x'.repeat(65_537)), 'INVALID_ARGUMENT');
  await refused(write(0, 'x', { stream: OutputStream.OUTPUT_STREAM_UNSPECIFIED }), 'INVALID_ARGUMENT');
  await refused(write(3, 'x', { leftOut: 4 }), 'INVALID_ARGUMENT');
});

it('a disk that is nearly full takes no output, and what came before can be read', async () => {
  const store = createMemoryStore();
  const { write, read } = await serve(store);
  await write(0, 'before');
  store.setScarce(true);
  await refused(write(6, ' and after'), 'STORE_FULL');
  expect(await read({ attempt: 1 })).toBe('before');
  store.setScarce(false);
  expect(await write(6, ' and after')).toBe(16);
});

it('a reader that follows is told all until the attempt is over', async () => {
  const daemon = await startTestDaemon();
  onTestFinished(() => daemon.close());
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask();
  const { write, read } = outputOf(daemon.transport, study.studyId);
  await write(0, 'begin ');
  let isOver = false;
  const following = read({ follow: true }).finally(() => (isOver = true));
  const leaving = new AbortController();
  const left = read({ follow: true }, leaving.signal).catch(() => 'left');
  await daemon.settle();
  await write(6, 'middle ');
  await daemon.settle();
  leaving.abort();
  expect(await left).toBe('left');
  expect(isOver).toBe(false);
  await write(13, 'end');
  await study.complete(held, { loss: 1 });
  expect(await following).toBe('begin middle end');
  expect(await read({ follow: true })).toBe('begin middle end');
});
