import { ArtifactServiceService, bindService } from '@paramo/protocol';
import type { ServiceBinding } from '@paramo/protocol';
import { ParamoError, space, float } from '@paramo/core';
import { expect, test } from 'vitest';
import { connectToy } from '../testing/toy-connection.js';
import type { ToyConnection } from '../testing/toy-connection.js';
import { createToyDaemon } from '../testing/toy-daemon.js';
import type { ToyDaemon } from '../testing/toy-daemon.js';
import { track } from '../track.js';
import { tune } from '../tune.js';
import type { Trial } from '../trial.js';
import { describeProgram } from './describe-program.js';
import type { DescribedProgram, Machine, RunningProgram } from './machine.js';

const self: RunningProgram = { pid: 1, command: ['node', 'train.js'], directory: '/work', env: {} };

function describedAs({ command, directory }: RunningProgram): DescribedProgram {
  return {
    description: { format: 1, command, directory, host: { name: 'here', platform: 'test', cpu: '', cores: 2, memoryBytes: 1, gpus: [] }, packages: { versions: {} }, environment: {} },
    changes: Buffer.from('- a\n+ b\n'),
  };
}

interface Kept {
  readonly trial: bigint;
  readonly attempt: number;
  readonly name: string;
  readonly content: string;
}

interface SetUp extends ToyConnection {
  readonly toy: ToyDaemon;
  readonly kept: readonly Kept[];
  /** The points of a metric of a trial: second and value. */
  points(trial: number, metric: string): readonly (readonly [number, number])[];
}

/** A toy daemon that keeps artifacts, and a machine whose programs use one unit more of memory at each sample. */
function setUp({ refuses = false, machine = {} }: { readonly refuses?: boolean; readonly machine?: Partial<Machine> } = {}): SetUp {
  const toy = createToyDaemon({ params: [{ lr: 0.1 }, { lr: 0.2 }] });
  const kept: Kept[] = [];
  const artifacts: ServiceBinding = bindService(ArtifactServiceService, {
    async putArtifact(requests) {
      if (refuses) throw new ParamoError({ code: 'LIMIT_EXCEEDED', message: 'no room' });
      let header: Pick<Kept, 'trial' | 'attempt' | 'name'> | undefined;
      const parts: Uint8Array[] = [];
      for await (const { part } of requests) {
        if (part?.$case === 'header') header = part.value;
        else if (part) parts.push(part.value);
      }
      const { trial, attempt, name } = header!;
      kept.push({ trial, attempt, name, content: Buffer.concat(parts).toString() });
      return { sha256: '', size: 0n };
    },
    async *getArtifact() {
      throw new ParamoError({ code: 'NOT_SUPPORTED', message: 'nothing is read here' });
    },
    listArtifacts: async () => ({ artifacts: [] }),
  });
  let memory = 0;
  const simulated: Machine = { self: () => self, describe: async (program) => describedAs(program), measure: () => ({ sample: async () => ({ 'system/memory': ++memory }) }), ...machine };
  const connected = connectToy({ ...toy, bindings: [...toy.bindings, artifacts] }, { machine: simulated });
  return { ...connected, toy, kept, points: (trial, metric) => [...(toy.trials[trial]!.series.get(metric) ?? [])] };
}

test('a tracked run is described at once, and measured at its start, every 15 s and at its end', async () => {
  const { connection, kept, pass, points } = setUp();
  const run = await track('t', { connection }, async (trial) => {
    await pass(40_000);
    trial.log({ loss: 1 });
  });
  expect(kept.map(({ name, trial, attempt }) => [name, trial, attempt])).toEqual([['paramo.changes.diff', 0n, 1], ['paramo.run.json', 0n, 1]]);
  expect(kept[0]!.content).toBe('- a\n+ b\n');
  expect(JSON.parse(kept[1]!.content)).toMatchObject({ format: 1, command: ['node', 'train.js'] });
  expect(points(0, 'system/memory')).toEqual([[0, 1], [15, 2], [30, 3], [40, 4]]);
  expect(run.state).toBe('completed');
  await pass(60_000);
  expect(points(0, 'system/memory')).toHaveLength(4);
});

test('a trial of a search is described when it lasts longer than a second', async () => {
  const { connection, kept, pass } = setUp();
  let trials = 0;
  await tune({ name: 's', space: space({ lr: float(0, 1) }), objective: 'min loss' }, async (trial) => {
    await pass(trials++ === 0 ? 900 : 1100);
    trial.log({ loss: 1 });
  }, { connection });
  expect(kept.map(({ name, trial }) => [name, trial])).toEqual([['paramo.changes.diff', 1n], ['paramo.run.json', 1n]]);
});

test('a runner describes the program in place of its own process', async () => {
  const { connection, kept, pass } = setUp();
  await track('t', { connection, describe: false }, async (trial) => {
    await pass(2000);
    expect(kept).toEqual([]);
    describeProgram(trial as Trial, { ...self, command: ['python', 'train.py'] });
    await pass(100);
  });
  expect(JSON.parse(kept[1]!.content)).toMatchObject({ command: ['python', 'train.py'] });
});

test('whatever goes wrong with it, the run goes on without a word', async () => {
  for (const options of [
    { refuses: true },
    { machine: { describe: async () => Promise.reject(new Error('no such machine')) } },
    { machine: { measure: () => ({ sample: async () => Promise.reject(new Error('no such process')) }) } },
    // A machine that never answers delays the end of the run by a tenth of a second.
    { machine: { describe: () => new Promise<never>(() => undefined), measure: () => ({ sample: () => new Promise<never>(() => undefined) }) } },
  ]) {
    const { connection, pass, lines } = setUp(options);
    const running = track('t', { connection }, async (trial) => {
      await pass(20_000);
      trial.log({ loss: 1 });
    });
    let over = false;
    void running.finally(() => (over = true));
    while (!over) await pass(20);
    expect(await running).toMatchObject({ state: 'completed', metrics: { loss: 1 } });
    expect(lines).toEqual([]);
  }
});

test('a connection that is closed waits for a description under way, for 2.5 s at most', async () => {
  let answer: (described: DescribedProgram) => void = () => undefined;
  const { connection, kept, pass } = setUp({ machine: { describe: () => new Promise((resolve) => (answer = resolve)) } });
  await track('t', { connection }, () => undefined);
  const closing = connection.close();
  await pass(100);
  answer(describedAs(self));
  await closing;
  expect(kept).toHaveLength(2);

  const stuck = setUp({ machine: { describe: () => new Promise<never>(() => undefined) } });
  await track('t', { connection: stuck.connection }, () => undefined);
  let closed = false;
  const ending = stuck.connection.close().then(() => (closed = true));
  await stuck.pass(2400);
  expect(closed).toBe(false);
  await stuck.pass(200);
  await ending;
});
