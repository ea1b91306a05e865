import { isParamoError, ParamoError } from '@paramo/core';
import type { Attempt } from '../attempt.js';
import type { Connection } from '../connect.js';
import { waitForNews } from '../wait-for-news.js';
import { cutDirectory } from './cut-directory.js';
import { sendCheckpoint } from './send-checkpoint.js';

/** Writes the state of the training into an empty directory. */
export type SaveInto = (directory: string) => unknown;

/** A checkpoint to save. */
export interface CheckpointToSave {
  readonly connection: Connection;
  readonly attempt: Attempt;
  readonly done: number;
  readonly save: SaveInto;
  /** How long it is tried while the daemon is away. */
  readonly patienceMs: number;
}

/** Nobody waits for the trial any more, which its next report says. */
const over = ['FENCED', 'TRIAL_ENDED', 'TRIAL_NOT_FOUND', 'STUDY_NOT_FOUND'] as const;
/** What the code of the trial can put right. A training cannot help all else: it goes on, and tries again when the next one is due. */
const slips = ['INVALID_ARGUMENT', 'LIMIT_EXCEEDED'] as const;

/**
 * Saves a checkpoint of step `done`, after every report up to there is on disk. True once it is stored and decided about; false
 * when the trial is over or taken over, or it could not be stored, which is said once on stderr.
 * @throws what `save` throws; ParamoError INVALID_ARGUMENT, LIMIT_EXCEEDED for a directory that cannot be stored.
 */
export async function saveCheckpoint(given: CheckpointToSave): Promise<boolean> {
  const { connection: { workFolder, warnings }, attempt, save } = given;
  const notStored = (error: unknown): false => {
    if (slips.some((code) => isParamoError(error, code))) throw error;
    const why = error instanceof Error ? error.message : String(error);
    if (!over.some((code) => isParamoError(error, code))) warnings.once('checkpoint', `a checkpoint of trial ${attempt.trial} was not stored: ${why}`);
    return false;
  };
  const directory = await workFolder.open().catch(notStored);
  if (directory === false) return false;
  try {
    await save(directory);
    return await storeDirectory(given, directory).catch(notStored);
  } finally {
    await workFolder.remove(directory);
  }
}

async function storeDirectory({ connection, attempt, done, patienceMs }: CheckpointToSave, directory: string): Promise<boolean> {
  const { reporter, clock } = connection;
  const cut = await cutDirectory(directory);
  reporter.flush();
  const isGone = (): boolean => attempt.finishing || attempt.verdict === 'fenced' || attempt.verdict === 'ended';
  const acked = (): boolean => !attempt.hasWork || isGone();
  const reported = await waitForNews({ attempt, reporter, clock, until: acked, timeoutMs: patienceMs, goOnWhenAway: false, signal: new AbortController().signal });
  if (isGone()) return false;
  if (!reported) throw new ParamoError({ code: 'UNAVAILABLE', message: 'the daemon is away', hint: 'The training goes on; the next one is tried again.' });
  const { update } = await sendCheckpoint(connection, attempt, done, cut, patienceMs);
  if (update) attempt.apply(update);
  return true;
}
