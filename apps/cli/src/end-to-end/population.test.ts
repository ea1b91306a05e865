import { setTimeout as pause } from 'node:timers/promises';
import { connect, findStudy } from '@paramo/client';
import type { LogEvent } from '@paramo/core';
import { logEventFromMessage, StudyServiceService } from '@paramo/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Running, Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox({ packages: ['@paramo/strategy-pbt', '@paramo/adapter-tfjs', '@tensorflow/tfjs'] });
});
afterEach(() => sandbox.close());

const population = 6;
const epochs = 12;

/** A population of TensorFlow.js networks that learn a function; a worker says what it does. */
const worker = `
import { disposeModel, paramoCallback, restoreModel } from '@paramo/adapter-tfjs';
import { pbt } from '@paramo/strategy-pbt';
import * as tf from '@tensorflow/tfjs';
import { choice, float, space, tune } from 'paramo';
await tf.setBackend('cpu');
const x = tf.tensor2d(Array.from({ length: 96 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]));
const y = tf.tidy(() => x.square().sum(1, true));
const options = {
  name: 'networks', space: space({ lr: float(1e-4, 1e-1, { log: true }), l2: float(0, 0.1), momentum: choice([0, 0.9]) }), objective: 'min loss', seed: 5, lease: '1s',
  strategy: pbt({ population: ${population}, every: 2, quantile: 0.34 }), steps: ${epochs}, budget: { trials: ${population} },
};
const best = await tune(options, async (trial) => {
  const { lr, l2, momentum } = trial.params;
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 12, activation: 'tanh', inputShape: [2], kernelRegularizer: tf.regularizers.l2({ l2 }) }), tf.layers.dense({ units: 1 })] });
  model.compile({ optimizer: tf.train.momentum(lr, momentum), loss: 'meanSquaredError' });
  const initialEpoch = await restoreModel(trial, model);
  console.log('begins ' + trial.number + ' at ' + initialEpoch);
  await model.fit(x, y, { epochs: ${epochs}, initialEpoch, batchSize: 16, verbose: 0, callbacks: [new tf.CustomCallback({ onEpochEnd: () => new Promise((go) => setTimeout(go, 30)) }), paramoCallback(trial)] });
  console.log('leaves ' + trial.number + ' ' + (trial.stopped?.cause ?? 'done'));
  disposeModel(model);
});
console.log('best ' + best.value);
`;

async function readLog(): Promise<LogEvent[]> {
  const connection = await connect({ home: sandbox.home });
  try {
    const { id } = await findStudy('networks', { connection });
    const log: LogEvent[] = [];
    for await (const { events } of connection.link.serverStream(StudyServiceService.watch, { studyId: id, after: 0n, untilHead: true })) log.push(...events.map(logEventFromMessage));
    return log;
  } finally {
    await connection.close();
  }
}

interface Place {
  trial: number;
  value: number | undefined;
  live: boolean;
}

/** The population in an asynchronous log, event by event. */
function createCensus() {
  const places = new Map<number, Place>();
  const memberOf = new Map<number, number>();
  const placeOf = (trial: number): Place | undefined => {
    const place = places.get(memberOf.get(trial) ?? -1);
    return place?.trial === trial ? place : undefined;
  };
  return {
    observe(event: LogEvent): void {
      if (event.kind === 'trial_created' && event.member !== undefined) {
        memberOf.set(event.trial, event.member);
        places.set(event.member, { trial: event.trial, value: event.from && placeOf(event.from.trial)?.value, live: true });
      }
      if (event.kind === 'trial_reported' && placeOf(event.trial)) placeOf(event.trial)!.value = event.values['loss'];
      if ((event.kind === 'trial_ended' || (event.kind === 'trial_decided' && event.action !== 'pause')) && placeOf(event.trial)) placeOf(event.trial)!.live = false;
    },
    /** Best first; ties go to the lower member. */
    ranked: (): readonly number[] =>
      [...places].filter(([, { live, value }]) => live && value !== undefined).sort(([a, one], [b, other]) => (one.value! < other.value! ? -1 : one.value! > other.value! ? 1 : a - b)).map(([, { trial }]) => trial),
  };
}

/** Audits every exploit of the log; answers how many there were. */
function audit(log: readonly LogEvent[], quantile: number): number {
  const created = new Map(log.flatMap((event) => (event.kind === 'trial_created' ? [[event.trial, event] as const] : [])));
  let exploits = 0;
  for (const decision of log) {
    if (decision.kind !== 'trial_decided' || decision.action !== 'replace') continue;
    exploits++;
    const child = created.get(decision.replacement!)!;
    const { from, because, params } = child;
    if (!from || because.kind !== 'exploit') throw new Error(`trial ${child.trial} has no donor`);
    // The child is created with the decision, of the same member, from a checkpoint its donor had taken by then.
    expect(child.position).toBe(decision.position + 1);
    expect(child.member).toBe(created.get(decision.trial)!.member);
    expect(because.donor).toBe(from.trial);
    expect(log.some((event) => event.kind === 'trial_checkpointed' && event.position < decision.position && event.trial === from.trial && event.done === from.done && event.checkpoint === from.checkpoint)).toBe(true);
    // When the member was ready, or at some moment until it was decided, it was among the worst and its donor among the best.
    const census = createCensus();
    const ready = log.filter((event) => event.position <= decision.seen && (event.kind === 'trial_reported' || event.kind === 'trial_checkpointed') && event.trial === decision.trial).at(-1)!.position;
    let held = false;
    for (const event of log.slice(0, decision.seen)) {
      census.observe(event);
      if (event.position < ready) continue;
      const ranked = census.ranked();
      const size = Math.max(1, Math.floor(quantile * ranked.length));
      held ||= ranked.slice(-size).includes(decision.trial) && ranked.slice(0, size).includes(from.trial);
    }
    expect(held, `trial ${decision.trial} replaced by a child of ${from.trial} at ${decision.position}: ${decision.reason}`).toBe(true);
    const donor = created.get(from.trial)!.params;
    for (const [name, value] of Object.entries(params)) {
      const said = because.change.split(', ').find((part) => part.startsWith(`${name} `));
      if (said?.includes('drawn')) continue;
      const ratio = typeof value === 'number' && typeof donor[name] === 'number' ? value / donor[name] : Number.NaN;
      const clipped = value === 1e-1 || value === 1e-4;
      expect(clipped || value === donor[name] || [0.8, 1.2].some((factor) => Math.abs(ratio - factor) < 1e-9), `${name} of trial ${child.trial}: ${JSON.stringify([donor[name], value, because.change])}`).toBe(true);
    }
  }
  return exploits;
}

/** Resolves once the workers together have said so many lines. */
async function lines(workers: readonly Running[], count: number): Promise<void> {
  const said = (): number => workers.reduce((sum, { stdout }) => sum + stdout.split('\n').length - 1, 0);
  while (said() < count) await pause(20);
}

test('a population of networks survives kill -9 of the daemon and of two workers: nothing is lost, nothing counted twice, and the log says so', async () => {
  const workers = [sandbox.script(worker), sandbox.script(worker), sandbox.script(worker)];
  await lines(workers, 8);
  workers[0]!.kill('SIGKILL');
  await lines(workers, 14);
  process.kill(sandbox.daemon().pid, 'SIGKILL');
  await lines(workers, 18);
  workers[1]!.kill('SIGKILL');
  const late = sandbox.script(worker);
  const endings = await Promise.all([workers[2]!.ended, late.ended]);
  for (const { code, stdout, stderr } of endings) expect({ code, stderr, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^best [\d.]+$/m) as unknown });

  const log = await readLog();
  expect(audit(log, 0.34)).toBeGreaterThan(2);
  const ends = log.flatMap((event) => (event.kind === 'trial_ended' ? [event] : []));
  expect(log.filter((event) => event.kind === 'trial_yielded' && event.why === 'lost').length).toBeGreaterThan(0);
  // Every member has come to its last step, once.
  const completed = ends.filter(({ state }) => state === 'completed');
  expect(completed).toHaveLength(population);
  expect(completed.every(({ done }) => done === epochs)).toBe(true);
  expect(ends.filter(({ state }) => state !== 'completed' && state !== 'stopped')).toEqual([]);
  const study = JSON.parse((await sandbox.paramo('studies', '--json')).stdout) as readonly { spent: { trials: number; steps: number } }[];
  expect(study[0]!.spent.trials).toBe(population);
  const trials = JSON.parse((await sandbox.paramo('trials', 'networks', '--limit', '1000', '--json')).stdout) as readonly { done: number; from?: { done: number } }[];
  expect(study[0]!.spent.steps).toBe(trials.reduce((sum, { done, from }) => sum + done - (from?.done ?? 0), 0));
  expect(await sandbox.paramo('replay', 'networks')).toMatchObject({ code: 0 });
}, 120_000);
