import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { isParamoError, ParamoError } from '@paramo/core';
import { fileError } from './file-error.js';

/** The most content a message of the wire holds, in bytes. */
export const contentBytes: number = 256 * 1024;

/**
 * The content of the blob in the file `path`, in pieces of 256 KiB, the last one shorter. That one is given only when
 * size and hash of the whole are right, so whoever has read to the end has what was stored.
 * @throws ParamoError DATA_LOSS when the file is gone, cannot be read, or is not what was stored.
 */
export async function* readBlob(path: string, sha256: string, size: number): AsyncGenerator<Buffer, void, undefined> {
  const file = await attempt(sha256, () => open(path));
  try {
    const hash = createHash('sha256');
    let held: Buffer | undefined;
    let total = 0;
    for (;;) {
      const piece = await attempt(sha256, () => readPiece(file));
      total += piece.length;
      hash.update(piece);
      const atEnd = piece.length < contentBytes;
      if (total > size || (atEnd && (total < size || hash.digest('hex') !== sha256))) throw corrupt(sha256);
      if (held) yield held;
      held = piece.length > 0 ? piece : undefined;
      if (!atEnd) continue;
      if (held) yield held;
      return;
    }
  } finally {
    await file.close();
  }
}

/** Whether a reading failed because the disk does not hold any more what was stored. */
export function isDamage(error: unknown): boolean {
  return isParamoError(error, 'DATA_LOSS') && error.details !== undefined;
}

/** The next 256 KiB, or what is left. */
async function readPiece(file: FileHandle): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(contentBytes);
  let filled = 0;
  while (filled < contentBytes) {
    const { bytesRead } = await file.read(piece, filled, contentBytes - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return piece.subarray(0, filled);
}

async function attempt<T>(sha256: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EIO') throw corrupt(sha256, thrown);
    throw fileError(thrown, `the artifact with the hash ${sha256} cannot be read`);
  }
}

function corrupt(sha256: string, cause?: unknown): ParamoError {
  return new ParamoError({
    code: 'DATA_LOSS',
    message: `the stored content of the artifact with the hash ${sha256} does not match it`,
    hint: 'The file was damaged on disk: throw away what was received, check the disk, and store the artifact again.',
    details: { sha256 },
    cause,
  });
}
