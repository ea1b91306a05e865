import { ParamoError } from '@paramo/client';
import type { Trial } from '@paramo/client';
import { CustomCallback } from '@tensorflow/tfjs';
import type { LayersModel, Logs } from '@tensorflow/tfjs';
import { saveModel } from './model-checkpoint.js';

/** What of a trial the callback uses. */
export type ReportingTrial = Pick<Trial, 'report' | 'checkpoint' | 'stopped' | 'signal' | 'fidelity'>;

/**
 * A callback for `model.fit` and `model.fitDataset` that reports the logs of every epoch (`loss`, `acc`, `val_loss`, …)
 * at step = epoch, and ends the training through `model.stopTraining` when the trial should end: after an epoch when
 * that is decided, between two batches when it comes from outside. An epoch that is cut short is not reported. Training
 * also ends after `fidelity.steps` epochs. After an epoch it saves weights, optimizer and epoch as a checkpoint, when one is
 * due; `restoreModel` goes on from there. It ends, fails or releases no trial.
 *
 * `fit` waits at milestones for the stopper's decision and otherwise for nothing. Give it alone, or in an array with
 * other `tf.Callback`s.
 * @throws ParamoError INVALID_ARGUMENT, out of `fit`, when the model comes from another copy of TensorFlow.js than this
 * package's peer.
 */
export function paramoCallback(trial: ReportingTrial): CustomCallback {
  return new TrialCallback(trial);
}

/** `CustomCallback`, not `Callback`: it gives the event loop its turns during `fit`, which heartbeats need. */
class TrialCallback extends CustomCallback {
  #model: LayersModel | undefined;
  readonly #ended: () => boolean;

  constructor(trial: ReportingTrial) {
    let cut = false;
    const ended = (): boolean => trial.stopped !== undefined || trial.signal.aborted;
    super({
      onEpochBegin: () => {
        cut = false;
      },
      onBatchEnd: () => {
        if (!ended()) return;
        cut = true;
        this.#stop();
      },
      onEpochEnd: async (epoch, logs) => {
        if (!cut) {
          await trial.report(numbersOf(logs), epoch);
          await trial.checkpoint((directory) => saveModel(this.#model!, directory));
        }
        if (ended() || epoch + 1 >= (trial.fidelity.steps ?? Number.POSITIVE_INFINITY)) this.#stop();
      },
    });
    this.#ended = ended;
  }

  // `fit` hands its model to callbacks that are instances of its own classes, and to no others.
  override setModel(model: Parameters<CustomCallback['setModel']>[0]): void {
    this.#model = model as unknown as LayersModel;
  }

  override async onTrainBegin(): Promise<void> {
    // A copy of TensorFlow.js that does not know this class calls the method on a callback of its own.
    if (!(this instanceof TrialCallback)) throw otherCopy();
    // `fit` takes back a stop that is set now, but it trains no longer than the first batch.
    if (this.#ended()) this.#stop();
  }

  #stop(): void {
    if (this.#model) (this.#model as unknown as { stopTraining: boolean }).stopTraining = true;
  }
}

function numbersOf(logs: Logs | undefined): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(logs ?? {})) if (typeof value === 'number') numbers[name] = value;
  return numbers;
}

function otherCopy(): ParamoError {
  return new ParamoError({
    code: 'INVALID_ARGUMENT',
    message: 'the model comes from another copy of TensorFlow.js than @paramo/adapter-tfjs uses',
    hint: 'See them with `npm ls @tensorflow/tfjs-layers`, and install one.',
  });
}
