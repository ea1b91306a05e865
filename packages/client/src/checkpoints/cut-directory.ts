import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ParamoError } from '@paramo/core';
import { checkManifest, CheckpointManifest, comparePaths, defaultChunkBytes } from '@paramo/protocol';
import type { CheckpointFile } from '@paramo/protocol';
import { readPieces, withFile } from './read-pieces.js';

/** Where the content of a chunk is: a part of a file. */
export interface ChunkPlace {
  readonly path: string;
  readonly start: number;
  readonly size: number;
}

/** A directory as a checkpoint: what it consists of, and where each chunk is, by its SHA-256 in lower-case hex. */
export interface CutDirectory {
  readonly manifest: CheckpointManifest;
  readonly places: ReadonlyMap<string, ChunkPlace>;
}

/** Hashed at once; a file is never read as a whole. */
const pieceBytes = 1024 * 1024;
/** A message holds 1 MiB, a few bytes of which name the attempt. */
const mostListBytes = 2 ** 20 - 1024;

/**
 * Cuts the files of a directory into chunks and hashes them; links to files are followed, empty directories left out.
 * @throws ParamoError INVALID_ARGUMENT when there is no file, or one has a name that not every system can write; LIMIT_EXCEEDED for
 * more files than one message can list.
 */
export async function cutDirectory(directory: string): Promise<CutDirectory> {
  const places = new Map<string, ChunkPlace>();
  const files: CheckpointFile[] = [];
  for (const path of await filesIn(directory)) {
    const full = join(directory, path);
    const { size } = await stat(full);
    const chunks: Buffer[] = [];
    for (let start = 0; start < size; start += defaultChunkBytes) {
      const length = Math.min(defaultChunkBytes, size - start);
      const hash = createHash('sha256');
      for await (const piece of withFile(full, (file) => readPieces(file, start, length, pieceBytes))) hash.update(piece);
      const digest = hash.digest();
      chunks.push(digest);
      places.set(digest.toString('hex'), { path: full, start, size: length });
    }
    files.push({ path, size: BigInt(size), chunks });
  }
  if (files.length === 0) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'the checkpoint has no file', hint: 'Write at least one into the directory that the function is given, and return its promise.' });
  const manifest = { files, chunkBytes: defaultChunkBytes };
  checkManifest(manifest, 'the checkpoint');
  const listBytes = CheckpointManifest.encode(manifest).finish().length;
  if (listBytes > mostListBytes) throw new ParamoError({ code: 'LIMIT_EXCEEDED', message: `the list of the checkpoint's ${files.length} files and their chunks has ${listBytes} bytes, but may have ${mostListBytes} at most`, hint: 'Put several files into one archive.' });
  return { manifest, places };
}

/** The paths of all files below a directory, with slashes, ordered by their bytes. */
async function filesIn(directory: string): Promise<string[]> {
  const paths: string[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await stat(join(directory, path))).isDirectory())) await visit(path);
      else paths.push(path);
    }
  };
  await visit('');
  return paths.map((path) => path.split(sep).join('/')).sort(comparePaths);
}
