import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { choice, createConnection, findStudy, float, int, openStudy, space, tune } from '@paramo/client';
import type { Connection, SingleStudy, Trial } from '@paramo/client';
import { sleep } from '@paramo/core';
import { createSeededEntropy } from '@paramo/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createProcess } from './process.js';
import type { SimulatedProcess } from './process.js';
import { createWorld } from './world.js';
import type { World } from './world.js';

// Bugs that other systems had, in this one's world; `known-bugs.ts` says which.

async function open({ files = false }: { readonly files?: boolean } = {}): Promise<World> {
  const world = await createWorld({ seed: 1, files });
  world.sites.heal();
  onTestFinished(() => world.close());
  return world;
}

interface Program {
  readonly process: SimulatedProcess;
  readonly connection: Connection;
  /** What it wrote to stderr. */
  readonly said: string[];
}

function startProgram({ schedule, network, folder }: World, index: number): Program {
  const process = createProcess(schedule, `w${index}`);
  const said: string[] = [];
  const connection = createConnection({
    dial: () => network.dial(process), clock: process.clock, entropy: createSeededEntropy(index), write: (line) => void said.push(line), ...(folder !== undefined && { workPath: join(folder, 'work') }),
  });
  return { process, connection, said };
}

const flat = { name: 'study', space: space({ x: float(0, 1), opt: choice(['a', 'b']) }), objective: 'min loss', strategy: 'random', lease: '2s', seed: 3 } as const;

async function openFlat({ connection }: Program, trials: number): Promise<SingleStudy> {
  return (await openStudy({ ...flat, budget: { trials } }, { connection })) as unknown as SingleStudy;
}

test('a worker that was stopped for longer than its lease, and whose trial another finished, goes on without an error', async () => {
  const world = await open();
  const [stopped, other] = [startProgram(world, 1), startProgram(world, 2)];
  const trained: string[] = [];
  const train = ({ process }: Program) => async (trial: Trial) => {
    trained.push(`${process.name} ${trial.number}/${trial.attempt}`);
    for await (const step of trial.steps(4)) {
      await sleep(process.clock, 500);
      await trial.report({ loss: step });
    }
  };
  const work = (program: Program) => tune({ ...flat, budget: { trials: 3 } }, train(program) as never, { connection: program.connection, signals: false });
  const first = work(stopped);
  world.schedule.after(1200, () => stopped.process.stop());
  world.schedule.after(20_000, () => stopped.process.goOn());
  await world.runUntil(1000);
  const second = work(other);
  await world.drive(Promise.all([first, second]));
  expect(trained).toContain('w2 0/2');
  const study = await world.drive(openFlat(other, 3));
  expect(study.record.counts).toMatchObject({ completed: 3, failed: 0, running: 0 });
});

test('thirty-two processes open one study at once, while others read it, and nobody sees an error', async () => {
  const world = await open();
  const programs = Array.from({ length: 32 }, (_, i) => startProgram(world, i));
  const reader = startProgram(world, 99);
  const read = (async () => {
    await sleep(reader.process.clock, 5);
    const study = await findStudy('study', { connection: reader.connection });
    let trials = 0;
    while ((await study.refresh()).state !== 'ended') {
      trials = Math.max(trials, (await study.trials()).length);
      await sleep(reader.process.clock, 20);
    }
    return trials;
  })();
  const work = programs.map(({ connection, process }) =>
    tune({ ...flat, budget: { trials: 96 } }, async (trial) => {
      await sleep(process.clock, 50);
      trial.log({ loss: trial.params.x });
    }, { connection, signals: false }));
  const [trials] = await world.drive(Promise.all([read, ...work]));
  expect(trials).toBeGreaterThan(50);
  const params = (await world.drive(openFlat(reader, 96).then((study) => study.trials()))).map((trial) => JSON.stringify(trial.params));
  expect(params).toHaveLength(96);
  expect(new Set(params).size, 'nobody is given what another one has').toBe(96);
});

test('an enqueued trial goes to one of many workers that ask at once', async () => {
  const world = await open();
  const programs = Array.from({ length: 20 }, (_, i) => startProgram(world, i));
  const studies = await world.drive(Promise.all(programs.map((program) => openFlat(program, 20))));
  const mine = { x: 0.125, opt: 'b' };
  await world.drive(studies[0]!.enqueue(mine));
  const trials = await world.drive(Promise.all(studies.map((study) => study.ask())));
  expect(trials.filter(({ params }) => params['x'] === 0.125)).toHaveLength(1);
  expect(new Set(trials.map(({ number }) => number)).size).toBe(20);
});

test('a grid whose daemon dies after every other trial comes to each point once, and numbers them without gaps', async () => {
  const world = await open();
  const worker = startProgram(world, 1);
  const grid = { ...flat, space: space({ n: int(1, 4), opt: choice(['a', 'b', 'c']) }), strategy: 'grid' } as const;
  const seen: string[] = [];
  let ended = 0;
  await world.drive(tune(grid, (trial) => {
    seen.push(JSON.stringify(trial.params));
    return trial.number;
  }, { connection: worker.connection, signals: false, onTrial: () => void (++ended % 2 === 0 && world.daemon.kill('again')) }));
  expect(new Set(seen).size).toBe(12);
  expect(seen).toHaveLength(12);
  const study = await world.drive(findStudy('study', { connection: worker.connection }));
  expect((await world.drive(study.trials())).map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  expect(study.record).toMatchObject({ endReason: 'done' });
  expect(world.daemon.starts).toBeGreaterThan(5);
});

test('a training whose daemon cannot be reached from its second step to its last neither fails nor waits, and all of it is stored afterwards', async () => {
  const world = await open();
  const worker = startProgram(world, 1);
  const { process } = worker;
  const steps = 3600;
  let tookMs = 0;
  const done = tune({ ...flat, budget: { trials: 1 } }, async (trial) => {
    const begunMs = process.clock.monotonicMs();
    for await (const step of trial.steps(steps)) {
      if (step === 1) world.network.cut(process, 'both');
      await sleep(process.clock, 1000);
      if (step % 2 === 0) await trial.report({ loss: step });
      else trial.log({ loss: step });
    }
    tookMs = process.clock.monotonicMs() - begunMs;
    world.schedule.after(30_000, () => world.network.heal(process));
  }, { connection: worker.connection, signals: false });
  const best = await world.drive(done);
  expect(tookMs).toBe(steps * 1000);
  expect(best).toMatchObject({ value: steps - 1, number: 0 });
  const study = await world.drive(findStudy('study', { connection: worker.connection }));
  expect((await world.drive(study.series(0, 'loss'))).steps).toEqual(Array.from({ length: steps }, (_, i) => i));
  expect(worker.said.length).toBeLessThan(4);
});

test('a checkpoint at a step with a metric that is NaN is stored, and the next attempt goes on from it', async () => {
  const world = await open({ files: true });
  const [first, second] = [startProgram(world, 1), startProgram(world, 2)];
  const begin = async (program: Program): Promise<Trial> => (await (await openFlat(program, 1)).ask()) as Trial;
  const trial = await world.drive(begin(first));
  await world.drive((async () => {
    for await (const step of trial.steps(2)) {
      trial.log({ loss: Number.NaN, other: step });
      expect(await trial.checkpoint((directory) => writeFile(join(directory, 'state'), `after ${step}`), { force: true })).toBe(true);
    }
  })());
  first.process.kill();
  const again = await world.drive(begin(second));
  expect(again.resume).toMatchObject({ step: 1, trial: 0 });
  expect(await readFile(join(again.resume!.dir, 'state'), 'utf8')).toBe('after 1');
  const ended = await world.drive(again.complete({ loss: 0.5 }));
  expect(ended).toMatchObject({ state: 'completed', value: 0.5 });
});

test.each([
  ['and its objective logged before, completes with that', true, { state: 'completed', value: 0.5 }],
  ['and no objective, fails and says so', false, { state: 'failed', reason: expect.stringMatching(/"loss"; it went on from a checkpoint at step 1 and logged nothing, as if nothing was left to train/) as string }],
])('an attempt that went on with nothing left to train %s', async (_, logs, ended) => {
  const world = await open({ files: true });
  const program = startProgram(world, 1);
  const study = (await world.drive(openStudy({ ...flat, retries: 0 }, { connection: program.connection }))) as unknown as SingleStudy;
  const trial = await world.drive(study.ask());
  await world.drive((async () => {
    for await (const step of trial.steps(2)) {
      if (logs) trial.log({ loss: 1 - step / 2 });
      await trial.checkpoint((directory) => writeFile(join(directory, 'state'), ''), { force: true });
    }
    await trial.release();
  })());
  const again = await world.drive(study.ask());
  expect(again).toMatchObject({ number: 0, attempt: 2, resume: { step: 1 } });
  expect(await world.drive(again.complete())).toMatchObject(ended);
});

test.each(['ask', 'each'] as const)('a worker that was held up before it had its checkpoint, while others finished its trial, is given another one by %s', async (way) => {
  const world = await open({ files: true });
  const [first, second, third] = [startProgram(world, 1), startProgram(world, 2), startProgram(world, 3)];
  const openTwo = async (program: Program): Promise<SingleStudy> => (await openStudy({ ...flat, budget: { trials: 2 }, keepCheckpoints: 1 }, { connection: program.connection })) as unknown as SingleStudy;
  const train = async (trial: Trial, steps: number): Promise<void> => {
    for await (const step of trial.steps(steps)) {
      // The best one is kept too.
      trial.log({ loss: -step });
      await trial.checkpoint((directory) => writeFile(join(directory, 'state'), `after ${step}`), { force: true });
    }
  };
  const trial = await world.drive(openTwo(first).then((study) => study.ask()));
  await world.drive(train(trial as Trial, 1));
  first.process.kill();
  await world.runUntil(world.schedule.nowMs + 5000);

  const study = await world.drive(openTwo(second));
  const asked = way === 'ask' ? study.ask() : study.each().next().then(({ value }) => value as Trial);
  await world.runUntil(20_000, () => world.ledger.handedOut.length === 2);
  world.network.cut(second.process, 'up');
  await world.runUntil(world.schedule.nowMs + 5000);
  const again = await world.drive(openTwo(third).then((other) => other.ask()));
  expect(again).toMatchObject({ number: 0, attempt: 3 });
  await world.drive(train(again as Trial, 3).then(() => again.complete()));
  world.network.heal(second.process);
  expect(await world.drive(asked)).toMatchObject({ number: 1, attempt: 1 });
});
