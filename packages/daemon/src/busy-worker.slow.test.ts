import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ChannelCredentials } from '@grpc/grpc-js';
import { float, space } from '@paramo/core';
import { AskRequest, GetTrialRequest, Goal, OpenStudyRequest, spaceToMessage, StudyServiceClient, TrialServiceClient, TrialState } from '@paramo/protocol';
import type { AskResponse, GetTrialResponse, OpenStudyResponse, Trial } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon } from './daemon.js';
import { fixtureStrategy, installFixtures } from './host/testing/fixture-plugins.js';

const leaseMs = 1000;

/** Asks, says once that it is there, and then lets nothing else run in its only thread while it computes; or waits to be stopped. */
const worker = `
import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import { AskRequest, CompleteRequest, ReportRequest, TrialServiceClient } from '@paramo/protocol';
const [socket, studyId, host, computesMs] = process.argv.slice(1);
const trials = new TrialServiceClient('unix:' + socket, ChannelCredentials.createInsecure());
const worker = { id: 'w', process: 'w', host, pid: process.pid };
trials.ask(AskRequest.fromPartial({ studyId, revision: 1, worker, requestId: '1', waitMs: 5000 }), (error, { assignment }) => {
  const attempt = { studyId, trial: assignment.trial.number, attempt: assignment.attempt };
  const stream = trials.report(new Metadata());
  const heartbeat = () => stream.write(ReportRequest.fromPartial({ writerId: 'w', heartbeats: [attempt] }));
  const beats = setInterval(heartbeat, 100);
  heartbeat();
  stream.once('data', () => {
    console.log('begun');
    for (const until = Date.now() + Number(computesMs); Date.now() < until; );
    if (computesMs === '0') return;
    clearInterval(beats);
    trials.complete(CompleteRequest.fromPartial({ attempt, writerId: 'w', requestId: '2', values: { values: new Map([['loss', 1]]) } }), (error, answer) => {
      console.log(error ? error.message : 'completed');
      process.exit();
    });
  });
});
`;

async function start(computesMs: number): Promise<{ readonly child: ReturnType<typeof spawn>; line(): Promise<string>; trial(): Promise<Trial>; askOther(waitMs: number): Promise<AskResponse> }> {
  const home = mkdtempSync(join(tmpdir(), 'paramo-daemon-'));
  const fixtures = installFixtures({ '@paramo/strategy-fixture': fixtureStrategy({}) });
  const daemon = await startDaemon({ home, version: '0.0.0', plugins: fixtures.sources });
  const open = [`unix:${daemon.socket}`, ChannelCredentials.createInsecure()] as const;
  const [studies, trials] = [new StudyServiceClient(...open), new TrialServiceClient(...open)];
  const plan = { space: spaceToMessage(space({ x: float(0, 1) }).spec), objectives: [{ metric: 'loss', goal: Goal.GOAL_MIN }], strategy: { name: 'fixture', optionsJson: '' } };
  const request = OpenStudyRequest.fromPartial({ spec: { name: 'study', plan, budget: { trials: 1n }, rules: { leaseMs, maxFailures: 10, retries: 2, keepCheckpoints: 2 } } });
  const { study } = await new Promise<OpenStudyResponse>((resolve, reject) => studies.openStudy(request, (error, answer) => (error ? reject(error) : resolve(answer))));
  const { studyId } = study!;
  const child = spawn(process.execPath, ['--input-type=module', '-e', worker, daemon.socket!, studyId, hostname(), String(computesMs)], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  onTestFinished(async () => {
    child.kill('SIGKILL');
    studies.close();
    trials.close();
    await daemon.close(0);
    fixtures.remove();
    rmSync(home, { recursive: true, force: true });
  });
  return {
    child,
    line: async () => String((await lines.next()).value),
    askOther: (waitMs) => {
      const asked = AskRequest.fromPartial({ studyId, revision: 1, worker: { id: 'other', process: 'other', host: 'elsewhere' }, requestId: '1', waitMs });
      return new Promise((resolve, reject) => trials.ask(asked, (error, answer) => (error ? reject(error) : resolve(answer))));
    },
    trial: async () => (await new Promise<GetTrialResponse>((resolve, reject) => trials.getTrial(GetTrialRequest.fromPartial({ studyId, number: 0n }), (error, answer) => (error ? reject(error) : resolve(answer))))).trial!,
  };
}

test('a worker that computes for three leases and can say nothing meanwhile keeps its trial', async () => {
  const { line, trial, askOther } = await start(4 * leaseMs);
  expect(await line()).toBe('begun');
  // Somebody else who waits is not given it.
  expect((await askOther(3 * leaseMs)).assignment).toBeUndefined();
  expect(await line()).toBe('completed');
  expect(await trial()).toMatchObject({ state: TrialState.TRIAL_STATE_COMPLETED, attempt: 1, lost: 0 });
});

test('a worker that is stopped loses its trial', async () => {
  const { child, line, trial, askOther } = await start(0);
  expect(await line()).toBe('begun');
  child.kill('SIGSTOP');
  for (let tries = 0; (await trial()).state === TrialState.TRIAL_STATE_RUNNING && tries < 100; tries++) await pause(100);
  expect(await trial()).toMatchObject({ state: TrialState.TRIAL_STATE_WAITING, attempt: 1, lost: 1, reason: 'its worker was silent for 1 s' });
  expect((await askOther(5000)).assignment).toMatchObject({ attempt: 2 });
});
