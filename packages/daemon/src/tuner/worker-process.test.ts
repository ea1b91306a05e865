import { createSimulatedClock } from '@paramo/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startTestDaemon } from './testing/test-daemon.js';
import type { TestDaemon } from './testing/test-daemon.js';
import type { TestStudy } from './testing/test-study.js';
import type { ProcessState } from './worker-process.js';

const leaseMs = 30_000;

/** A daemon that sees process 11 of its host, as `state` says at the moment. */
async function start(state: (seconds: number) => ProcessState | undefined, clock = createSimulatedClock()): Promise<{ readonly daemon: TestDaemon; readonly study: TestStudy; pass(seconds: number): Promise<string> }> {
  let seconds = 0;
  const daemon = await startTestDaemon({ clock, processes: { host: 'here', isGone: () => false, look: (pid) => (pid === 11 ? state(seconds) : undefined) } });
  onTestFinished(() => daemon.close());
  const study = await daemon.open({ budget: { trials: 1 } });
  await study.ask('a', { worker: { id: 'a', process: 'a', host: 'here', pid: 11, labels: new Map() } });
  return {
    daemon, study,
    /** Second by second; what the trial is then. */
    async pass(more) {
      for (const until = seconds + more; seconds < until; seconds++) await daemon.pass(1000);
      return String((await study.trial(0)).state);
    },
  };
}

const busy = (seconds: number): ProcessState => ({ started: '7', canRun: true, cpuMs: seconds * 900 });
const idle: ProcessState = { started: '7', canRun: true, cpuMs: 5 };

test('a silent worker of this host that computes keeps its trial for as long as it does', async () => {
  const { pass, study } = await start((seconds) => busy(Math.min(seconds, 200)));
  expect(await pass(200)).toBe('running');
  // Since then it has done nothing: another lease and a half at most.
  expect(await pass(1.5 * (leaseMs / 1000) + 1)).toBe('waiting');
  expect(await study.trial(0)).toMatchObject({ attempt: 1, lost: 1, reason: 'its worker was silent for 30 s' });
});

test('timers that come a moment early change nothing about that', async () => {
  const clock = createSimulatedClock();
  const early = { ...clock, setTimer: (ms: number, fire: () => void) => clock.setTimer(ms > 1 ? ms - 0.5 : ms, fire) };
  const { pass } = await start(busy, early);
  expect(await pass(200)).toBe('running');
});

test.each<[string, (seconds: number) => ProcessState | undefined]>([
  ['that waits', () => idle],
  ['that waits, with a thread that ticks', (seconds) => ({ ...idle, cpuMs: seconds * 10 })],
  ['that was busy until it fell silent', (seconds) => busy(Math.min(seconds, 10))],
  ['that is stopped, having computed until now', (seconds) => ({ ...busy(seconds), canRun: seconds < 29 })],
  ['that is gone', (seconds) => (seconds < 20 ? busy(seconds) : undefined)],
  ['whose number another process has by now', (seconds) => ({ ...busy(seconds), started: seconds < 20 ? '7' : '8' })],
  ['of which nothing is known', () => undefined],
])('a silent worker of this host %s loses its trial after the lease', async (_, state) => {
  const { pass } = await start(state);
  expect(await pass(leaseMs / 1000 - 1)).toBe('running');
  expect(await pass(1)).toBe('waiting');
});

test('one that computes is no exception when its number passed to another process long ago', async () => {
  const { pass } = await start((seconds) => ({ ...busy(seconds), started: seconds < 100 ? '7' : '8' }));
  expect(await pass(100)).toBe('running');
  expect(await pass(leaseMs / 1000)).toBe('waiting');
});

test('a worker that computes and whose connection broke has its grace', async () => {
  const { pass, daemon } = await start(busy);
  daemon.services.tuner.disconnected('a', true);
  expect(await pass(9)).toBe('running');
  expect(await pass(2)).toBe('waiting');
});

test('a worker of another host has its lease, whatever a process of its number does here', async () => {
  const { daemon } = await start(busy);
  const study = await daemon.open({ name: 'other', budget: { trials: 1 } });
  await study.ask('b', { worker: { id: 'b', process: 'b', host: 'elsewhere', pid: 11, labels: new Map() } });
  await daemon.pass(leaseMs);
  expect((await study.trial(0)).state).toBe('waiting');
});
