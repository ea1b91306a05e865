import { existsSync, mkdirSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ParamoError } from '@paramo/core';
import { checkRoom } from '../blobs/disk-room.js';
import { fileError } from '../blobs/file-error.js';
import { homeFiles } from '../home/home-files.js';
import { identifySelf, isAlive } from '../home/process-identity.js';
import { syncPath } from '../sync-path.js';
import { infoFile, writeDurably } from './backup-info.js';
import type { BackupInfo } from './backup-info.js';
import { checkCopy } from './check-copy.js';
import type { CopyNews } from './copy-store.js';
import { runChild } from './run-child.js';

const draftMark = '.partial-';

/** What is to be backed up, and where to. */
export interface BackupRequest {
  readonly home: string;
  /** A folder that is not there yet. */
  readonly directory: string;
  readonly version: string;
  readonly nowMs: number;
  /** Is told how far it has come, in a few words. */
  onProgress(text: string): void;
}

/**
 * Makes a copy of a home's store, whether or not its daemon is at work: what was acked when this began is in it. The copy is
 * read as a whole before it gets its name, so that a folder of that name is a good backup.
 * @throws ParamoError INVALID_ARGUMENT, STORE_FULL, STORE_CORRUPT, DATA_LOSS; no such folder is left then.
 */
export async function backUp({ home, directory, version, nowMs, onProgress }: BackupRequest): Promise<BackupInfo> {
  const { storePath } = homeFiles(home);
  const [data, blobs, goal] = [join(storePath, 'data.mdb'), join(storePath, 'blobs'), resolve(directory)];
  if (!existsSync(data)) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `there is no store in ${home}`, hint: 'Name its home with --home or PARAMO_HOME.' });
  if (existsSync(goal)) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `${goal} is there already`, hint: 'Name a folder that is not: a backup is never written over another.' });
  const draft = `${goal}${draftMark}${process.pid}`;
  try {
    await removeLeftovers(goal);
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    await checkRoom(draft, (await stat(data)).size);
    await copyInto(draft, { data, blobs, onProgress });
    const info: BackupInfo = { version, beganMs: nowMs, content: await checkCopy(draft, onProgress) };
    await writeDurably(join(draft, infoFile), info);
    await syncPath(draft);
    await rename(draft, goal);
    await syncPath(dirname(goal));
    return info;
  } catch (thrown) {
    throw fileError(thrown, 'the backup could not be written');
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Removes what a backup of the same name left that was killed. */
async function removeLeftovers(goal: string): Promise<void> {
  const prefix = `${basename(goal)}${draftMark}`;
  for (const name of await readdir(dirname(goal)).catch(() => [])) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0;
    if (pid > 0 && isAlive({ ...identifySelf(), pid, started: '' }) === false) await rm(join(dirname(goal), name), { recursive: true, force: true });
  }
}

async function copyInto(target: string, { data, blobs, onProgress }: { readonly data: string; readonly blobs: string; onProgress(text: string): void }): Promise<void> {
  const copying = runChild<CopyNews>('copy', { data, blobs, target });
  for (let next = await copying.next(); ; next = await copying.next()) {
    if (next.done) {
      if (next.value === undefined) return;
      throw new ParamoError({ code: 'STORE_CORRUPT', message: `${data} cannot be read to its end: the process that did ended with ${next.value}`, hint: '`paramo doctor` names what is damaged.' });
    }
    if (next.value.kind === 'error') throw new ParamoError(next.value.error);
    onProgress(next.value.what === 'database' ? 'copying the database' : `taking ${next.value.done} blobs`);
  }
}
