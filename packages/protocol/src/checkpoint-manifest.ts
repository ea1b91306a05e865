import { createHash } from 'node:crypto';
import { checkedName, countFromMessage, invalidField } from './check-field.js';
import type { CheckpointManifest } from './gen/paramo/v1/checkpoint_service.js';

/** A piece of a file: SHA-256 of its content in lower-case hex, and its size in bytes. */
export interface Chunk {
  readonly sha256: string;
  readonly size: number;
}

/** The size of a chunk, in bytes, where there is no reason for another: 4 MiB. */
export const defaultChunkBytes: number = 4 * 2 ** 20;

const leastChunkBytes = 65_536;
const mostChunkBytes = 16 * 2 ** 20;
const mostFiles = 100_000;
const maxPathBytes = 1024;
const hashBytes = 32;

/** The chunks of all files, one file after another in the order of the manifest; some may come more than once. */
export function chunksOf({ files, chunkBytes }: CheckpointManifest): Chunk[] {
  return files.flatMap(({ size, chunks }) =>
    chunks.map((hash, i) => ({ sha256: Buffer.from(hash).toString('hex'), size: i < chunks.length - 1 ? chunkBytes : Number(size) - chunkBytes * (chunks.length - 1) })),
  );
}

/** The size of all files together, in bytes. */
export function sizeOf({ files }: CheckpointManifest): number {
  return files.reduce((sum, { size }) => sum + Number(size), 0);
}

/** The name of a checkpoint: the SHA-256, in lower-case hex, of its manifest as text, as checkpoint_service.proto lays down. */
export function checkpointName({ files, chunkBytes }: CheckpointManifest): string {
  const hash = createHash('sha256').update(`paramo checkpoint 1\n${chunkBytes}\n`);
  for (const { path, size, chunks } of files) {
    hash.update(`${path}\n${size}\n`);
    for (const chunk of chunks) hash.update(`${Buffer.from(chunk).toString('hex')}\n`);
  }
  return hash.digest('hex');
}

/** Orders paths by their bytes, as a manifest must. */
export function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Checks that a manifest is well formed: whoever writes its files stays in their directory. @throws ParamoError INVALID_ARGUMENT naming the field. */
export function checkManifest({ files, chunkBytes }: CheckpointManifest, path = 'manifest'): void {
  if (chunkBytes < leastChunkBytes || chunkBytes > mostChunkBytes) throw invalidField(`${path}.chunk_bytes`, `is ${chunkBytes}, but must lie in ${leastChunkBytes} … ${mostChunkBytes}`);
  if (files.length === 0) throw invalidField(`${path}.files`, 'is empty', 'Save at least one file into the directory.');
  if (files.length > mostFiles) throw invalidField(`${path}.files`, `has ${files.length} files, but may have ${mostFiles} at most`, 'Put several files into one archive.');
  const directories = new Set<string>();
  files.forEach((file, i) => {
    const where = `${path}.files[${i}]`;
    checkedName(file.path, `${where}.path`, maxPathBytes);
    const parts = file.path.split('/');
    if (file.path.includes('\\') || parts.some((part) => part === '' || part === '.' || part === '..')) {
      throw invalidField(`${where}.path`, `is ${JSON.stringify(file.path)}`, 'Give a path within the directory, with slashes, such as weights/layer-1.bin.');
    }
    if (i > 0 && comparePaths(files[i - 1]!.path, file.path) >= 0) throw invalidField(`${where}.path`, `is ${JSON.stringify(file.path)}, which does not come after ${JSON.stringify(files[i - 1]!.path)}`, 'Order files by the bytes of their paths, each path once.');
    for (let n = 1; n < parts.length; n++) directories.add(parts.slice(0, n).join('/'));
    const wanted = Math.ceil(countFromMessage(file.size, `${where}.size`) / chunkBytes);
    if (file.chunks.length !== wanted) throw invalidField(`${where}.chunks`, `has ${file.chunks.length} hashes, but ${file.size} bytes are ${wanted} chunks`);
    if (file.chunks.some((hash) => hash.length !== hashBytes)) throw invalidField(`${where}.chunks`, 'holds a hash that is not 32 bytes long');
  });
  const clash = files.find((file) => directories.has(file.path));
  if (clash) throw invalidField(`${path}.files`, `has ${JSON.stringify(clash.path)} as a file and as a directory`);
}
