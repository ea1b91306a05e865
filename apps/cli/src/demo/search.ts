import { paramoCallback } from '@paramo/adapter-tfjs';
import { findStudy, isParamoError, openStudy, tune } from '@paramo/client';
import type { Connection, SingleStudy, StrategyChoice } from '@paramo/client';
import * as tf from '@tensorflow/tfjs';
import type { Digits } from './digits.js';
import { defaultParams, isCompared } from './final.js';
import { networkSpace, trainNetwork } from './network.js';
import type { NetworkParams } from './network.js';
import type { DemoOptions } from './options.js';
import type { Progress } from './progress.js';

/** The study of the search. */
export type SearchStudy = SingleStudy<NetworkParams, 'max val_acc'>;

/** What the strategies need to be told; the others need nothing. */
const strategies: Readonly<Record<string, StrategyChoice>> = {
  grid: { name: 'grid', options: { points: { lr: 4, units: 3, dropout: 2 }, order: 'shuffled' } },
};

/** The strategies whose first trial is the space's defaults without being told. */
const startWithDefaults: readonly string[] = ['bayes', 'random'];

function studyOptions({ studyName, strategy, trials }: DemoOptions) {
  return {
    name: studyName,
    space: networkSpace,
    objective: 'max val_acc',
    strategy: strategies[strategy] ?? strategy,
    stopper: { name: 'median', options: { startupTrials: 4, warmupSteps: 2 } },
    budget: { trials },
    // A demo that was killed is started again at once: its trial should be free soon.
    lease: '10s',
  } as const;
}

/**
 * The study to work on: one that was interrupted, before or after its search had ended, goes on; otherwise a new one
 * begins, whose first trial is the space's defaults.
 */
export async function openSearch(connection: Connection, options: DemoOptions): Promise<SearchStudy> {
  const former = await findStudy(options.studyName, { connection }).catch((error: unknown) => {
    if (isParamoError(error, 'STUDY_NOT_FOUND')) return undefined;
    throw error;
  });
  const over = former?.record.state === 'ended';
  const fresh = over && (former.record.bestTrial === undefined || (await isCompared(connection, options.finalName, former.id)));
  const study = await openStudy({ ...studyOptions(options), fresh }, { connection });
  if ((former === undefined || fresh) && !startWithDefaults.includes(options.strategy)) await study.enqueue(defaultParams);
  return study;
}

/** Evaluates trials until the study ends. Each is a training on a subset of the digits that the stopper may end early. */
export async function search(connection: Connection, options: DemoOptions, digits: Digits, progress: Progress): Promise<void> {
  const { epochs } = options.scale;
  await tune(
    studyOptions(options),
    async (trial) => {
      progress.start(trial.number, trial.params);
      const show = new tf.CustomCallback({ onEpochEnd: (epoch, logs) => progress.epoch(epoch, logs?.['val_acc'] ?? Number.NaN) });
      await trainNetwork({ params: trial.params, seed: trial.seed, train: digits.search, heldOut: digits.validation, epochs, callbacks: [show, paramoCallback(trial)] });
    },
    { connection, onTrial: (trial) => progress.end(trial) },
  );
}
