import { constants, existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileError } from '../blobs/file-error.js';
import { openHome } from '../home/home.js';
import { syncPath } from '../sync-path.js';
import { systemEntropy } from '../system-entropy.js';
import { readBackupInfo, writeDurably } from './backup-info.js';
import type { BackupInfo } from './backup-info.js';
import { checkCopy } from './check-copy.js';
import { putRestored, restoredMark, restoringPath } from './put-restored.js';

/** Which backup is brought back, and where to. */
export interface RestoreRequest {
  /** A folder that `backUp` made. */
  readonly directory: string;
  /** The home; made where there is none. */
  readonly home: string;
  /** Is told how far it has come, in a few words. */
  onProgress(text: string): void;
}

/** A backup that was brought back. */
export interface Restored extends BackupInfo {
  /** Where the store is that was there before; absent: there was none. */
  readonly replaced?: string;
}

/** Files that are copied and synced at once. */
const atOnce = 16;

/**
 * Puts the content of a backup in the place of a home's store, which is kept beside it. The copy is read as a whole first, and
 * takes its place in two renames; a death between them is put right by whoever opens the home next.
 * @throws ParamoError INVALID_ARGUMENT, HOME_LOCKED while a daemon is at work, STORE_FORMAT, STORE_FULL, STORE_CORRUPT; the home is as
 * it was then.
 */
export async function restore({ directory, home: path, onProgress }: RestoreRequest): Promise<Restored> {
  const source = resolve(directory);
  const info = await readBackupInfo(source);
  const home = await openHome(path, { entropy: systemEntropy });
  const draft = restoringPath(home.storePath);
  try {
    // One that is whole was about to take its place when its process died.
    await putRestored(home.storePath);
    await rm(draft, { recursive: true, force: true });
    await copyFiles(source, draft, onProgress);
    await checkCopy(draft, onProgress);
    await writeDurably(join(draft, restoredMark), info);
    await syncPath(draft);
    const replaced = await putRestored(home.storePath);
    return { ...info, ...(replaced !== undefined && { replaced }) };
  } catch (thrown) {
    if (!existsSync(join(draft, restoredMark))) await rm(draft, { recursive: true, force: true });
    throw fileError(thrown, 'the backup could not be brought back');
  } finally {
    home.release();
  }
}

/** Copies database and blobs, durably. They are no links: a backup stays what it is whatever becomes of the store. */
async function copyFiles(from: string, to: string, onProgress: (text: string) => void): Promise<void> {
  const folders = readdirSync(join(from, 'blobs')).map((name) => join('blobs', name));
  await mkdir(join(to, 'blobs'), { recursive: true, mode: 0o700 });
  for (const folder of folders) await mkdir(join(to, folder), { mode: 0o700 });
  const files = ['data.mdb', ...folders.flatMap((folder) => readdirSync(join(from, folder)).map((name) => join(folder, name)))];
  for (let i = 0; i < files.length; i += atOnce) {
    onProgress(`copying ${i} of ${files.length} files`);
    await Promise.all(files.slice(i, i + atOnce).map(async (file) => {
      await copyFile(join(from, file), join(to, file), constants.COPYFILE_FICLONE);
      await syncPath(join(to, file));
    }));
  }
  for (const folder of [...folders, 'blobs', '']) await syncPath(join(to, folder));
}
