import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float, ParamoError, space } from '@paramo/core';
import { Verdict } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { openStudy } from './open-study.js';
import { connectToy } from './testing/toy-connection.js';
import { createToyDaemon } from './testing/toy-daemon.js';
import type { ToyOptions } from './testing/toy-daemon.js';
import type { Trial } from './trial.js';

const searched = space({ lr: float(0, 1) });

async function setUp(toyOptions: Partial<ToyOptions> = {}) {
  const toy = createToyDaemon({ params: [{ lr: 0.5 }, { lr: 0.25 }], ...toyOptions });
  const toyConnection = connectToy(toy);
  onTestFinished(() => toyConnection.connection.workFolder.close());
  const study = await openStudy({ name: 's', space: searched, objective: 'min loss' }, { connection: toyConnection.connection });
  const trial = await study.ask();
  const points = (metric: string): [number, number][] => [...(toy.trials[0]!.series.get(metric) ?? [])];
  /** Lets time pass until `promise` settles: a real disk has no simulated clock. */
  const passUntil = async <T>(promise: Promise<T>): Promise<T> => {
    while (!(await isSettled(promise.catch(() => undefined)))) await toyConnection.pass(100);
    return promise;
  };
  return { toy, study, trial, points, passUntil, ...toyConnection };
}

/** Whether `promise` has settled once everything pending had its turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const late = Symbol('late');
  return (await Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 15, late))])) !== late;
}

test('a trial is frozen data and a signal', async () => {
  const { trial } = await setUp();
  expect(trial).toMatchObject({ number: 0, attempt: 1, params: { lr: 0.5 }, fidelity: {}, stopped: undefined });
  expect(trial.id).toBe('01TOYSTUDY0000000000000000/0');
  expect(Object.isFrozen(trial.params)).toBe(true);
  expect(trial.signal.aborted).toBe(false);
  expect(Number.isSafeInteger(trial.seed)).toBe(true);
});

test('outside the loop log counts by itself, and a step given sets the count', async () => {
  const { trial, points } = await setUp();
  trial.log({ a: 1 });
  trial.log({ a: 2, b: 2 });
  trial.log({ a: 3 }, 10);
  trial.log({ a: 4 });
  await trial.complete(0);
  expect(points('a')).toEqual([[0, 1], [1, 2], [10, 3], [11, 4]]);
  expect(points('b')).toEqual([[1, 2]]);
});

test('a trial that has ended takes no further step', async () => {
  const { trial } = await setUp();
  const taken: number[] = [];
  for await (const step of trial.steps(5)) {
    taken.push(step);
    if (step === 1) await trial.complete(0);
  }
  for await (const step of trial.steps(5)) taken.push(step);
  expect(taken).toEqual([0, 1]);
});

test('inside the loop the step is the loop’s; after it, the last one stands', async () => {
  const { trial, points } = await setUp();
  for await (const step of trial.steps(3)) {
    trial.log({ a: step });
    trial.log({ b: step * 10 });
  }
  trial.log({ loss: 0.5 });
  await trial.complete();
  expect(points('a')).toEqual([[0, 0], [1, 1], [2, 2]]);
  expect(points('b')).toEqual([[0, 0], [1, 10], [2, 20]]);
  expect(points('loss')).toEqual([[2, 0.5]]);
});

test('of two points of one metric at one step the last wins, other metrics may go back', async () => {
  const { trial, points } = await setUp();
  trial.log({ loss: 1, a: 1 }, 5);
  trial.log({ loss: 2 }, 5);
  trial.log({ a: 2 }, 3);
  await trial.complete();
  expect(points('loss')).toEqual([[5, 2]]);
  expect(points('a')).toEqual([[5, 1], [3, 2]]);
});

test('what cannot be stored is refused, counted and said once, and never throws', async () => {
  const { trial, points, connection, lines } = await setUp();
  trial.log({ loss: 1 }, 5);
  trial.log({ loss: 2 }, 4);
  trial.log({ loss: 2 }, 3);
  trial.log({ loss: 1 }, -1);
  trial.log({ loss: 1 }, 0.5);
  trial.log({ loss: 'low' as unknown as number }, 6);
  trial.log({ ['a\nb']: 1 }, 6);
  trial.log({ 'system/cpu': 1 }, 6);
  await expect(trial.complete({ loss: 1, 'system/cpu': 1 })).rejects.toThrow('INVALID_METRIC: the result holds system/cpu');
  trial.log(undefined as unknown as Record<string, number>);
  await trial.complete();
  expect(points('loss')).toEqual([[5, 1]]);
  expect(connection.reporter.lost).toEqual({ refused: 8, dropped: 0 });
  expect(lines).toHaveLength(6);
  expect(lines[0]).toBe('paramo: trial 0: loss is the objective and was logged at step 4 after step 5: its steps never go back within an attempt; such points are refused\n');
});

test('NaN and infinities are stored', async () => {
  const { trial, points } = await setUp();
  trial.log({ loss: Number.NaN });
  trial.log({ loss: Number.NEGATIVE_INFINITY });
  await trial.complete();
  expect(points('loss')).toEqual([[0, Number.NaN], [1, Number.NEGATIVE_INFINITY]]);
});

test('points go out within 100 ms, and a report goes out at once when it is a milestone', async () => {
  const { toy, trial, pass } = await setUp({ steps: [2] });
  await pass(40);
  trial.log({ loss: 1 }, 0);
  await pass(40);
  expect(toy.calls.filter((call) => call.startsWith('batch'))).toEqual([]);
  await pass(80);
  expect(toy.calls.filter((call) => call.startsWith('batch'))).toEqual(['batch 0#1']);
  await trial.report({ loss: 1 }, 1);
  expect(toy.calls.filter((call) => call.startsWith('batch'))).toEqual(['batch 0#1', 'batch 0#2']);
});

test('report waits for the decision at a milestone, and goes on after 2 s', async () => {
  const { toy, trial, pass } = await setUp({ every: true, decide: () => 'wait' });
  const first = trial.report({ loss: 1 });
  await pass(1000);
  expect(await isSettled(first)).toBe(false);
  toy.tell(0, { decidedDone: 1 });
  await first;
  const second = trial.report({ loss: 1 });
  await pass(1900);
  expect(await isSettled(second)).toBe(false);
  await pass(200);
  await second;
  expect(trial.stopped).toBeUndefined();
});

test('report does not wait where nothing is decided: between milestones, or without the objective', async () => {
  const { trial } = await setUp({ steps: [3], decide: () => 'wait' });
  await trial.report({ loss: 1 }, 0);
  await trial.report({ other: 1 }, 2);
  const milestone = trial.report({ loss: 1 }, 2);
  expect(await isSettled(milestone)).toBe(false);
});

test('report goes on at once while the daemon is away, and a late decision still takes effect', async () => {
  const { toy, trial, pass } = await setUp({ every: true, decide: () => 'wait' });
  const waiting = trial.report({ loss: 1 });
  await pass(20);
  toy.down = true;
  await pass(20);
  await waiting;
  await trial.report({ loss: 2 });
  toy.down = false;
  await pass(10_000);
  expect(toy.trials[0]!.series.get('loss')!.size).toBe(2);
  toy.tell(0, { verdict: Verdict.VERDICT_STOP, reason: 'too slow' });
  // Nobody's code runs inside one of our calls here, so the stream is closed until the lease is renewed.
  await pass(6000);
  expect(trial.stopped).toEqual({ cause: 'stop', reason: 'too slow' });
  expect(trial.signal.aborted).toBe(true);
});

test('with a barrier report waits as long as the daemon is connected', async () => {
  const { toy, trial, pass } = await setUp({ every: true, barrier: true, decide: () => 'wait' });
  const waiting = trial.report({ loss: 1 });
  await pass(60_000);
  expect(await isSettled(waiting)).toBe(false);
  toy.tell(0, { decidedDone: 1 });
  await waiting;
});

test('a fenced trial ends its loop and says who has it', async () => {
  const { toy, trial, pass } = await setUp();
  const seen: number[] = [];
  for await (const step of trial.steps()) {
    seen.push(step);
    if (step === 1) {
      toy.trials[0]!.record = { ...toy.trials[0]!.record, attempt: 2 };
      trial.log({ a: 1 });
      await pass(200);
    }
  }
  expect(seen).toEqual([0, 1]);
  expect(trial.stopped).toEqual({ cause: 'fenced', reason: 'taken over' });
  expect((await trial.complete(1)).attempt).toBe(2);
});

test('steps are taken only as far as they are granted, and the loop ends when no more come', async () => {
  const { toy, trial, pass } = await setUp({ grantedThrough: 2 });
  const seen: number[] = [];
  const loop = (async () => {
    for await (const step of trial.steps(10)) seen.push(step);
  })();
  await pass(500);
  expect(seen).toEqual([0, 1]);
  toy.tell(0, { granted: 3 });
  await pass(500);
  expect(seen).toEqual([0, 1, 2]);
  await pass(5000);
  await loop;
  expect(toy.trials[0]!.done).toBe(3);
  expect(trial.stopped).toEqual({ cause: 'budget', reason: 'no further steps are granted' });
});

test('the lease is renewed while nothing is logged', async () => {
  const { toy, pass } = await setUp({ leaseMs: 6000 });
  await pass(6000);
  const beats = toy.calls.filter((call) => call === 'heartbeat 0');
  expect(beats.length).toBeGreaterThanOrEqual(4);
  expect(beats.length).toBeLessThanOrEqual(13);
});

test('the first end wins', async () => {
  const { trial } = await setUp();
  const [completed, failed] = await Promise.all([trial.complete(1), trial.fail(new Error('no'))]);
  expect(completed.state).toBe('completed');
  expect(failed.state).toBe('completed');
});

test('a number is refused as the result of nothing it could be', async () => {
  const { trial } = await setUp();
  await expect((trial as Trial).complete({ loss: '1' as unknown as number })).rejects.toThrow('INVALID_METRIC: the result holds "loss", which is a string and not a number');
  await expect((trial as Trial).complete({ loss: {} as unknown as number })).rejects.toThrow('which is an object and not a number');
  await expect((trial as Trial).complete({ loss: undefined as unknown as number })).rejects.toThrow('which is undefined and not a number');
});

test('the loop waits for a checkpoint that its code does not wait for', async () => {
  const { trial } = await setUp();
  const order: string[] = [];
  for await (const step of trial.steps(2)) {
    order.push(`step ${step}`);
    trial.checkpoint(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`saved ${step}`);
    }, { force: true }).catch(() => undefined);
  }
  expect(order).toEqual(['step 0', 'saved 0', 'step 1', 'saved 1']);
});

test.each([
  ['complete', (trial: Trial) => trial.complete(1)],
  ['fail', (trial: Trial) => trial.fail('broke')],
  ['release', (trial: Trial) => trial.release()],
])('%s waits for checkpoints that are being saved', async (call, end) => {
  const { toy, trial, passUntil } = await setUp();
  let written: (() => void) | undefined;
  trial.log({ loss: 1 }, 0);
  const first = trial.checkpoint((dir) => new Promise<void>((resolve) => (written = resolve)).then(() => writeFile(join(dir, 'weights'), 'w')), { force: true });
  const second = trial.checkpoint((dir) => writeFile(join(dir, 'weights'), 'v'), { force: true });
  const ending = end(trial as Trial);
  // What comes after the end has begun is none of it.
  expect(await trial.checkpoint(() => expect.unreachable(), { force: true })).toBe(false);
  await expect.poll(() => written).toBeDefined();
  expect(await isSettled(ending)).toBe(false);
  written!();
  await passUntil(ending);
  expect([await first, await second]).toEqual([true, true]);
  expect(toy.calls.filter((name) => name === call || name.startsWith('putCheckpoint'))).toEqual(['putCheckpoint 1', 'putCheckpoint 1', call]);
});

test('a pause that comes after checkpoint leaves one more step to save at', async () => {
  const { toy, trial, passUntil } = await setUp();
  const saved: number[] = [];
  const taken: number[] = [];
  await passUntil((async () => {
    for await (const step of trial.steps(10)) {
      taken.push(step);
      trial.log({ loss: step });
      if (await trial.checkpoint((dir) => writeFile(join(dir, 'weights'), 'w'))) saved.push(step);
      if (step === 3) toy.tell(0, { verdict: Verdict.VERDICT_PAUSE });
      while (step === 3 && !trial.stopped) await new Promise(setImmediate);
    }
  })());
  expect([taken, saved]).toEqual([[0, 1, 2, 3, 4], [4]]);
});

test.each([
  ['that saves no checkpoints', 3, 'none', Verdict.VERDICT_PAUSE],
  ['that is stopped', 3, 'when due', Verdict.VERDICT_STOP],
  ['whose state is saved', 3, 'always', Verdict.VERDICT_PAUSE],
  ['whose checkpoints cannot be stored', 4, 'in vain', Verdict.VERDICT_PAUSE],
] as const)('a trial %s takes no step too many', async (_, last, saves, verdict) => {
  const { toy, trial, passUntil } = await setUp(saves === 'in vain' ? { checkpointError: 'STORE_FULL' } : {});
  const taken: number[] = [];
  await passUntil((async () => {
    for await (const step of trial.steps(10)) {
      taken.push(step);
      trial.log({ loss: step });
      if (saves !== 'none') await trial.checkpoint((dir) => writeFile(join(dir, 'weights'), 'w'), { force: saves === 'always' });
      if (step === 3) toy.tell(0, { verdict });
      while (step === 3 && !trial.stopped) await new Promise(setImmediate);
    }
  })());
  expect(taken.at(-1)).toBe(last);
});

test('the code that saves a checkpoint may end the trial', async () => {
  const { toy, trial } = await setUp();
  trial.log({ loss: 1 }, 0);
  // No time passes: nothing waits for reports that the end has carried.
  const saved = trial.checkpoint(async (dir) => {
    await writeFile(join(dir, 'weights'), 'w');
    await trial.fail(new Error('the weights are not finite'));
  }, { force: true });
  expect(await saved).toBe(false);
  expect(toy.trials[0]!.record.state).toBe('failed');
});

test('a checkpoint that cannot be stored is tried again no sooner than one that was saved', async () => {
  const { toy, trial, pass, lines } = await setUp({ checkpointSteps: [1, 10] });
  let saves = 0;
  const save = async (dir: string): Promise<void> => {
    await writeFile(join(dir, 'weights'), 'w');
    saves++;
  };
  toy.down = true;
  trial.log({ loss: 3 });
  const first = trial.checkpoint(save);
  await expect.poll(() => saves).toBe(1);
  await pass(60_100);
  expect(await first).toBe(false);
  expect(lines.filter((line) => line.includes('was not stored'))).toHaveLength(1);
  for (let step = 1; step < 9; step++) {
    trial.log({ loss: 3 });
    expect(await isSettled(trial.checkpoint(save))).toBe(true);
  }
  expect(saves).toBe(1);
  trial.log({ loss: 3 });
  void trial.checkpoint(save).catch(() => undefined);
  await expect.poll(() => saves).toBe(2);
});

test.each(['DATA_LOSS', 'STORE_FULL', 'INTERNAL', 'UNAUTHENTICATED'] as const)('a daemon that cannot store a checkpoint for %s ends no training; it is said once', async (checkpointError) => {
  const { trial, passUntil, lines } = await setUp({ checkpointError });
  let steps = 0;
  for await (const step of trial.steps(3)) {
    trial.log({ loss: 3 - step });
    const saved = trial.checkpoint((dir) => writeFile(join(dir, 'weights'), 'w'), { force: true });
    expect(await passUntil(saved)).toBe(false);
    steps++;
  }
  expect(steps).toBe(3);
  expect(lines.filter((line) => line.includes(`was not stored: ${checkpointError}`))).toHaveLength(1);
});

test('slips of whoever saves are thrown', async () => {
  const { trial, passUntil, lines } = await setUp({ checkpointError: 'INVALID_ARGUMENT' });
  trial.log({ loss: 1 });
  const fromSave = new ParamoError({ code: 'STORE_FULL', message: 'my own disk' });
  const outcomeOf = (save: (dir: string) => unknown): Promise<unknown> => passUntil(trial.checkpoint(save as never, { force: true }).catch((error: unknown) => error));
  expect(await outcomeOf('weights' as never)).toMatchObject({ code: 'INVALID_OPTIONS' });
  expect(await outcomeOf(() => Promise.reject(fromSave))).toBe(fromSave);
  expect(await outcomeOf(() => undefined)).toMatchObject({ code: 'INVALID_ARGUMENT', summary: 'the checkpoint has no file' });
  expect(await outcomeOf((dir) => writeFile(join(dir, 'weights'), 'w'))).toMatchObject({ code: 'INVALID_ARGUMENT', summary: 'the toy has no disk' });
  expect(lines).toEqual([]);
});
