import { expect, test } from 'vitest';
import { connectToy } from './testing/toy-connection.js';
import { createToyDaemon } from './testing/toy-daemon.js';
import { track } from './track.js';

function setUp() {
  const toy = createToyDaemon({ params: [] });
  return { toy, ...connectToy(toy) };
}

test('a tracked run keeps its params and what it logged', async () => {
  const { toy, connection } = setUp();
  const run = await track('baseline', { params: { lr: 1e-3, opt: 'adam' }, connection }, async (running) => {
    for await (const epoch of running.steps(3)) running.log({ loss: 1 / (epoch + 1) * running.params.lr });
  });
  expect(run).toMatchObject({ number: 0, state: 'completed', params: { lr: 1e-3, opt: 'adam' }, done: 3 });
  expect(toy.study?.spec.strategy).toBeUndefined();
  expect((await run.series('loss')).values).toEqual([1e-3, 5e-4, 1e-3 / 3]);
});

test('a run that throws is failed, and the error is thrown on', async () => {
  const { toy, connection } = setUp();
  const broken = track('baseline', { connection }, () => {
    throw new TypeError('no such layer');
  });
  await expect(broken).rejects.toThrow(TypeError);
  expect(toy.trials[0]!.record).toMatchObject({ state: 'failed', error: { message: 'TypeError: no such layer' } });
});

test('an aborted run is failed, since nobody would take it up again', async () => {
  const { toy, connection } = setUp();
  const controller = new AbortController();
  const running = track('baseline', { connection, signal: controller.signal }, async () => {
    controller.abort();
    await new Promise(() => undefined);
  });
  await expect(running).rejects.toThrow('ABORTED: the run of baseline was aborted');
  expect(toy.trials[0]!.record.state).toBe('failed');
});
