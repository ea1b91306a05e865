import { choice, float, isParamoError, space } from '@paramo/core';
import type { ParamoError } from '@paramo/core';
import { expect, test, vi } from 'vitest';
import { connectToy } from './testing/toy-connection.js';
import { createToyDaemon } from './testing/toy-daemon.js';
import type { ToyOptions } from './testing/toy-daemon.js';
import { tune } from './tune.js';

const searched = space({ lr: float(0, 1), opt: choice(['adam', 'sgd']) });
const params = [0.1, 0.4, 0.2].map((lr) => ({ lr, opt: 'adam' }));
const options = { name: 'mnist', space: searched, objective: 'min val_loss', budget: { trials: 3 } } as const;

function setUp(toyOptions: Partial<ToyOptions> = {}) {
  const toy = createToyDaemon({ params, ...toyOptions });
  return { toy, ...connectToy(toy) };
}

test('tuning answers the best trial with its params, metrics and study', async () => {
  const { connection } = setUp();
  const best = await tune(options, (trial) => trial.params.lr, { connection });
  expect(best).toMatchObject({ number: 0, value: 0.1, params: { lr: 0.1, opt: 'adam' }, metrics: { val_loss: 0.1 } });
  expect(best.study.name).toBe('mnist');
  expect(await best.series('val_loss').catch((error: ParamoError) => error.code)).toBe('INVALID_METRIC');
});

test('each trial costs one round trip: its end brings the next one along', async () => {
  const { toy, connection } = setUp();
  await tune(options, (trial) => trial.log({ val_loss: trial.params.lr }), { connection });
  expect(toy.calls.filter((call) => ['ask', 'complete'].includes(call))).toEqual(['ask', 'complete', 'complete', 'complete']);
});

test('what was logged last counts, and a returned value overrides it', async () => {
  const { toy, connection } = setUp();
  await tune(options, async (trial) => {
    for await (const step of trial.steps(3)) trial.log({ val_loss: 10 - step, loss: step });
    return trial.number === 1 ? { val_loss: -1 } : undefined;
  }, { connection });
  expect(toy.trials.map(({ record }) => record.value)).toEqual([8, -1, 8]);
  expect(toy.trials[0]!.record.metrics).toEqual({ val_loss: 8, loss: 2 });
});

test('an objective that throws fails its trial, with message and stack, and the study goes on', async () => {
  const { toy, connection } = setUp();
  const best = await tune(options, (trial) => {
    if (trial.number === 0) throw new RangeError('lr is too hot');
    return trial.params.lr;
  }, { connection });
  expect(best.number).toBe(2);
  expect(toy.trials[0]!.record).toMatchObject({ state: 'failed', error: { message: 'RangeError: lr is too hot', stack: expect.stringContaining('tune.test') as string } });
});

test('a trial that ends without its objective fails with what it logged and the near miss', async () => {
  const { toy, connection } = setUp();
  const failed = tune(options, (trial) => trial.log({ val_los: 1, acc: 0.5 }), { connection });
  await expect(failed).rejects.toSatisfy((error) => isParamoError(error, 'STUDY_ENDED'));
  await expect(failed).rejects.toThrow(/ended without a result: 3 failed.*Trial 2: OBJECTIVE_MISSING/);
  expect(toy.trials[0]!.record.error?.message).toBe('OBJECTIVE_MISSING: trial 0 ended without its objective "val_loss"; it logged val_los, acc. Did you mean val_los?');
});

test('NaN is stored and never the best', async () => {
  const { toy, connection } = setUp();
  const best = await tune(options, (trial) => (trial.number === 0 ? Number.NaN : trial.params.lr), { connection });
  expect(best.number).toBe(2);
  expect(toy.trials[0]!.record.metrics['val_loss']).toBeNaN();
});

test('several workers evaluate trials at the same time', async () => {
  const { connection } = setUp();
  let running = 0;
  let most = 0;
  await tune(options, async (trial) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running--;
    return trial.params.lr;
  }, { connection, workers: 3 });
  expect(most).toBe(3);
});

test('a stopped trial leaves its loop, runs the code below it, and completes as stopped', async () => {
  const { toy, connection } = setUp({ every: true, decide: (trial, done) => (trial === 1 && done === 2 ? 'stop' : 'continue') });
  const below: string[] = [];
  await tune(options, async (trial) => {
    for await (const step of trial.steps(4)) trial.log({ val_loss: trial.params.lr + step });
    below.push(`${trial.number} ${trial.stopped?.cause ?? 'through'} ${trial.stopped?.reason ?? ''}`.trim());
  }, { connection });
  expect(below).toEqual(['0 through', '1 stop decided at 2', '2 through']);
  expect(toy.trials[1]!.record).toMatchObject({ state: 'stopped', done: 2, reason: 'decided at 2' });
});

test('an abort error that follows a stop is no failure', async () => {
  const { toy, connection } = setUp({ every: true, decide: (trial) => (trial === 0 ? 'stop' : 'continue') });
  await tune(options, async (trial) => {
    await trial.report({ val_loss: trial.params.lr });
    trial.signal.throwIfAborted();
  }, { connection });
  expect(toy.trials[0]!.record.state).toBe('stopped');
});

test('a trial that was to pause is released, not completed', async () => {
  const { toy, connection } = setUp({ params: params.slice(0, 2), every: true, decide: (trial) => (trial === 0 ? 'pause' : 'continue') });
  const running = tune(options, async (trial) => {
    for await (const step of trial.steps(3)) trial.log({ val_loss: step });
  }, { connection, signal: AbortSignal.timeout(200) });
  await expect(running).rejects.toSatisfy((error) => isParamoError(error, 'ABORTED'));
  expect(toy.trials.map(({ record }) => record.state)).toEqual(['paused', 'completed']);
});

test('an aborted run gives its trials back whatever their code does, and rejects with ABORTED', async () => {
  const { toy, connection } = setUp();
  const controller = new AbortController();
  const stopped = vi.fn();
  const running = tune(options, async (trial) => {
    trial.signal.addEventListener('abort', () => stopped(trial.stopped?.cause));
    controller.abort();
    await new Promise(() => undefined);
  }, { connection, signal: controller.signal });
  await expect(running).rejects.toThrow('ABORTED: the tuning of mnist was aborted. Its running trials were given back; run it again to go on from there.');
  expect(stopped).toHaveBeenCalledWith('aborted');
  expect(toy.trials[0]!.record.state).toBe('waiting');
});

test('a trial that was handed out while the run was being aborted is given back too', async () => {
  for (const call of ['ask', 'complete']) {
    const controller = new AbortController();
    const { toy, connection } = setUp({ onCall: (name) => name === call && controller.abort() });
    await expect(tune(options, (trial) => trial.params.lr, { connection, signal: controller.signal })).rejects.toThrow('ABORTED');
    expect(toy.trials.map(({ record }) => record.state)).toEqual(call === 'ask' ? ['waiting'] : ['completed', 'waiting']);
  }
});

test('SIGINT once gives the running trials back, and the handlers are gone afterwards', async () => {
  const { toy, connection } = setUp();
  const before = process.listenerCount('SIGINT');
  const running = tune(options, async () => {
    process.emit('SIGINT', 'SIGINT');
    await new Promise(() => undefined);
  }, { connection });
  await expect(running).rejects.toThrow('interrupted by SIGINT');
  expect(toy.trials[0]!.record.state).toBe('waiting');
  expect(process.listenerCount('SIGINT')).toBe(before);
  expect(process.exitCode).toBe(130);
  process.exitCode = 0;
});

test('onTrial sees every trial that ended here', async () => {
  const { connection } = setUp();
  const seen: string[] = [];
  await tune(options, (trial) => trial.params.lr, { connection, onTrial: (trial) => void seen.push(`${trial.number} ${trial.state} ${trial.params.lr}`) });
  expect(seen).toEqual(['0 completed 0.1', '1 completed 0.4', '2 completed 0.2']);
});

test('what onTrial throws comes out of tune as it was thrown', async () => {
  const { toy, connection } = setUp();
  const mine = new RangeError('mine');
  const failed = tune(options, (trial) => trial.params.lr, { connection, onTrial: () => { throw mine; } });
  await expect(failed).rejects.toBe(mine);
  expect(toy.trials[0]!.record.state).toBe('completed');
});

test('a daemon that goes away in mid-trial costs no report and no trial', async () => {
  const { toy, connection, pass } = setUp();
  let outage: Promise<void> | undefined;
  const running = tune(options, async (trial) => {
    for await (const step of trial.steps(4)) {
      trial.log({ val_loss: trial.params.lr - step / 10 });
      if (trial.number === 1 && step === 1) {
        await pass(200);
        toy.down = true;
        outage = pass(3000).then(async () => {
          toy.down = false;
          await pass(10_000);
        });
      }
    }
  }, { connection });
  const best = await running;
  await outage;
  expect(best.number).toBe(0);
  expect(toy.trials.map(({ record }) => record.state)).toEqual(['completed', 'completed', 'completed']);
  expect(toy.trials.map(({ series }) => series.get('val_loss')!.size)).toEqual([4, 4, 4]);
});

test('options of another name are refused with the near miss', async () => {
  const { connection } = setUp();
  const wrong = { ...options, budget: { trails: 3 } };
  await expect(tune(wrong as unknown as typeof options, () => 1, { connection })).rejects.toThrow('INVALID_OPTIONS: there is no option budget.trails. Did you mean budget.trials?');
  await expect(tune(options, 3 as unknown as () => number, { connection })).rejects.toThrow('the objective is not a function');
  await expect(tune({ ...options, objective: 'val_loss' as 'min val_loss' }, () => 1, { connection })).rejects.toThrow('INVALID_OBJECTIVE');
});

test('a study whose trials all came to NaN says that no value was finite', async () => {
  const { connection } = setUp();
  await expect(tune(options, () => Number.NaN, { connection })).rejects.toThrow('ended without a result: 3 completed, none with a finite val_loss. Find out why it is NaN or infinite');
});

test('options of a run of another name are refused with the near miss', async () => {
  const { connection } = setUp();
  await expect(tune(options, () => 1, { connection, worker: 2 } as object)).rejects.toThrow('INVALID_OPTIONS: there is no option worker. Did you mean workers?');
});
