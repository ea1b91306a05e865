import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trial } from '@paramo/client';
import { note } from '../output.js';

/** A directory in which a program leaves checkpoints. */
export interface CheckpointFolder {
  readonly path: string;
  /** Saves the newest of those that have come. One at a time; resolves when it is stored, or is not. */
  poll(): Promise<void>;
}

/**
 * Makes the directory. What the program has there under the number of a step, as in `$PARAMO_CHECKPOINT_DIR/11`, is the state after
 * that step: a directory, which must come there as a whole, by a rename. Once it was looked at it is removed.
 */
export async function createCheckpointFolder(path: string, trial: Trial): Promise<CheckpointFolder> {
  await mkdir(path);
  let saving = Promise.resolve();
  const save = async (): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    const steps = entries.filter((entry) => entry.isDirectory() && /^\d{1,15}$/.test(entry.name)).map(({ name }) => name).sort((a, b) => Number(a) - Number(b));
    const newest = steps.at(-1);
    if (newest === undefined) return;
    try {
      await trial.checkpoint((directory) => cp(join(path, newest), directory, { recursive: true }), { force: true, step: Number(newest) });
    } catch (error) {
      note(`the checkpoint of step ${newest} of trial ${trial.number} was not stored: ${error instanceof Error ? error.message : String(error)}`);
    }
    for (const step of steps) await rm(join(path, step), { recursive: true, force: true });
  };
  return {
    path,
    poll: () => (saving = saving.then(save)),
  };
}
