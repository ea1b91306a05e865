import { isParamoError } from '@paramo/core';
import type { ErrorCode } from '@paramo/core';
import { ReportRequest, TrialServiceService, Verdict } from '@paramo/protocol';
import type { AttachResponse, AttemptUpdate } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon } from './testing/test-daemon.js';
import type { HeldTrial, TestStudy } from './testing/test-study.js';

async function start(): Promise<{ readonly daemon: TestDaemon; readonly study: TestStudy; readonly held: HeldTrial }> {
  const daemon = await startTestDaemon();
  onTestFinished(() => daemon.close());
  const study = await daemon.open({ budget: { trials: 1 } });
  return { daemon, study, held: await study.ask('runner') };
}

const attach = ({ transport }: TestDaemon, { studyId }: TestStudy, { number, attempt }: HeldTrial, writerId: string): Promise<AttachResponse> =>
  transport.unary(TrialServiceService.attach, { attempt: { studyId, trial: BigInt(number), attempt }, writerId });

/** A stream of a process that stays open until the test ends or closes it, and what it was told. */
function openStream({ transport }: TestDaemon, { studyId }: TestStudy, { number, attempt }: HeldTrial, writerId: string): { readonly updates: AttemptUpdate[]; close(): Promise<void> } {
  const updates: AttemptUpdate[] = [];
  let close = (): void => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  async function* requests(): AsyncGenerator<ReportRequest> {
    yield ReportRequest.fromPartial({ writerId, heartbeats: [{ studyId, trial: BigInt(number), attempt }] });
    await closed;
  }
  const reading = (async () => {
    for await (const response of transport.duplex(TrialServiceService.report, requests())) updates.push(...response.updates);
  })();
  return {
    updates,
    close() {
      close();
      return reading;
    },
  };
}

async function refused(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await call.catch((thrown: unknown) => thrown);
  expect(isParamoError(error, code), String(error)).toBe(true);
}

test('a process attaches to a running attempt, is given its terms, and its points count', async () => {
  const { daemon, study, held } = await start();
  const { assignment, taken } = await attach(daemon, study, held, 'program');
  expect({ assignment, taken }).toEqual({ assignment: { ...held.assignment, trial: expect.anything() as unknown }, taken: false });
  const program = { ...held, worker: 'program', sequence: 0 };
  await study.report(program, { 0: 3, 1: 2 });
  await study.report(held, { 2: 1 });
  expect((await study.complete(held)).trial).toMatchObject({ value: 1, done: 3n });
});

test('one process at a time reports; its place is free once its stream has ended', async () => {
  const { daemon, study, held } = await start();
  const first = openStream(daemon, study, held, 'first');
  expect((await attach(daemon, study, held, 'first')).taken).toBe(false);
  expect((await attach(daemon, study, held, 'second')).taken).toBe(true);
  expect((await attach(daemon, study, held, '')).taken).toBe(true);
  expect((await attach(daemon, study, held, 'first')).taken).toBe(false);
  await first.close();
  expect((await attach(daemon, study, held, 'second')).taken).toBe(false);
});

test('what is decided reaches the worker and the process beside it', async () => {
  const { daemon, study, held } = await start();
  await attach(daemon, study, held, 'program');
  const streams = [openStream(daemon, study, held, 'runner'), openStream(daemon, study, held, 'program')];
  await daemon.settle();
  await study.control(0, 1);
  await daemon.settle();
  for (const { updates, close } of streams) {
    expect(updates.at(-1)).toMatchObject({ verdict: Verdict.VERDICT_STOP });
    await close();
  }
});

test('a process beside the worker holds no lease', async () => {
  const { daemon, study, held } = await start();
  await attach(daemon, study, held, 'program');
  const program = { ...held, worker: 'program', sequence: 0 };
  await daemon.pass(20_000);
  await study.report(program, { 0: 1 });
  await daemon.pass(10_000);
  expect((await study.trial(0)).state).toBe('waiting');
});

test('nobody attaches to an attempt that is over, taken over or unknown', async () => {
  const { daemon, study, held } = await start();
  await refused(attach(daemon, study, { ...held, attempt: 2 }, 'program'), 'TRIAL_NOT_FOUND');
  await study.release(held);
  const again = await study.ask('other');
  await refused(attach(daemon, study, held, 'program'), 'FENCED');
  await study.complete(again, { loss: 1 });
  await refused(attach(daemon, study, again, 'program'), 'TRIAL_ENDED');
});
