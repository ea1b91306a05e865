import { isParamoError, ParamoError } from '@paramo/core';
import { createSeededEntropy, createSimulatedClock } from '@paramo/core/testing';
import { bindService, ServerServiceService } from '@paramo/protocol';
import { createLocalTransport } from '@paramo/protocol/testing';
import { expect, test } from 'vitest';
import { createLink } from './link.js';

/** A daemon that answers its calls with the given errors first. */
function setUp(errors: readonly ConstructorParameters<typeof ParamoError>[0][], dialErrors: readonly ConstructorParameters<typeof ParamoError>[0][] = []) {
  const clock = createSimulatedClock();
  const waits: string[] = [];
  let dials = 0;
  let calls = 0;
  const service = bindService(ServerServiceService, {
    async shutdown() {
      const error = errors[calls++];
      if (error) throw new ParamoError(error);
      return {};
    },
  });
  const link = createLink({
    dial: async () => {
      const error = dialErrors[dials++];
      if (error) throw new ParamoError(error);
      return createLocalTransport([service]);
    },
    clock,
    entropy: createSeededEntropy(1),
    onWait: ({ code }) => waits.push(code),
  });
  const call = (options?: Parameters<typeof link.unary>[2]) => link.unary(ServerServiceService.shutdown, {}, options);
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(50);
    }
  };
  return { link, call, pass, waits, counts: () => ({ dials, calls }) };
}

const lost = { code: 'UNAVAILABLE', message: 'gone' } as const;
const unreachable = { code: 'DAEMON_UNREACHABLE', message: 'nobody' } as const;

test('a call that meets a lost connection is made again over a new one', async () => {
  const { call, pass, counts } = setUp([lost, lost], [unreachable]);
  const answer = call();
  await pass(1000);
  await expect(answer).resolves.toEqual({});
  expect(counts()).toEqual({ dials: 4, calls: 3 });
});

test('a daemon that has too much to do is asked again over the same connection, after what it advised', async () => {
  const { call, pass, counts } = setUp([{ code: 'OVERLOADED', message: 'busy', details: { retryAfterMs: 500 } }]);
  const answer = call();
  await pass(400);
  expect(counts().calls).toBe(1);
  await pass(500);
  await answer;
  expect(counts()).toEqual({ dials: 1, calls: 2 });
});

test('what no repetition can change is thrown at once', async () => {
  const { call, counts } = setUp([{ code: 'STUDY_NOT_FOUND', message: 'none' }]);
  await expect(call()).rejects.toSatisfy((error) => isParamoError(error, 'STUDY_NOT_FOUND'));
  expect(counts().calls).toBe(1);
});

test('without patience a call is tried once', async () => {
  const { call, counts } = setUp([lost]);
  await expect(call({ patienceMs: 0 })).rejects.toSatisfy((error) => isParamoError(error, 'UNAVAILABLE'));
  expect(counts().calls).toBe(1);
});

test('patience has an end, and people are told that the daemon is waited for', async () => {
  const { call, pass, waits } = setUp(Array.from({ length: 100 }, () => lost));
  const answer = call({ patienceMs: 10_000 });
  answer.catch(() => undefined);
  await pass(11_000);
  await expect(answer).rejects.toSatisfy((error) => isParamoError(error, 'UNAVAILABLE'));
  expect(waits.length).toBeGreaterThan(0);
});

test('a call given up by its signal is not made again', async () => {
  const { call, counts } = setUp([lost, lost]);
  const controller = new AbortController();
  const answer = call({ signal: controller.signal });
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await expect(answer).rejects.toSatisfy((error) => isParamoError(error));
  expect(counts().calls).toBeLessThan(2);
});

test('a closed link refuses calls', async () => {
  const { link, call } = setUp([]);
  await call();
  await link.close();
  await expect(call()).rejects.toSatisfy((error) => isParamoError(error, 'ABORTED'));
});

test('calls that are cancelled because another one met a lost connection are made again too', async () => {
  const clock = createSimulatedClock();
  let dials = 0;
  const waiting: ((error: ParamoError) => void)[] = [];
  const calls: string[] = [];
  const link = createLink({
    dial: async () => {
      const dial = ++dials;
      const pending: ((error: ParamoError) => void)[] = [];
      return {
        ...createLocalTransport([]),
        unary: <_Req, Res>() =>
          new Promise<Res>((resolve, reject) => {
            calls.push(`dial ${dial}`);
            if (dial > 1) resolve({} as Res);
            else {
              pending.push(reject);
              waiting.push(reject);
            }
          }),
        close: async () => {
          for (const reject of pending) reject(new ParamoError({ code: 'ABORTED', message: 'the connection was closed' }));
        },
      };
    },
    clock,
    entropy: createSeededEntropy(1),
  });
  const both = Promise.all([link.unary(ServerServiceService.shutdown, {}), link.unary(ServerServiceService.shutdown, {})]);
  await new Promise((resolve) => setImmediate(resolve));
  waiting[0]!(new ParamoError(lost));
  for (let turn = 0; turn < 40; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(50);
  }
  await expect(both).resolves.toEqual([{}, {}]);
  expect(calls).toEqual(['dial 1', 'dial 1', 'dial 2', 'dial 2']);
});
