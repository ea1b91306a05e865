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

test('a run is refused with what is wrong in how it was called', async () => {
  const { toy, connection } = setUp();
  const call = track as unknown as (...given: readonly unknown[]) => Promise<unknown>;
  const run = (): void => undefined;
  await expect(call('baseline')).rejects.toThrow('INVALID_OPTIONS: the run is not a function. Pass async (run) => { … } as the third argument');
  await expect(call('baseline', { parms: {}, connection }, run)).rejects.toThrow('INVALID_OPTIONS: there is no option parms. Did you mean params?');
  await expect(call('baseline', { seed: 1.5, connection }, run)).rejects.toThrow('INVALID_OPTIONS: seed is 1.5. Give a whole number from 0.');
  await expect(call('baseline', { params: { act: Math.tanh }, connection }, run)).rejects.toThrow('INVALID_ARGUMENT: params.act is a function, but must be a number, a text, true, false or null');
  expect(toy.trials).toEqual([]);
});
