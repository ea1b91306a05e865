import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isParamoError } from '@paramo/core';
import type { Entropy } from '@paramo/core';
import { syncPath } from '../sync-path.js';
import { openDraft } from './blob-draft.js';
import type { BlobDraft } from './blob-draft.js';
import { checkRoom } from './disk-room.js';
import type { StatDisk } from './disk-room.js';
import { fileError } from './file-error.js';
import { isDamage, readBlob } from './read-blob.js';
import { createTurns } from './turns.js';

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
  /** Whether a blob of this size is there; its content is verified when it is asked for first since the folder was opened. */
  has(sha256: string, size: number): Promise<boolean>;
  /** The content of a blob, verified: see `readBlob`. One that is damaged is set aside, so that it is missing from then on. */
  read(sha256: string, size: number): AsyncIterable<Buffer>;
  /** Removes a blob, if it is there, and what was set aside of it. */
  remove(sha256: string): Promise<void>;
  /** The hashes of all blobs, folder by folder, those set aside included. */
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
 * lie in `incoming/`, and those of a dead daemon are removed; damaged blobs lie in `damaged/` until they come anew or nobody needs
 * them. One daemon at a time, as the home's lock sees to.
 */
export async function openBlobFolder(path: string, { entropy, statDisk }: { readonly entropy: Entropy; readonly statDisk?: StatDisk }): Promise<BlobFolder> {
  const incoming = join(path, 'incoming');
  await storing(async () => {
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    await syncPath(dirname(path));
  });
  const fileOf = (sha256: string): string => join(path, sha256.slice(0, 2), sha256);
  const asideOf = (sha256: string): string => join(path, 'damaged', sha256);
  /** Written, or read to their end, since the folder was opened. */
  const sound = new Set<string>();
  /** A damaged blob must not be set aside while the new one takes its place. */
  const turns = createTurns();

  async function* read(sha256: string, size: number): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* readBlob(fileOf(sha256), sha256, size);
      sound.add(sha256);
    } catch (error) {
      // What cannot be set aside now is at the next reading.
      if (isDamage(error)) await turns.take(sha256, () => setAside(sha256, size)).catch(() => undefined);
      throw error;
    }
  }

  async function isSound(sha256: string, size: number): Promise<boolean> {
    try {
      for await (const _ of readBlob(fileOf(sha256), sha256, size));
      return true;
    } catch (error) {
      if (isParamoError(error, 'DATA_LOSS')) return false;
      throw error;
    }
  }

  async function setAside(sha256: string, size: number): Promise<void> {
    sound.delete(sha256);
    // It may have come anew meanwhile.
    if (await isSound(sha256, size)) return;
    await mkdir(dirname(asideOf(sha256)), { recursive: true, mode: 0o700 });
    await rename(fileOf(sha256), asideOf(sha256));
  }

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
          await turns.take(sha256, async () => {
            await draft.moveTo(file);
            await rm(asideOf(sha256), { force: true });
            sound.add(sha256);
          });
          folders.add(dirname(file));
        }
        // The last one holds the others: they may be new, made for these blobs or a moment ago for others.
        for (const folder of [...folders, path]) await syncPath(folder);
      }),
    async has(sha256, size) {
      if ((await stat(fileOf(sha256)).catch(() => undefined))?.size !== size) return false;
      if (!sound.has(sha256) && (await isSound(sha256, size))) sound.add(sha256);
      return sound.has(sha256);
    },
    read,
    async remove(sha256) {
      sound.delete(sha256);
      for (const file of [fileOf(sha256), asideOf(sha256)]) await rm(file, { force: true });
    },
    async *hashes() {
      for (const folder of await readdir(path)) {
        if (folder !== 'damaged' && !/^[0-9a-f]{2}$/.test(folder)) continue;
        for (const name of await readdir(join(path, folder))) if (hashPattern.test(name)) yield name;
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
