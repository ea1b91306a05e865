import { NoTrialReason, StudyState } from '@paramo/protocol';
import type { AskResponse } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon } from './testing/test-daemon.js';
import type { HeldTrial, TestStudy } from './testing/test-study.js';

const minuteMs = 60_000;
/** Leases of a day, so that nobody needs a heartbeat. */
const patient = { maxFailures: 10, retries: 5, retryOnFailure: false, leaseMs: 86_400_000, keepCheckpoints: 2 };

async function start(): Promise<TestDaemon> {
  const daemon = await startTestDaemon();
  onTestFinished(() => daemon.close());
  return daemon;
}

/** Asks as a worker of a host, without waiting. */
function tryAsk(study: TestStudy, host: string, waitMs = 0): Promise<AskResponse> {
  return study.tryAsk(host, { worker: { id: host, process: host, host, pid: 1, labels: new Map() }, waitMs });
}

async function ask(study: TestStudy, host: string): Promise<HeldTrial> {
  return study.held(await tryAsk(study, host, 1000), host);
}

async function failTimes(study: TestStudy, host: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await study.fail(await ask(study, host), `no GPU on ${host}`);
}

const heldAnswer = { assignment: undefined, none: NoTrialReason.NO_TRIAL_REASON_HOST_HELD };

test('a host on which three trials in a row fail is held back while another does well, twice as long each time', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: patient });
  await ask(study, 'good');
  await failTimes(study, 'bad', 3);
  expect(await tryAsk(study, 'bad')).toMatchObject({ ...heldAnswer, detail: 'host bad gets no trial for 60 s: its last 3 trials failed or were lost, and other hosts do well; look at their errors, then `paramo resume study`' });
  expect((await ask(study, 'good2')).number).toBe(4);
  await daemon.pass(minuteMs - 1);
  expect(await tryAsk(study, 'bad')).toMatchObject(heldAnswer);
  await daemon.pass(1);
  await failTimes(study, 'bad', 1);
  await daemon.pass(2 * minuteMs - 1);
  expect(await tryAsk(study, 'bad')).toMatchObject(heldAnswer);
  await daemon.pass(1);
  await study.complete(await ask(study, 'bad'), { loss: 1 });
  await failTimes(study, 'bad', 2);
  await ask(study, 'bad');
});

test('a worker of a held host that waits is told why, keeps nobody waiting, and is served as soon as its time is over', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: patient });
  await ask(study, 'good');
  await failTimes(study, 'bad', 3);
  const told = tryAsk(study, 'bad', minuteMs);
  await daemon.pass(5000);
  expect(await told).toMatchObject(heldAnswer);
  await daemon.pass(minuteMs - 6000);
  const waiting = tryAsk(study, 'bad', minuteMs);
  await daemon.settle();
  await ask(study, 'good');
  await daemon.pass(1000);
  expect((await waiting).assignment).toBeDefined();
});

test('lost attempts count as failures do, and one that comes back does not', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: { ...patient, leaseMs: 30_000 } });
  const running = await ask(study, 'good');
  const lose = async (): Promise<HeldTrial> => {
    const lost = await ask(study, 'bad');
    await daemon.pass(20_000);
    await study.heartbeat(running);
    await daemon.pass(10_000);
    return lost;
  };
  await lose();
  await lose();
  // Given back, this one costs nothing.
  await study.release(await ask(study, 'bad'));
  const back = await lose();
  expect(await tryAsk(study, 'bad')).toMatchObject(heldAnswer);
  await study.heartbeat(back);
  expect((await study.trial(back.number)).state).toBe('running');
  await ask(study, 'bad');
});

test('the only host is never held back: ten failures in a row end the study', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: patient });
  await failTimes(study, 'only', 10);
  expect(await tryAsk(study, 'only', 1000)).toMatchObject({ none: NoTrialReason.NO_TRIAL_REASON_ENDED, detail: 'failures: 10 trials in a row failed' });
});

test('one bad host among others neither ends nor pauses a study, however slow they are', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: patient });
  const slow = await ask(study, 'good');
  await failTimes(study, 'bad', 3);
  for (let failures = 3; failures < 14; failures++) {
    await daemon.pass(Math.min(60, 2 ** (failures - 3)) * minuteMs);
    await failTimes(study, 'bad', 1);
  }
  expect((await study.record()).state).toBe(StudyState.STUDY_STATE_OPEN);
  expect((await study.record()).counts!.failed).toBe(14n);
  await study.complete(slow, { loss: 1 });
});

test('when most hosts fail the study is paused with the reason, and a person resumes it', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: patient });
  const running = await ask(study, 'c');
  for (let i = 0; i < 3; i++) {
    await failTimes(study, 'a', 1);
    await failTimes(study, 'b', 1);
  }
  await daemon.pass(minuteMs);
  await failTimes(study, 'a', 1);
  await failTimes(study, 'b', 1);
  await daemon.pass(2 * minuteMs);
  await failTimes(study, 'a', 1);
  await failTimes(study, 'b', 1);
  await daemon.settle();
  const detail = '10 trials in a row failed, on most hosts (a, b): look at their errors, then `paramo resume study`';
  expect(await study.record()).toMatchObject({ state: StudyState.STUDY_STATE_PAUSED, endDetail: detail });
  expect(await tryAsk(study, 'a')).toMatchObject({ none: NoTrialReason.NO_TRIAL_REASON_PAUSED, detail });
  const waiting = tryAsk(study, 'a', minuteMs);
  await study.update({ state: StudyState.STUDY_STATE_OPEN });
  expect((await waiting).assignment).toBeDefined();
  await study.complete(running, { loss: 1 });
  await failTimes(study, 'b', 2);
  expect((await study.record()).state).toBe(StudyState.STUDY_STATE_OPEN);
});

test('a hold outlives the daemon, and opening the study again lifts it at once', async () => {
  const daemon = await start();
  const study = await daemon.open({ rules: patient });
  await ask(study, 'good');
  await failTimes(study, 'bad', 3);
  const next = await daemon.crash();
  onTestFinished(() => next.close());
  const there = study.at(next);
  expect(await tryAsk(there, 'bad')).toMatchObject(heldAnswer);
  expect(next.services.tuner.study(study.studyId).held()).toMatchObject([{ host: 'bad', failures: 3 }]);
  const waiting = tryAsk(there, 'bad', minuteMs);
  await next.settle();
  await there.update({ state: StudyState.STUDY_STATE_OPEN });
  expect((await waiting).assignment).toBeDefined();
  expect(next.services.tuner.study(study.studyId).held()).toEqual([]);
});
