import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Running, Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

/** Says what was acked: the end of every trial. */
const script = `
import { float, space, tune } from 'paramo';
import { setTimeout as pause } from 'node:timers/promises';
const best = await tune({ name: 'durable', space: space({ x: float(-1, 1) }), objective: 'min loss', strategy: 'random', seed: 1, lease: '1s', budget: { trials: 12 } }, async (trial) => {
  for await (const step of trial.steps(5)) {
    trial.log({ loss: trial.params.x ** 2 + 1 / (step + 1) });
    await pause(20);
  }
}, { workers: 2, onTrial: (trial) => console.log('acked ' + JSON.stringify({ number: trial.number, state: trial.state, value: trial.value, params: trial.params })) });
console.log('best ' + best.number);
`;

interface Acked {
  readonly number: number;
  readonly state: string;
  readonly value: number;
  readonly params: object;
}

const acked = ({ stdout }: Pick<Running, 'stdout'>): Acked[] => [...stdout.matchAll(/^acked (.*)$/gm)].map(([, json]) => JSON.parse(json!) as Acked);

async function checkStudy(promised: readonly Acked[]): Promise<void> {
  const trials = JSON.parse((await sandbox.paramo('trials', 'durable', '--json')).stdout) as readonly (Acked & { done: number })[];
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, number) => number));
  expect(trials.map(({ state }) => state)).toEqual(Array.from({ length: 12 }, () => 'completed'));
  for (const one of promised) expect(trials[one.number]).toMatchObject(one);
  const { stdout } = await sandbox.paramo('export', 'durable', '--format', 'csv', '--series');
  expect(stdout.trimEnd().split('\n')).toHaveLength(1 + 12 * 5);
  expect(await sandbox.paramo('replay', 'durable')).toMatchObject({ code: 0 });
}

test('clients outlive a daemon that is killed, start another and finish the study', async () => {
  const run = sandbox.script(script);
  await run.line(/^acked .*"number":3/);
  const { pid } = sandbox.daemon();
  process.kill(pid, 'SIGKILL');
  expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^best \d+$/m) as unknown });
  expect(sandbox.daemon().pid).not.toBe(pid);
  expect(acked(run)).toHaveLength(12);
  await checkStudy(acked(run));
});

test('after daemon and script were killed the same script goes on, and nothing acked is missing', async () => {
  const first = sandbox.script(script);
  await first.line(/^acked .*"number":4/);
  process.kill(sandbox.daemon().pid, 'SIGKILL');
  first.kill('SIGKILL');
  await first.ended;
  const before = acked(first);
  expect(before.length).toBeGreaterThanOrEqual(4);

  const second = sandbox.script(script);
  expect(await second.ended).toMatchObject({ code: 0 });
  // The first one may have been killed with an ack in hand.
  const again = acked(second).map(({ number }) => number);
  expect(before.filter(({ number }) => again.includes(number))).toEqual([]);
  await checkStudy([...before, ...acked(second)]);
});
