import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float, space } from '@paramo/core';
import { Verdict } from '@paramo/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createConnection } from '../connect.js';
import type { Connection } from '../connect.js';
import { dialAddress } from '../dial.js';
import { openStudy } from '../open-study.js';
import { createReporter } from '../reporter.js';
import { createSystemClock } from '../system-clock.js';
import { createSystemEntropy } from '../system-entropy.js';
import { serveBindings } from '../testing/serve-bindings.js';
import type { ServedBindings } from '../testing/serve-bindings.js';
import { createToyDaemon } from '../testing/toy-daemon.js';
import { createWarnings } from '../warning.js';
import type { OpenChannel, ToCarrier } from './messages.js';
import { openThreadChannel } from './thread-channel.js';

let spoolPath: string;
let server: ServedBindings;
let connection: Connection;
const lines: string[] = [];
const toy = createToyDaemon({ params: [{ lr: 0.5 }, { lr: 0.25 }, { lr: 0.125 }] });

beforeEach(async () => {
  spoolPath = mkdtempSync(join(tmpdir(), 'paramo-'));
  server = await serveBindings(toy.bindings);
  lines.length = 0;
  const { address } = server;
  connection = createConnection({ dial: () => dialAddress({ address }), clock: createSystemClock(), entropy: createSystemEntropy(), write: (line) => lines.push(line), spoolPath, carrierTarget: { address } });
});
afterEach(async () => {
  await connection.close();
  server.kill();
  rmSync(spoolPath, { recursive: true, force: true });
});

/** A thread takes its time to start on a busy machine. */
const patient = { timeout: 10_000 };
const open = () => openStudy({ name: 's', space: space({ lr: float(0, 1) }), objective: 'min loss' }, { connection });

test('points, verdicts and ends go through the thread and back', async () => {
  const trial = (await (await open()).ask())!;
  for (let step = 0; step < 3000; step++) trial.log({ loss: step, 'naïve 名': -step }, step);
  await expect.poll(() => toy.trials[trial.number]!.series.get('naïve 名')?.size, patient).toBe(3000);
  toy.tell(trial.number, { reason: 'enough', verdict: Verdict.VERDICT_STOP });
  trial.log({ loss: 0 }, 3000);
  await expect.poll(() => trial.stopped, patient).toEqual({ cause: 'stop', reason: 'enough' });
  expect(await trial.complete()).toMatchObject({ number: trial.number, state: 'stopped' });
  await connection.close();
  expect([connection.reporter.unsent, readdirSync(spoolPath), lines]).toEqual([0, [], []]);
});

test('what the daemon refuses is thrown as it was refused', async () => {
  const trial = (await (await open()).ask())!;
  const { reporter, writerId } = connection;
  const attempt = reporter.register({ studyId: trial.id.split('/')[0]!, trial: trial.number, attempt: 1, leaseMs: 30_000, held: false });
  const end = { attempt: attempt.key, writerId, batches: [], requestId: 'e', askNext: undefined };
  await expect(reporter.end(attempt, { $case: 'complete', value: { ...end, values: undefined } })).rejects.toMatchObject({ code: 'OBJECTIVE_MISSING', summary: 'no objective' });
  expect(await reporter.end(attempt, { $case: 'fail', value: { ...end, error: { message: 'a bug', stack: '' } } })).toMatchObject({ trial: { number: BigInt(trial.number) } });
});

test('what saves is on disk when it returns', async () => {
  const trial = (await (await open()).ask())!;
  trial.log({ loss: 1 });
  await expect.poll(() => connection.reporter.unsent, patient).toBe(0);
  toy.down = true;
  trial.log({ loss: 2 });
  connection.reporter.save();
  expect(readdirSync(join(spoolPath, connection.writerId))).toEqual(['0000000001.spool']);
  toy.down = false;
  await trial.release();
});

test('where the thread cannot be started another carrier takes its place, and is told everything', async () => {
  const told: ToCarrier[] = [];
  const instead: OpenChannel = () => ({ ready: Promise.resolve(), post: (message) => void told.push(message), close: async () => undefined });
  const reporter = createReporter({
    open: openThreadChannel({ target: {}, writerId: 'w' }, instead, new URL('./missing.js', import.meta.url)),
    clock: createSystemClock(),
    warnings: createWarnings((line) => lines.push(line)),
  });
  const started = reporter.start();
  const attempt = reporter.register({ studyId: 's', trial: 0, attempt: 1, leaseMs: 30_000, held: false });
  reporter.add(attempt, 'loss', 0, 1);
  await expect.poll(() => told.map(({ kind }) => kind), patient).toEqual(['start', 'register', 'metric']);
  await started;
  reporter.flush();
  expect(told.at(-1)).toEqual({ kind: 'flush' });
  expect(lines).toEqual([]);
});
