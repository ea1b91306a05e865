import { choice, createRandom, float, int, space } from '@paramo/core';
import type { Params, Random, Space } from '@paramo/core';
import type { StudyOptions } from '@paramo/client';

/** A study of a run, and how its trials train. */
export interface StudyPlan {
  readonly options: StudyOptions<Space<Params>, 'min loss'>;
  /** Steps of a trial. */
  readonly steps: number;
  /** What a step takes, in virtual milliseconds. */
  readonly stepMs: number;
  readonly saves: boolean;
  /** Whether no two trials of its strategy may have the same params. */
  readonly distinct: boolean;
}

/** How a worker gets its trials. */
export type WorkerMode = 'tune' | 'each' | 'ask';

/** What a run consists of. Everything follows from the seed. */
export interface Workload {
  readonly studies: readonly StudyPlan[];
  readonly workers: readonly { readonly mode: WorkerMode; readonly slots: number }[];
  /** How long things go wrong, in virtual milliseconds. */
  readonly safetyMs: number;
  /** Whether workers keep on disk what the daemon does not have yet. */
  readonly spools: boolean;
}

const kinds = ['random', 'grid', 'asha', 'promotion', 'median', 'drawing', 'cutting', 'halving', 'replacing', 'copying', 'pbt'] as const;

/** Draws what a run of this seed consists of. */
export function drawWorkload(seed: number): Workload {
  const random = createRandom('workload', seed);
  const studies = Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, (_, i) => drawStudy(random, `study ${i}`));
  // Two slots that are told something at once would race for the files of their checkpoints.
  const mostSlots = studies.some(({ saves }) => saves) ? 1 : 2;
  return {
    studies,
    workers: Array.from({ length: 1 + random.int(5) }, () => ({ mode: random.pick(['tune', 'tune', 'each', 'ask'] as const), slots: 1 + random.int(mostSlots) })),
    safetyMs: 10_000 + random.int(35_000),
    spools: random.next() < 0.3,
  };
}

function drawStudy(random: Random, name: string): StudyPlan {
  const kind = random.pick(kinds);
  const steps = kind === 'pbt' ? 6 : 2 + random.int(4);
  const saves = kind === 'copying' || kind === 'pbt' || ((kind === 'promotion' || kind === 'halving') && random.next() < 0.3);
  const common = {
    name, objective: 'min loss', seed: random.int(1000), lease: random.pick(['2s', '5s', '10s']), retries: random.int(4), maxFailures: 1000, retryOnFailure: random.next() < 0.5,
    keepCheckpoints: 1 + random.int(3), budget: { trials: 2 + random.int(7) },
  } as const;
  const flat = space({ x: float(0, 1), opt: choice(['a', 'b']) });
  const finite = space({ n: int(1, 3), opt: choice(['a', 'b']) });
  const plan = (options: Partial<StudyPlan['options']>, distinct = false): StudyPlan => ({
    options: { ...common, space: flat as Space<Params>, strategy: 'random', ...options }, steps, stepMs: random.pick([20, 200, 900]), saves, distinct,
  });
  switch (kind) {
    case 'random':
      return plan({ space: finite as Space<Params> }, true);
    case 'grid':
      return plan({ space: finite as Space<Params>, strategy: 'grid' }, true);
    case 'asha':
      return plan({ stopper: { name: 'asha', options: { eta: 2 } }, steps });
    case 'promotion':
      return plan({ stopper: { name: 'asha', options: { eta: 2, form: 'promote' } }, steps });
    case 'median':
      return plan({ stopper: { name: 'median', options: { startupTrials: 2 } } });
    case 'drawing':
      return plan({ strategy: 'drawing' });
    case 'cutting':
    case 'halving':
      return plan({ strategy: 'drawing', stopper: kind });
    case 'replacing':
    case 'copying':
      return plan({ strategy: kind });
    case 'pbt':
      return plan({ strategy: { name: 'pbt', options: { population: 3, every: 2, quantile: 0.34, synchronous: random.next() < 0.3 } }, steps, budget: { trials: 3 } });
  }
}

/** What a trial reports: of every attempt something else, so that nothing can be taken for another attempt's. */
export function lossOf(seed: number, study: string, trial: number, attempt: number, step: number): number {
  return createRandom('loss', seed, study, trial, attempt, step).next() * 12;
}
