import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** `length` bytes of a file from `start` on, in pieces of at most `pieceBytes`. Ends early where the file does. */
export async function* readPieces(file: FileHandle, start: number, length: number, pieceBytes: number): AsyncGenerator<Buffer, void, undefined> {
  let at = start;
  const end = start + length;
  while (at < end) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, end - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

/** Opens a file for `use`, and closes it afterwards. */
export async function* withFile<T>(path: string, use: (file: FileHandle) => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const file = await open(path);
  try {
    yield* use(file);
  } finally {
    await file.close();
  }
}
