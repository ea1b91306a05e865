import { createHash } from 'node:crypto';
import { parseObjective } from '@paramo/core';
import type { CheckpointId, Json, LogEvent, Params, Space, StudySpec, TrialRecord } from '@paramo/core';
import type { SimulatedStart, SimulatedTraining } from '@paramo/core/testing';
import { startTestDaemon } from '@paramo/daemon/testing';
import { checkpointName, ReplayOutcome } from '@paramo/protocol';
import pbtStrategy from '@paramo/strategy-pbt';
import randomStrategy from '@paramo/strategy-random';
import {
  kolmogorovSmirnov, movingOptimumObjective, movingOptimumOptions, movingOptimumSpace, simulateReference, trainMovingOptimum, trainTwoQuadratics, twoQuadraticsObjective, twoQuadraticsOptions, twoQuadraticsSpace,
  twoQuadraticsSteps,
} from '@paramo/strategy-pbt/testing';
import { describe, expect, test } from 'vitest';

// The reference results of Jaderberg et al. 2017 and of Ray's example, through the real tuner.

interface ToyRun {
  readonly space: Space<Params>;
  readonly objective: 'max q' | 'max accuracy';
  readonly options: Readonly<Record<string, unknown>>;
  readonly steps: number;
  readonly every: number;
  readonly seed: number;
  readonly workers: number;
  readonly train: (start: SimulatedStart) => SimulatedTraining;
  /** Where false the same trials run side by side, and nobody replaces anybody. */
  readonly exploit?: boolean;
  readonly checkReplay?: boolean;
}

interface ToyResult {
  /** The best value in the population at each step done that was reported. */
  readonly best: ReadonlyMap<number, number>;
  readonly trials: readonly TrialRecord[];
  readonly log: readonly LogEvent[];
  readonly spentSteps: number;
}

/** Runs a population on a daemon in this process: its tuner, its log and its plugin host are the real ones. */
async function runToy({ space, objective, options, steps, every, seed, workers, train, exploit = true, checkReplay = false }: ToyRun): Promise<ToyResult> {
  const daemon = await startTestDaemon({ seed, plugins: [pbtStrategy, randomStrategy], dropChance: seed % 10 === 0 ? 0.01 : 0 });
  const population = options['population'] as number;
  const founders = (options['founders'] ?? []) as readonly Params[];
  const spec: Partial<StudySpec> = { space: space.spec, objectives: parseObjective(objective), strategy: exploit ? { name: 'pbt', options: options as never } : { name: 'random', options: {} }, steps, seed, budget: { trials: population + (exploit ? 0 : founders.length) } };
  const { studyId } = await daemon.open(spec);
  const study = daemon.services.tuner.study(studyId);
  if (!exploit) for (const params of founders) await study.enqueue({ params, requestId: '', attributes: {} });
  const [metric] = objective.split(' ').slice(1) as [string];
  const saved = new Map<CheckpointId, Json>();
  const best = new Map<number, number>();
  const signal = new AbortController().signal;
  let requests = 0;

  async function work(id: string): Promise<void> {
    const worker = { id, process: id, host: 'here', pid: 1, labels: {} };
    for (;;) {
      const answer = await study.ask({ revision: 1, worker, requestId: `${id}-${requests++}`, waitMs: 60_000 });
      if (answer.kind === 'none') return;
      const { number: trial, params, from, checkpoint, by } = answer.trial;
      // Without exploit the strategy adds trials of its own where founders are given.
      const counts = exploit || founders.length === 0 || by === 'user';
      const { attempt } = answer;
      const source = checkpoint ?? from;
      const state = source && saved.get(source.checkpoint);
      let done = source?.done ?? 0;
      const training = train({ trial, params, done, ...(state !== undefined && { saved: state }) });
      let verdict = 'continue';
      for (let sequence = 1; done < steps && verdict === 'continue'; sequence++) {
        const values: number[] = [];
        const from = done;
        while (values.length < every && done < steps) values.push(training.step(++done)[metric]!);
        const series = [{ name: metric, steps: values.map((_, i) => BigInt(from + i)), values, timesMs: [] }];
        await study.report({ trial, attempt, writer: id, sequence, series });
        if (counts) best.set(done, Math.max(best.get(done) ?? Number.NEGATIVE_INFINITY, values.at(-1)!));
        const manifest = { chunkBytes: 65_536, files: [{ path: 'state', size: 1n, chunks: [createHash('sha256').update(`${trial} ${done}`).digest()] }] };
        const name = checkpointName(manifest);
        saved.set(name, structuredClone(training.save()));
        const update = await study.checkpoint({ trial, attempt, done, checkpoint: name, size: 1, manifest });
        ({ verdict } = await study.decided(update, 60_000, signal));
      }
      const ending = { trial, attempt, batches: [], requestId: '' };
      if (verdict === 'pause') await study.release(ending, '');
      else await study.complete(ending, {});
    }
  }

  await Promise.all(Array.from({ length: workers }, (_, i) => work(`w${i}`)));
  const { studies } = daemon.services.tuner;
  const result = { best, trials: [...studies.trials(studyId)], log: studies.log(studyId, 0, 1_000_000), spentSteps: studies.study(studyId)!.spent.steps };
  if (checkReplay) expect(await daemon.replay(studyId)).toMatchObject({ outcome: ReplayOutcome.REPLAY_OUTCOME_REPRODUCED });
  await daemon.close();
  return result;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of the mean of a sample. */
const standardError = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) / values.length);

describe("the paper's toy", () => {
  const run = (seed: number, options: object, exploit = true): Promise<ToyResult> =>
    runToy({ exploit, space: twoQuadraticsSpace as unknown as Space<Params>, objective: twoQuadraticsObjective as 'max q', options: { ...twoQuadraticsOptions, ...options }, steps: twoQuadraticsSteps, every: 5, seed, workers: 2, train: trainTwoQuadratics, checkReplay: seed === 0 });
  const meanOfBest = async (seeds: number, options: object, exploit = true): Promise<number> => {
    const finals: number[] = [];
    for (let seed = 0; seed < seeds; seed++) finals.push((await run(seed, options, exploit)).best.get(twoQuadraticsSteps)!);
    return mean(finals);
  };

  test('exploit with a resample from U(0, 1) comes above 1.19', async () => {
    expect(await meanOfBest(40, { explore: 'resample' })).toBeGreaterThan(1.19);
  }, 60_000);

  test('exploit with a perturbation alone stays at 0.39: zeros stay zero', async () => {
    expect(await meanOfBest(40, { explore: 'perturb', resample: 0 })).toBeCloseTo(0.39, 2);
  }, 60_000);

  test('without exploit it stays at 0.39', async () => {
    expect(await meanOfBest(1, {}, false)).toBeCloseTo(0.39, 2);
  });
});

/** What of the log says how a population lived: see `audit`. */
interface Fact {
  readonly trial: number;
  readonly done: number;
  readonly value: number;
}

/**
 * An audit of a synchronous population's log: whoever was replaced stood in the bottom quantile, its donor in the top one; params
 * changed by a factor or were drawn anew; the child starts from the checkpoint that its donor took at that milestone.
 */
function audit({ log, trials }: ToyResult, quantile: number, factors: readonly number[]): number {
  const values = new Map<number, Fact>();
  const checkpoints = new Map<string, CheckpointId>();
  const holder = new Map<number, number>();
  const member = (trial: number): number => trials[trial]!.member!;
  let replaced = 0;
  for (const event of log) {
    if (event.kind === 'trial_reported') values.set(event.trial, { trial: event.trial, done: event.done, value: Object.values(event.values)[0]! });
    if (event.kind === 'trial_checkpointed') checkpoints.set(`${event.trial} ${event.done}`, event.checkpoint);
    if (event.kind !== 'trial_created' || event.member === undefined) continue;
    const before = holder.get(event.member);
    holder.set(event.member, event.trial);
    if (before === undefined) continue;
    replaced++;
    const { from, because, params } = event;
    if (!from || because.kind !== 'exploit') throw new Error(`trial ${event.trial} took a place without a donor`);
    expect(because.donor).toBe(from.trial);
    const donor = trials[from.trial]!;
    const bottom = values.get(before)!;
    expect(from.done).toBe(bottom.done);
    // Of the population at this milestone, as it stood before anybody was replaced.
    const peers = [...values.values()].filter(({ done }) => done === bottom.done).sort((a, b) => b.value - a.value || member(a.trial) - member(b.trial));
    const size = Math.floor(quantile * peers.length);
    expect(peers.slice(-size).map(({ trial }) => trial)).toContain(before);
    expect(peers.slice(0, size).map(({ trial }) => trial)).toContain(from.trial);
    expect(checkpoints.get(`${from.trial} ${from.done}`)).toBe(from.checkpoint);
    for (const [name, value] of Object.entries(params)) {
      const ratio = (value as number) / (donor.params[name] as number);
      const perturbed = factors.some((factor) => Math.abs(ratio - factor) < 1e-9) || value === 0.02 || value === 1e-4;
      expect(perturbed || because.change.includes('drawn')).toBe(true);
    }
  }
  return replaced;
}

describe("Ray's moving optimum", () => {
  const seeds = 200;
  const steps = [60, 200, 400] as const;
  // The figures to be reproduced are means of 200 seeds themselves: four standard errors of the difference of two such means.
  const margin = 4 * Math.SQRT2;
  const run = (seed: number, exploit: boolean): Promise<ToyResult> =>
    runToy({ exploit, space: movingOptimumSpace as unknown as Space<Params>, objective: movingOptimumObjective as 'max accuracy', options: { ...movingOptimumOptions, synchronous: true, founders: [] }, steps: 400, every: 4, seed, workers: 1, train: trainMovingOptimum(seed), checkReplay: seed === 0 });

  test('a synchronous population through one worker is distributed as the reference is', async () => {
    const ours = new Map(steps.map((step) => [step, [] as number[]]));
    let replaced = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const result = await run(seed, true);
      for (const step of steps) ours.get(step)!.push(result.best.get(step)!);
      // Each member's steps once: a child's begin where its donor's checkpoint lies.
      expect(result.spentSteps).toBe(8 * 400);
      replaced += audit(result, movingOptimumOptions.quantile, [0.8, 1.2]);
    }
    // Two of eight at each of 99 decision points.
    expect(replaced).toBe(seeds * 2 * 99);
    const reference = Array.from({ length: seeds }, (_, seed) => simulateReference({ seed, steps: 400 }));
    for (const [step, wanted] of [[60, 52], [200, 190], [400, 392]] as const) {
      const values = ours.get(step)!;
      expect(Math.abs(mean(values) - wanted)).toBeLessThan(margin * standardError(values));
      expect(kolmogorovSmirnov(values, reference.map((best) => best[step - 1]!)).distance).toBeLessThanOrEqual(1.36 * Math.sqrt(2 / seeds));
    }
  }, 600_000);

  test('without exploit it comes to a fraction of that', async () => {
    const bests = [];
    for (let seed = 0; seed < seeds; seed++) bests.push((await run(seed, false)).best);
    for (const [step, wanted] of [[60, 21], [200, 49], [400, 70]] as const) {
      const values = bests.map((best) => best.get(step)!);
      expect(Math.abs(mean(values) - wanted)).toBeLessThan(margin * standardError(values));
    }
  }, 600_000);
});
