import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ParamoError } from '@paramo/client';
import type { Trial } from '@paramo/client';
import { io } from '@tensorflow/tfjs';
import type { LayersModel, Optimizer, Tensor } from '@tensorflow/tfjs';

/** What of a trial `restoreModel` uses. */
export type ResumingTrial = Pick<Trial, 'resume'>;

/** What the file `checkpoint.json` says of the two files of numbers beside it. */
interface Contents {
  readonly weights: io.WeightsManifestEntry[];
  /** Absent: the optimizer cannot tell its state. */
  readonly optimizer?: { readonly className: string; readonly state: io.WeightsManifestEntry[] };
}

const contentsFile = 'checkpoint.json';
const weightsFile = 'weights.bin';
const optimizerFile = 'optimizer.bin';

/** Writes a compiled model's weights and the state of its optimizer into a directory, all bits of them. */
export async function saveModel(model: LayersModel, directory: string): Promise<void> {
  // By place: two layers may share a name.
  const weights = await io.encodeWeights(model.getWeights().map((tensor, i) => ({ name: `${i}`, tensor })));
  const { optimizer } = model;
  const state = await optimizer.getWeights().catch(() => undefined);
  const encoded = state && (await io.encodeWeights(state.map(({ tensor }, i) => ({ name: `${i}`, tensor }))));
  state?.find(({ name }) => name === 'iter')?.tensor.dispose();
  const contents: Contents = {
    weights: weights.specs,
    ...(encoded && { optimizer: { className: optimizer.getClassName(), state: encoded.specs.map((spec, i) => ({ ...spec, name: state[i]!.name })) } }),
  };
  await writeFile(join(directory, weightsFile), new Uint8Array(weights.data));
  if (encoded) await writeFile(join(directory, optimizerFile), new Uint8Array(encoded.data));
  await writeFile(join(directory, contentsFile), JSON.stringify(contents));
}

/**
 * Puts the checkpoint that a trial goes on from, if there is one, into a model that was built and compiled as the trial's
 * params say: weights and, where the optimizer is of the same kind, its state. A learning rate stays as it was compiled, so a
 * member of a population goes on with its own. Answers the epoch to begin with, for `fit({ initialEpoch })`: 0 without a checkpoint.
 * @throws ParamoError INVALID_ARGUMENT when the model is not the one that was saved: its weights have other shapes.
 */
export async function restoreModel(trial: ResumingTrial, model: LayersModel): Promise<number> {
  const { resume } = trial;
  if (!resume) return 0;
  const contents = JSON.parse(await readFile(join(resume.dir, contentsFile), 'utf8')) as Contents;
  const weights = await decode(join(resume.dir, weightsFile), contents.weights);
  try {
    checkShapes(model, weights);
    model.setWeights(weights);
  } finally {
    for (const tensor of weights) tensor.dispose();
  }
  const { optimizer } = model;
  if (contents.optimizer?.className === optimizer.getClassName()) await setState(optimizer, join(resume.dir, optimizerFile), contents.optimizer.state);
  return resume.step + 1;
}

/** Lets go of a model and of its optimizer, which `model.dispose()` leaves behind when it was made by hand. */
export function disposeModel(model: LayersModel): void {
  const { optimizer } = model;
  model.dispose();
  optimizer?.dispose();
}

async function setState(optimizer: Optimizer, file: string, specs: readonly io.WeightsManifestEntry[]): Promise<void> {
  const tensors = await decode(file, specs);
  const state = tensors.map((tensor, i) => ({ name: specs[i]!.name, tensor }));
  try {
    await optimizer.setWeights(state);
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

async function decode(file: string, specs: readonly io.WeightsManifestEntry[]): Promise<Tensor[]> {
  const bytes = await readFile(file);
  const byPlace = specs.map((spec, i) => ({ ...spec, name: `${i}` }));
  const tensors = io.decodeWeights(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), byPlace);
  return byPlace.map(({ name }) => tensors[name]!);
}

function checkShapes(model: LayersModel, saved: readonly Tensor[]): void {
  const shapes = (tensors: readonly { readonly shape: readonly (number | null)[] }[]): string => tensors.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');
  const [now, then] = [shapes(model.getWeights()), shapes(saved)];
  if (now === then) return;
  throw new ParamoError({
    code: 'INVALID_ARGUMENT', message: `the checkpoint has weights of the shapes ${then}, the model has ${now}`,
    hint: 'Build the model from the same params as before; params that change its shape cannot be tuned by a population.',
  });
}
