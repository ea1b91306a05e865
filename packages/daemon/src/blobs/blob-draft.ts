import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fileError } from './file-error.js';

/** Content on its way to becoming a blob, in a file of its own. */
export interface BlobDraft {
  /** Bytes written so far. */
  readonly size: number;
  /** Appends; resolves when the operating system has taken it all. One at a time. */
  write(content: Uint8Array): Promise<void>;
  /** Syncs the content to disk and answers its SHA-256 in lower-case hex. Nothing can be written afterwards. */
  seal(): Promise<string>;
  /** Renames the sealed file to `path`, in place of what lies there. */
  moveTo(path: string): Promise<void>;
  /** Removes the file, unless it was moved. */
  discard(): Promise<void>;
}

/**
 * A new, empty draft in a file that must not exist yet.
 * @throws ParamoError, here and in its methods: STORE_FULL when the disk is full, DATA_LOSS when it fails otherwise.
 */
export async function openDraft(path: string): Promise<BlobDraft> {
  const hash = createHash('sha256');
  let file: FileHandle | undefined = await attempt(() => open(path, 'wx', readOnly));
  let size = 0;
  let moved = false;
  const close = async (): Promise<void> => {
    const closing = file;
    file = undefined;
    await closing?.close();
  };
  return {
    get size() {
      return size;
    },
    write: (content) =>
      attempt(async () => {
        size += content.length;
        hash.update(content);
        await file?.writeFile(content);
      }),
    seal: () =>
      attempt(async () => {
        await file?.sync();
        await close();
        return hash.digest('hex');
      }),
    moveTo: (target) =>
      attempt(async () => {
        await rename(path, target);
        moved = true;
      }),
    async discard() {
      await close().catch(() => undefined);
      // What cannot be removed now is at the next start.
      if (!moved) await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

/** A blob never changes, not even through a link that a worker on the same disk made of it. */
const readOnly = 0o400;

async function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw fileError(thrown, 'the content could not be stored');
  }
}
