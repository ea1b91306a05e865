import { float, isParamoError, space } from '@paramo/core';
import { NoTrialReason } from '@paramo/protocol';
import { expect, test } from 'vitest';
import { findStudy, openStudy } from './open-study.js';
import { connectToy } from './testing/toy-connection.js';
import { createToyDaemon } from './testing/toy-daemon.js';

const searched = space({ lr: float(0, 1) });

async function setUp(count = 3) {
  const toy = createToyDaemon({ params: Array.from({ length: count }, (_, i) => ({ lr: (i + 1) / 10 })) });
  const toyConnection = connectToy(toy);
  const study = await openStudy({ name: 's', space: searched, objective: 'min loss' }, { connection: toyConnection.connection });
  return { toy, study, ...toyConnection };
}

test('a trial is asked for, told about by number, id or itself, and read back', async () => {
  const { study } = await setUp();
  const [a, b, c] = [await study.ask(), await study.ask(), await study.ask()];
  await study.tell(a.number, 3);
  await study.tell(b.id, { loss: 1, accuracy: 0.9 });
  const told = await study.tell(c, new Error('out of memory'));
  expect(told).toMatchObject({ state: 'failed', error: { message: 'out of memory' } });
  expect(await study.best()).toMatchObject({ number: 1, value: 1, metrics: { accuracy: 0.9 } });
  expect((await study.trials({ filter: 'state = completed' })).map(({ number }) => number)).toEqual([0, 1]);
  await expect(study.ask()).rejects.toSatisfy((error) => isParamoError(error, 'STUDY_ENDED'));
});

test('a result without the objective is refused with the near miss, and the trial can still be told', async () => {
  const { toy, study } = await setUp();
  const trial = await study.ask();
  await expect(study.tell(trial, { los: 1 })).rejects.toThrow('OBJECTIVE_MISSING: trial 0 ended without its objective "loss"; it logged los. Did you mean los?');
  await expect(trial.complete()).rejects.toThrow('it logged nothing');
  const other = await findStudy('s', { connection: connectToy(toy).connection });
  await expect(other.tell(0, { los: 1 })).rejects.toThrow('OBJECTIVE_MISSING');
  expect(await study.tell(trial, { loss: 1 })).toMatchObject({ state: 'completed', value: 1 });
});

test('an ask with a limit to its wait answers undefined when there is no trial by then', async () => {
  const { study } = await setUp(1);
  await study.ask();
  expect(await study.ask({ wait: 0 })).toBeUndefined();
});

test('another process may tell what this one asked for', async () => {
  const { toy, study } = await setUp();
  const { number } = await study.ask();
  const other = await findStudy('s', { connection: connectToy(toy).connection });
  expect(await other.tell(number, 0.5)).toMatchObject({ state: 'completed', value: 0.5 });
  await expect(other.tell('01TOYOTHER0000000000000000/0', 1)).rejects.toThrow('belongs to another study');
});

test('the loop over trials ends with the study, and a trial not ended in it completes with what was logged', async () => {
  const { toy, study } = await setUp();
  for await (const trial of study.each()) {
    if (trial.number === 1) trial.log({ loss: 7 });
    else void trial.complete({ loss: trial.params.lr });
  }
  expect(toy.trials.map(({ record }) => record.value)).toEqual([0.1, 7, 0.3]);
});

test('leaving the loop by break or throw gives the trial back', async () => {
  const { toy, study } = await setUp();
  for await (const trial of study.each()) {
    trial.log({ loss: 1 });
    break;
  }
  expect(toy.trials[0]!.record.state).toBe('waiting');
  const loop = async (): Promise<void> => {
    for await (const trial of study.each()) throw new Error(`no ${trial.number}`);
  };
  await expect(loop()).rejects.toThrow('no 0');
  expect(toy.trials[0]!.record.state).toBe('waiting');
});

test('a trial completed before the break stays completed', async () => {
  const { toy, study } = await setUp();
  for await (const trial of study.each()) {
    void trial.complete(1);
    break;
  }
  expect(toy.trials[0]!.record.state).toBe('completed');
});

test('trials are read in pages, up to the limit', async () => {
  const { toy, study } = await setUp(450);
  for (let i = 0; i < 450; i++) await (await study.ask()).complete(i);
  expect(await study.trials()).toHaveLength(450);
  expect(await study.trials({ limit: 210, order: '-number' })).toHaveLength(210);
  expect(toy.calls.filter((call) => call.startsWith('listTrials'))).toHaveLength(5);
});

test('a series is read by the trial or by the study, and an unknown metric names the near miss', async () => {
  const { study } = await setUp();
  const trial = await study.ask();
  trial.log({ loss: 2 });
  trial.log({ loss: 1 });
  await trial.complete();
  const read = await study.trial(0);
  expect(await read.series('loss')).toMatchObject({ name: 'loss', steps: [0, 1], values: [2, 1] });
  expect(JSON.parse(JSON.stringify(read))).not.toHaveProperty('series');
  await expect(study.series(0, 'los')).rejects.toThrow('INVALID_METRIC: trial 0 has no metric "los". Did you mean loss?');
});

test('numbers and params that cannot be are refused before anything is sent', async () => {
  const { toy, study } = await setUp();
  const before = toy.calls.length;
  await expect(study.tell(-1, 1)).rejects.toThrow('INVALID_OPTIONS: the number of a trial is -1. Give a whole number from 0.');
  await expect(study.trial(1.5)).rejects.toThrow('INVALID_OPTIONS: number is 1.5');
  await expect(study.trials({ limit: Number.NaN })).rejects.toThrow('INVALID_OPTIONS: limit is NaN');
  await expect(study.trials({ fliter: '' } as object)).rejects.toThrow('INVALID_OPTIONS: there is no option fliter. Did you mean filter?');
  await expect(study.enqueue({ lr: 1 }, { seed: -1 })).rejects.toThrow('INVALID_OPTIONS: seed is -1');
  await expect(study.enqueue(undefined as unknown as { lr: number })).rejects.toThrow('INVALID_ARGUMENT: params is undefined, but must be an object of values by name');
  expect(toy.calls).toHaveLength(before);
});

test('a worker that gets no trial because the study is paused, or its host held, says why once each', async () => {
  const { toy, study, lines } = await setUp(1);
  for (const why of ['PAUSED', 'HOST_HELD'] as const) {
    toy.refusal = { assignment: undefined, none: NoTrialReason[`NO_TRIAL_REASON_${why}`], detail: `it is ${why}` };
    for (let i = 0; i < 2; i++) expect(await study.ask({ wait: 0 })).toBeUndefined();
  }
  expect(lines.map((line) => /waiting for trials: (.*)/.exec(line)?.[1]?.trim())).toEqual(['it is PAUSED', 'it is HOST_HELD']);
  toy.refusal = undefined;
  expect((await study.ask()).number).toBe(0);
});
