import { paramoCallback } from '@paramo/adapter-tfjs';
import { findStudy, isParamoError, track } from '@paramo/client';
import type { Connection, StudyTrial } from '@paramo/client';
import * as tf from '@tensorflow/tfjs';
import type { Digits } from './digits.js';
import { networkSpace, trainNetwork } from './network.js';
import type { NetworkParams } from './network.js';
import type { DemoOptions } from './options.js';

/** Which configuration a run of the last comparison trains. */
export type Role = 'default' | 'best';

/** Accuracy on digits that neither the training nor the search has seen. */
export type Comparison = Readonly<Record<Role, number>>;

const roles: readonly Role[] = ['default', 'best'];

/** What the search is compared with: the defaults of its space. */
export const defaultParams: NetworkParams = networkSpace.defaults() ?? networkSpace.center();

// The same for both, so that they differ in their params alone.
const seed = 1;

/** What the comparison shows while it works. */
export type FinalProgress = (role: Role, epoch: number, accuracy: number) => void;

/** Trains the default and the best configuration on more data, each a tracked run, unless an earlier start of the demo did. */
export async function compare(connection: Connection, options: DemoOptions, searched: { readonly studyId: string; readonly best: NetworkParams }, digits: Digits, show: FinalProgress): Promise<Comparison> {
  const params: Readonly<Record<Role, NetworkParams>> = { default: defaultParams, best: searched.best };
  const values: Partial<Record<Role, number>> = {};
  for (const role of roles) {
    const known = await findRun(connection, options.finalName, searched.studyId, role);
    const run = known ?? (await train(connection, options, { study: searched.studyId, role, params: params[role] }, digits, show));
    // TensorFlow.js answers in single precision.
    values[role] = Number((run.metrics['val_acc'] ?? Number.NaN).toFixed(4));
  }
  return values as Comparison;
}

/** Whether both configurations of a search have been trained and compared. */
export async function isCompared(connection: Connection, finalName: string, studyId: string): Promise<boolean> {
  for (const role of roles) if (!(await findRun(connection, finalName, studyId, role))) return false;
  return true;
}

async function findRun(connection: Connection, finalName: string, studyId: string, role: Role): Promise<StudyTrial | undefined> {
  try {
    const runs = await (await findStudy(finalName, { connection })).trials({ filter: 'state = completed' });
    return runs.find(({ attributes }) => attributes['study'] === studyId && attributes['role'] === role);
  } catch (error) {
    if (isParamoError(error, 'STUDY_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function train(connection: Connection, { finalName, scale }: DemoOptions, { study, role, params }: { readonly study: string; readonly role: Role; readonly params: NetworkParams }, digits: Digits, show: FinalProgress): Promise<StudyTrial> {
  return track(finalName, { connection, params, seed, attributes: { study, role } }, async (run) => {
    const shown = new tf.CustomCallback({ onEpochEnd: (epoch, logs) => show(role, epoch, logs?.['val_acc'] ?? Number.NaN) });
    await trainNetwork({ params, seed, train: digits.final, heldOut: digits.test, epochs: scale.epochs, callbacks: [shown, paramoCallback(run)] });
  });
}
