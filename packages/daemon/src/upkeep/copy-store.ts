import { constants } from 'node:fs';
import { chmod, copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ErrorCode } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { fileError, storeFull } from '../blobs/file-error.js';
import { isForWantOfRoom, openDatabase, unreadable } from '../store/lmdb-read.js';
import { openSnapshot } from '../store/lmdb-snapshot.js';
import { syncPath } from '../sync-path.js';
import { neededBlobs } from './needed-blobs.js';
import type { NeededBlob } from './needed-blobs.js';

/** Which store is copied, and where to. */
export interface CopyRequest {
  /** The database file; its daemon may be at work. */
  readonly data: string;
  readonly blobs: string;
  /** An empty folder, for `data.mdb` and `blobs/`. */
  readonly target: string;
}

/** How far a copy has come, or why there is none. */
export type CopyNews =
  | { readonly kind: 'progress'; readonly what: 'database' | 'blobs'; readonly done: number }
  | { readonly kind: 'error'; readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string } };

/** Blobs that nothing needs any more go once a minute, so a second round is rarely needed. */
const mostRounds = 20;
const progressEvery = 20;

/**
 * Copies a store as it is at one moment, durably. Blobs are linked where the target is on the same disk: they never change.
 * A blob that goes before its turn has come was needed a moment ago and is not any more; then the database is copied
 * once more, and what has come since.
 */
export async function* copyStore({ data, blobs, target }: CopyRequest): AsyncGenerator<CopyNews, void, undefined> {
  const copy = join(target, 'data.mdb');
  const taken = new Set<string>();
  for (let round = 1; ; round++) {
    yield { kind: 'progress', what: 'database', done: round };
    await copyDatabase(data, copy);
    const { needed, gone } = yield* takeBlobs(copy, { from: blobs, to: join(target, 'blobs'), taken });
    if (gone.length === 0) {
      for (const sha256 of taken) if (!needed.has(sha256)) await rm(fileOf(join(target, 'blobs'), sha256));
      break;
    }
    const lost = stillNeeded(data, gone);
    if (lost) throw new ParamoError({ code: 'DATA_LOSS', message: `the content ${lost.sha256} of ${lost.who} is not there`, hint: '`paramo doctor` says what else is damaged. Delete what needs it, or store it again; then all else can be backed up.' });
    if (round === mostRounds) throw new ParamoError({ code: 'OVERLOADED', message: 'checkpoints come and go faster than they can be copied', hint: 'Back up to the disk of the home, where nothing has to be copied, or when less is running.' });
  }
  for (const folder of await readdir(join(target, 'blobs'))) await syncPath(join(target, 'blobs', folder));
  for (const folder of [join(target, 'blobs'), target]) await syncPath(folder);
}

async function copyDatabase(data: string, copy: string): Promise<void> {
  await rm(copy, { force: true });
  const db = openDatabase(data, { readOnly: true });
  try {
    await db.backup(copy, true);
  } catch (cause) {
    throw isForWantOfRoom(cause) ? storeFull(`the backup could not be written: ${(cause as Error).message}`, cause) : unreadable(data, cause);
  } finally {
    await db.close();
  }
  await storing(async () => {
    await chmod(copy, 0o600);
    await syncPath(copy);
  });
}

/** Takes the blobs that the copied database needs; answers their hashes, and which were not there. */
async function* takeBlobs(copy: string, { from, to, taken }: { readonly from: string; readonly to: string; readonly taken: Set<string> }): AsyncGenerator<CopyNews, { readonly needed: ReadonlySet<string>; readonly gone: readonly NeededBlob[] }, undefined> {
  const needed = new Set<string>();
  const gone: NeededBlob[] = [];
  await storing(() => mkdir(to, { recursive: true, mode: 0o700 }));
  const snapshot = openSnapshot(copy);
  try {
    for (const blob of neededBlobs(snapshot, (studyId) => `study ${studyId}`)) {
      if ('error' in blob) throw new ParamoError({ code: 'STORE_CORRUPT', message: `${blob.who} cannot be decoded: ${blob.error}`, hint: '`paramo doctor` says what else is damaged.' });
      needed.add(blob.sha256);
      if (taken.has(blob.sha256)) continue;
      if (await takeFile(fileOf(from, blob.sha256), fileOf(to, blob.sha256))) taken.add(blob.sha256);
      else gone.push(blob);
      if (needed.size % progressEvery === 0) yield { kind: 'progress', what: 'blobs', done: needed.size };
    }
  } finally {
    await snapshot.close();
    await rm(`${copy}-lock`, { force: true });
  }
  return { needed, gone };
}

/** The first of these blobs that the store needs to this moment. */
function stillNeeded(data: string, gone: readonly NeededBlob[]): NeededBlob | undefined {
  const now = openSnapshot(data);
  try {
    return gone.find(({ use }) => now.get(use) !== undefined);
  } finally {
    void now.close();
  }
}

/** Links a file, or copies it where that cannot be. False: it is not there. */
async function takeFile(from: string, to: string): Promise<boolean> {
  return storing(async () => {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    try {
      await link(from, to);
      return true;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    }
    try {
      await copyFile(from, to, constants.COPYFILE_FICLONE);
      await syncPath(to);
      return true;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw thrown;
    }
  });
}

function fileOf(folder: string, sha256: string): string {
  return join(folder, sha256.slice(0, 2), sha256);
}

async function storing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw fileError(thrown, 'the backup could not be written');
  }
}
