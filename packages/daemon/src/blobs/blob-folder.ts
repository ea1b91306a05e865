import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Entropy } from '@paramo/core';
import { openDraft } from './blob-draft.js';
import type { BlobDraft } from './blob-draft.js';
import { checkRoom } from './disk-room.js';
import type { StatDisk } from './disk-room.js';
import { fileError } from './file-error.js';
import { readBlob } from './read-blob.js';

/** Content-addressed files: which of them are needed is not known here. */
export interface BlobFolder {
  /** A draft for content to come, of `size` bytes when that is known. @throws ParamoError STORE_FULL. */
  draft(size: number): Promise<BlobDraft>;
  /** Makes sure that so much more fits on the disk. @throws ParamoError STORE_FULL. */
  checkRoom(bytes: number): Promise<void>;
  /** Makes a sealed draft the blob of its hash, durable when it resolves. A blob already there is replaced: it may have been damaged. */
  keep(draft: BlobDraft, sha256: string): Promise<void>;
  /** The content of a blob, verified: see `readBlob`. */
  read(sha256: string, size: number): AsyncIterable<Buffer>;
  /** Removes a blob, if it is there. */
  remove(sha256: string): Promise<void>;
  /** The hashes of all blobs, folder by folder. */
  hashes(): AsyncIterable<string>;
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
    await syncFolder(dirname(path));
  });
  const fileOf = (sha256: string): string => join(path, sha256.slice(0, 2), sha256);

  return {
    async draft(size) {
      await storing(() => checkRoom(path, size, statDisk));
      return openDraft(join(incoming, Buffer.from(entropy.bytes(16)).toString('hex')));
    },
    checkRoom: (bytes) => storing(() => checkRoom(path, bytes, statDisk)),
    keep: (draft, sha256) =>
      storing(async () => {
        const file = fileOf(sha256);
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await draft.moveTo(file);
        await syncFolder(dirname(file));
        // The folder may be new, made for this blob or a moment ago for another one.
        await syncFolder(path);
      }),
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

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}

async function storing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw fileError(thrown, 'artifacts cannot be stored');
  }
}
