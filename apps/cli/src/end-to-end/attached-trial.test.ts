import { createConnection, formatTrialVariable, track } from '@paramo/client';
import type { Connection } from '@paramo/client';
import { createSeededEntropy } from '@paramo/core/testing';
import { systemClock } from '@paramo/daemon';
import { startTestDaemon } from '@paramo/daemon/testing';
import { MetricServiceService, StreamSeriesRequest } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';

type TestStudy = Awaited<ReturnType<Awaited<ReturnType<typeof startTestDaemon>>['open']>>;
type HeldTrial = Awaited<ReturnType<TestStudy['ask']>>;

/** A trial that somebody runs, and programs that are run for it, each a process of its own as far as the daemon can see. */
async function start(): Promise<{ readonly study: TestStudy; readonly held: HeldTrial; program(): { readonly connection: Connection; readonly said: string[] } }> {
  const daemon = await startTestDaemon();
  const ticking = setInterval(() => daemon.clock.advance(10), 10);
  const study = await daemon.open({ budget: { trials: 1 } });
  const held = await study.ask('runner');
  process.env['PARAMO_TRIAL'] = formatTrialVariable({ studyId: study.studyId, trial: held.number, attempt: held.attempt });
  const connections: Connection[] = [];
  onTestFinished(async () => {
    delete process.env['PARAMO_TRIAL'];
    await Promise.all(connections.map((connection) => connection.close()));
    clearInterval(ticking);
    await daemon.close();
  });
  return {
    study,
    held,
    program() {
      const said: string[] = [];
      const connection = createConnection({ dial: () => Promise.resolve({ ...daemon.transport, close: () => Promise.resolve() }), clock: systemClock, entropy: createSeededEntropy(connections.length), write: (line) => void said.push(line) });
      connections.push(connection);
      return { connection, said };
    },
  };
}

test('of two programs the one that came first reports, and when it has ended another may', async () => {
  const { study, held, program } = await start();
  const [first, second, third] = [program(), program(), program()];
  await track('own', { connection: first.connection }, async (run) => {
    run.log({ loss: 3 }, 0);
    await track('own', { connection: second.connection }, (other) => {
      other.log({ loss: 9, other: 1 }, 7);
      return 9;
    });
    run.log({ loss: 2 }, 1);
  });
  await first.connection.close();
  await track('own', { connection: third.connection }, (run) => run.log({ loss: 1 }, 2));
  expect((await study.complete(held)).trial).toMatchObject({ value: 1, done: 3n });
  expect((await study.trial(0)).metrics).toEqual({ loss: 1 });
});

test('a program whose trial was taken over logs nothing more of it and says so once', async () => {
  const { study, held, program } = await start();
  const { connection, said } = program();
  const run = await track('own', { connection }, async (trial) => {
    await trial.report({ loss: 3 }, 0);
    await study.release(held);
    const next = await study.ask('other');
    trial.log({ loss: 2 }, 1);
    await expect.poll(() => trial.stopped, { timeout: 5000 }).toMatchObject({ cause: 'fenced' });
    for (let step = 2; step < 50; step++) trial.log({ loss: -step }, step);
    await study.complete(next, { loss: 5 });
  });
  expect(run).toMatchObject({ state: 'completed', value: 5, attempt: 2 });
  expect(said.filter((line) => line.includes('was taken over by another worker'))).toHaveLength(1);
  await expect.poll(() => connection.reporter.unsent).toBe(0);
  const points: (readonly [bigint, number])[] = [];
  const request = StreamSeriesRequest.fromPartial({ studyId: study.studyId, trial: 0n, attempt: 1 });
  for await (const { series } of connection.link.serverStream(MetricServiceService.streamSeries, request)) series!.steps.forEach((step, i) => points.push([step, series!.values[i]!]));
  expect(points).toEqual([[0n, 3], [1n, 2]]);
});

test('what the code of an attached trial throws is thrown on, and ends nothing', async () => {
  const { study, program } = await start();
  const { connection } = program();
  await expect(track('own', { connection }, (run) => {
    run.log({ loss: 4 }, 0);
    throw new Error('no such data set');
  })).rejects.toThrow('no such data set');
  expect(await study.trial(0)).toMatchObject({ state: 'running', metrics: { loss: 4 } });
});
