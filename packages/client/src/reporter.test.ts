import { describe, expect, test } from 'vitest';
import { openLocalChannel } from './carrier/local-channel.js';
import { createSimulatedClock } from '@paramo/core/testing';
import { createReporter } from './reporter.js';
import { createWarnings } from './warning.js';
import { openPortChannel } from './testing/port-channel.js';
import { connectToy } from './testing/toy-connection.js';
import { createToyDaemon } from './testing/toy-daemon.js';
import { float, ParamoError, space } from '@paramo/core';
import { openStudy } from './open-study.js';

describe.each([['in the same thread', openLocalChannel], ['at the other end of a port', openPortChannel]] as const)('with its carrier %s', (_where, openChannel) => {
  async function setUp(maxPoints?: number, onCall: (name: string) => void = () => undefined, ringCapacity?: number) {
    const toy = createToyDaemon({ params: [{ lr: 0.5 }, { lr: 0.25 }], onCall });
    const { connection, clock, lines, pass } = connectToy(toy);
    const study = await openStudy({ name: 's', space: space({ lr: float(0, 1) }), objective: 'min loss' }, { connection });
    await study.ask();
    await study.ask();
    const { link, entropy } = connection;
    const open = openChannel({ link, clock, entropy, writerId: 'w', ...(maxPoints !== undefined && { maxPoints }) });
    const reporter = createReporter({ open, clock, warnings: createWarnings((line) => lines.push(line)), ...(ringCapacity !== undefined && { ringCapacity }) });
    const register = (trial: number, held = true) => reporter.register({ studyId: study.id, trial, attempt: 1, leaseMs: 30_000, held });
    const batches = () => toy.calls.filter((call) => call.startsWith('batch'));
    return { toy, reporter, register, batches, pass, lines, connection };
  }

  test('the points of all trials share one stream, with a sequence for each attempt', async () => {
    const { toy, reporter, register, batches, pass } = await setUp();
    const [a, b] = [register(0), register(1)];
    for (let step = 0; step < 3; step++) {
      for (const attempt of [a, b]) reporter.add(attempt, 'loss', step, step);
      await pass(150);
    }
    expect(batches()).toEqual(['batch 0#1', 'batch 1#1', 'batch 0#2', 'batch 1#2', 'batch 0#3', 'batch 1#3']);
    expect(toy.calls.filter((call) => call === 'report')).toHaveLength(1);
    expect([reporter.unsent, a.hasWork, b.hasWork]).toEqual([0, false, false]);
  });

  test('many points go out in batches, not one by one', async () => {
    const { toy, reporter, register, batches, pass } = await setUp();
    const attempt = register(0);
    for (let step = 0; step < 20_000; step++) reporter.add(attempt, 'loss', step, step);
    await pass(500);
    expect(batches().length).toBeLessThan(10);
    expect(toy.trials[0]!.series.get('loss')!.size).toBe(20_000);
  });

  test('batches not acked go out again after the daemon was away, in order and each point once', async () => {
    const { toy, reporter, register, pass } = await setUp();
    const attempt = register(0);
    reporter.add(attempt, 'loss', 0, 0);
    await pass(150);
    toy.down = true;
    for (let step = 1; step < 50; step++) {
      reporter.add(attempt, 'loss', step, step);
      await pass(100);
    }
    expect(reporter.away).toBe(true);
    toy.down = false;
    await pass(6000);
    expect(reporter.away).toBe(false);
    expect([...toy.trials[0]!.series.get('loss')!.keys()]).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(reporter.unsent).toBe(0);
  });

  test('memory is bounded while the daemon is away: the oldest points are dropped, counted and said once', async () => {
    const { toy, reporter, register, pass, lines } = await setUp(20_000);
    toy.down = true;
    const attempt = register(0);
    for (let step = 0; step < 100_000; step++) reporter.add(attempt, 'loss', step, step);
    await pass(200);
    expect(reporter.unsent).toBeLessThanOrEqual(20_000);
    expect(reporter.lost.dropped).toBeGreaterThanOrEqual(80_000);
    expect(lines).toHaveLength(1);
    toy.down = false;
    await pass(6000);
    const stored = [...toy.trials[0]!.series.get('loss')!.keys()];
    expect(stored.length + reporter.lost.dropped).toBe(100_000);
    expect(stored.at(-1)).toBe(99_999);
  });

  test('the stream is closed when no trial is left, and opens again for the next', async () => {
    const { toy, reporter, register, pass } = await setUp();
    const attempt = register(0);
    await pass(50);
    await reporter.end(attempt, { $case: 'release', value: { attempt: attempt.key, writerId: 'w', batches: [], requestId: 'end', askNext: undefined, reason: '' } });
    await pass(500);
    expect(toy.calls.filter((call) => call.startsWith('report'))).toEqual(['report', 'report ended']);
    register(1);
    await pass(50);
    expect(toy.calls.filter((call) => call === 'report')).toHaveLength(2);
  });

  test('closing sends what waits and says goodbye', async () => {
    const { toy, reporter, register, batches, pass } = await setUp();
    const attempt = register(0);
    await pass(50);
    reporter.add(attempt, 'loss', 0, 1);
    await reporter.close(5000);
    expect(batches()).toEqual(['batch 0#1']);
    expect(toy.calls.slice(-2)).toEqual(['goodbye', 'report ended']);
  });

  test('closing ends after its limit when the daemon does not answer', async () => {
    const { toy, reporter, register, pass } = await setUp();
    toy.down = true;
    const attempt = register(0);
    reporter.add(attempt, 'loss', 0, 1);
    await pass(200);
    const closed = reporter.close(5000);
    await pass(5100);
    await closed;
    expect(reporter.unsent).toBe(1);
  });

  test('a daemon that asks for a pause gets it, is not taken for lost, and then gets everything once', async () => {
    let busy = true;
    const { toy, reporter, register, pass, lines } = await setUp(undefined, (name) => {
      if (name === 'report' && busy) throw new ParamoError({ code: 'OVERLOADED', message: 'too many points', details: { retryAfterMs: 3000 } });
    });
    const attempt = register(0);
    for (let step = 0; step < 50; step++) {
      reporter.add(attempt, 'loss', step, step);
      await pass(100);
      expect(reporter.away).toBe(false);
    }
    // This reporter and the connection's own, at once and after 3 s.
    expect(toy.calls.filter((call) => call === 'report').length).toBeLessThanOrEqual(4);
    busy = false;
    await pass(4000);
    expect([...toy.trials[0]!.series.get('loss')!.keys()]).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(reporter.unsent).toBe(0);
    expect(lines.filter((line) => line.includes('too many points')).length).toBeLessThanOrEqual(2);
  });
});

test('a caller that is faster than its carrier never waits: the newest point of each metric is kept, the rest is counted', async () => {
  const toy = createToyDaemon({ params: [{ lr: 0.5 }] });
  const { connection, clock, lines, pass } = connectToy(toy);
  const study = await openStudy({ name: 's', space: space({ lr: float(0, 1) }), objective: 'min loss' }, { connection });
  await study.ask();
  const { link, entropy } = connection;
  const reporter = createReporter({ open: openPortChannel({ link, clock, entropy, writerId: 'w' }), clock, warnings: createWarnings((line) => lines.push(line)), ringCapacity: 64 });
  const attempt = reporter.register({ studyId: study.id, trial: 0, attempt: 1, leaseMs: 30_000, held: true });
  for (let step = 0; step < 1000; step++) for (const name of ['loss', 'acc']) reporter.add(attempt, name, step, step);
  expect(attempt.hasWork).toBe(true);
  await pass(200);
  for (const name of ['loss', 'acc']) reporter.add(attempt, name, 1000, 1000);
  reporter.flush();
  await pass(200);
  const stored = (name: string): readonly number[] => [...toy.trials[0]!.series.get(name)!.keys()];
  expect([stored('loss').slice(-2), stored('acc').slice(-2)]).toEqual([[999, 1000], [999, 1000]]);
  expect(stored('loss').length + stored('acc').length + reporter.lost.dropped).toBe(2002);
  expect([attempt.hasWork, lines.length]).toEqual([false, 1]);
});

test('a carrier that dies is said once, and training goes on', async () => {
  const lines: string[] = [];
  let die: (why: string) => void = () => undefined;
  const reporter = createReporter({
    open: (_memory, receive) => {
      die = (why) => receive({ kind: 'dead', why });
      return { ready: Promise.resolve(), post: () => undefined, close: async () => undefined };
    },
    clock: createSimulatedClock(),
    warnings: createWarnings((line) => lines.push(line)),
  });
  const attempt = reporter.register({ studyId: 's', trial: 0, attempt: 1, leaseMs: 30_000, held: true });
  const ended = reporter.end(attempt, { $case: 'release', value: { attempt: attempt.key, writerId: 'w', batches: [], requestId: 'end', askNext: undefined, reason: '' } });
  die('out of memory');
  await expect(ended).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('out of memory') as unknown });
  reporter.add(reporter.register({ studyId: 's', trial: 1, attempt: 1, leaseMs: 30_000, held: true }), 'loss', 0, 1);
  await reporter.close(5000);
  expect([lines.length, reporter.away]).toEqual([1, true]);
});
