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
/** What a training cannot help: it goes on, and tries again when the next one is due. */
const passing = ['STORE_FULL', 'UNAVAILABLE', 'DAEMON_UNREACHABLE', 'TIMEOUT', 'OVERLOADED', 'ABORTED'] as const;

/**
 * Saves a checkpoint of step `done`, after every report up to there is on disk. True once it is stored and decided about; false
 * when the trial is over or taken over, or the daemon could not store it, which is said once on stderr.
 * @throws what `save` throws; ParamoError INVALID_ARGUMENT for a directory that cannot be stored.
 */
export async function saveCheckpoint({ connection, attempt, done, save, patienceMs }: CheckpointToSave): Promise<boolean> {
  const { reporter, clock, workFolder, warnings } = connection;
  const directory = await workFolder.open();
  try {
    await save(directory);
    const cut = await cutDirectory(directory);
    reporter.flush();
    const isGone = (): boolean => attempt.verdict === 'fenced' || attempt.verdict === 'ended';
    const acked = (): boolean => !attempt.hasWork || isGone();
    const reported = await waitForNews({ attempt, reporter, clock, until: acked, timeoutMs: patienceMs, goOnWhenAway: false, signal: new AbortController().signal });
    if (isGone()) return false;
    if (!reported) throw new ParamoError({ code: 'UNAVAILABLE', message: 'the daemon is away', hint: 'The training goes on; the next one is tried again.' });
    const { update } = await sendCheckpoint(connection, attempt, done, cut, patienceMs);
    if (update) attempt.apply(update);
    return true;
  } catch (error) {
    if (over.some((code) => isParamoError(error, code))) return false;
    if (!passing.some((code) => isParamoError(error, code))) throw error;
    warnings.once('checkpoint', `a checkpoint of trial ${attempt.trial} was not stored: ${ParamoError.from(error).message}`);
    return false;
  } finally {
    await workFolder.remove(directory);
  }
}
