import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Entropy } from '@paramo/core';
import { syncPath } from '../sync-path.js';
import { openDraft } from './blob-draft.js';
import type { BlobDraft } from './blob-draft.js';
import { checkRoom } from './disk-room.js';
import type { StatDisk } from './disk-room.js';
import { fileError } from './file-error.js';
import { readBlob } from './read-blob.js';

/** Content-addressed files: which of them are needed is not known here. */
export interface BlobFolder {
  /** Where it lies: the blob of the hash abcd… is the file `ab/abcd…` in it. */
  readonly path: string;
  /** A draft for content to come, of `size` bytes when that is known. @throws ParamoError STORE_FULL. */
  draft(size: number): Promise<BlobDraft>;
  /** Makes sure that so much more fits on the disk. @throws ParamoError STORE_FULL. */
  checkRoom(bytes: number): Promise<void>;
  /** Makes sealed drafts the blobs of their hashes, durable when it resolves. A blob already there is replaced: it may have been damaged. */
  keep(...sealed: readonly SealedDraft[]): Promise<void>;
  /** The size of a blob in bytes; undefined: it is not there. */
  sizeOf(sha256: string): Promise<number | undefined>;
  /** The content of a blob, verified: see `readBlob`. */
  read(sha256: string, size: number): AsyncIterable<Buffer>;
  /** Removes a blob, if it is there. */
  remove(sha256: string): Promise<void>;
  /** The hashes of all blobs, folder by folder. */
  hashes(): AsyncIterable<string>;
}

/** A draft that is on disk, and the hash of its content. */
export interface SealedDraft {
  readonly draft: BlobDraft;
  readonly sha256: string;
}

const hashPattern = /^[0-9a-f]{64}$/;

/**
 * Opens the folder of blobs at `path`, made where there is none: the blob of the hash abcd… is the file `ab/abcd…`, drafts
 * lie in `incoming/`, and those of a dead daemon are removed. One daemon at a time, as the home's lock sees to.
 */
export async function openBlobFolder(path: string, { entropy, statDisk }: { readonly entropy: Entropy; readonly statDisk?: StatDisk }): Promise<BlobFolder> {
  const incoming = join(path, 'incoming');
  await storing(async () => {
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    await syncPath(dirname(path));
  });
  const fileOf = (sha256: string): string => join(path, sha256.slice(0, 2), sha256);

  return {
    path,
    async draft(size) {
      await storing(() => checkRoom(path, size, statDisk));
      return openDraft(join(incoming, Buffer.from(entropy.bytes(16)).toString('hex')));
    },
    checkRoom: (bytes) => storing(() => checkRoom(path, bytes, statDisk)),
    keep: (...sealed) =>
      storing(async () => {
        const folders = new Set<string>();
        for (const { draft, sha256 } of sealed) {
          const file = fileOf(sha256);
          await mkdir(dirname(file), { recursive: true, mode: 0o700 });
          await draft.moveTo(file);
          folders.add(dirname(file));
        }
        // The last one holds the others: they may be new, made for these blobs or a moment ago for others.
        for (const folder of [...folders, path]) await syncPath(folder);
      }),
    sizeOf: async (sha256) => (await stat(fileOf(sha256)).catch(() => undefined))?.size,
    read: (sha256, size) => readBlob(fileOf(sha256), sha256, size),
    remove: (sha256) => rm(fileOf(sha256), { force: true }),
    async *hashes() {
      for (const folder of await readdir(path)) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        for (const name of await readdir(join(path, folder))) if (hashPattern.test(name) && name.startsWith(folder)) yield name;
      }
    },
  };
}

async function storing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw fileError(thrown, 'artifacts cannot be stored');
  }
}
