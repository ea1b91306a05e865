import { paramoCallback } from '@paramo/adapter-tfjs';
import { findStudy, openStudy, track, tune } from '@paramo/client';
import type { Params } from '@paramo/core';
import * as tf from '@tensorflow/tfjs';
import { openBackend } from './backend.js';
import { loadDigits } from './digits.js';
import type { Digits } from './digits.js';
import { findRun } from './final-runs.js';
import { describeNetwork, networkSpace, trainNetwork } from './network.js';
import type { NetworkParams } from './network.js';
import { searchSettings, startsWithDefaults } from './study-options.js';
import type { CreateTrainer, Role, SearchStudy } from './trainer.js';

const defaults: NetworkParams = networkSpace.defaults() ?? networkSpace.center();
// The same for both configurations of the comparison, so that they differ in their params alone.
const finalSeed = 1;
/** What a network can change while it is trained. */
const mutate: readonly (keyof NetworkParams)[] = ['lr', 'dropout', 'batch'];

/** Networks of TensorFlow.js, trained in this process. */
export const createTfjsTrainer: CreateTrainer = (connection, options) => {
  const { scale, studyName, finalName, trials, epochs } = options;
  const study = {
    name: studyName,
    space: networkSpace,
    objective: 'max val_acc',
    ...searchSettings(options, { grid: { lr: 4, units: 3, dropout: 2 }, mutate }),
    steps: epochs,
    budget: { trials },
    // A demo that was killed is started again at once: its trial should be free soon.
    lease: '10s',
  } as const;
  let digits: Digits;

  return {
    defaults: defaults as Params,
    finalImages: scale.finalImages,
    testImages: scale.testImages,
    describe: (params) => describeNetwork(params as NetworkParams),
    async prepare() {
      const backend = await openBackend();
      digits = await loadDigits(scale);
      return `${scale.searchImages} digits, ${epochs} epochs, TensorFlow.js on ${backend}`;
    },
    async openStudy(fresh) {
      const known = fresh ? undefined : await findStudy(studyName, { connection }).catch(() => undefined);
      const opened = await openStudy({ ...study, fresh }, { connection });
      if (!known && !startsWithDefaults.has(options.strategy)) await opened.enqueue(defaults);
      return opened as unknown as SearchStudy;
    },
    async search(progress) {
      await tune(
        study,
        async (trial) => {
          progress.start(trial.number, trial.params);
          const show = new tf.CustomCallback({ onEpochEnd: (epoch, logs) => progress.epoch(epoch, logs?.['val_acc'] ?? Number.NaN) });
          await trainNetwork({ params: trial.params, seed: trial.seed, train: digits.search, heldOut: digits.validation, epochs, from: trial, callbacks: [show, paramoCallback(trial)] });
        },
        { connection, onTrial: (trial) => progress.end(trial) },
      );
    },
    async compare(searched, best, show) {
      const train = async (role: Role, params: NetworkParams): Promise<number> => {
        const known = await findRun(connection, finalName, searched, role);
        const run = known ?? (await track(finalName, { connection, params, seed: finalSeed, attributes: { study: searched, role } }, async (tracked) => {
          const shown = new tf.CustomCallback({ onEpochEnd: (epoch, logs) => show(role, epoch, logs?.['val_acc'] ?? Number.NaN) });
          await trainNetwork({ params, seed: finalSeed, train: digits.final, heldOut: digits.test, epochs, callbacks: [shown, paramoCallback(tracked)] });
        }));
        // TensorFlow.js answers in single precision.
        return Number((run.metrics['val_acc'] ?? Number.NaN).toFixed(4));
      };
      return { default: await train('default', defaults), best: await train('best', best as NetworkParams) };
    },
  };
};
