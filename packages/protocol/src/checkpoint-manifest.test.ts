import { createHash } from 'node:crypto';
import { isParamoError } from '@paramo/core';
import { expect, it } from 'vitest';
import { checkManifest, checkpointName, chunksOf } from './checkpoint-manifest.js';
import type { CheckpointManifest } from './gen/paramo/v1/checkpoint_service.js';

const chunkBytes = 65_536;
const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
const manifest = (...files: readonly (readonly [path: string, size: number])[]): CheckpointManifest => ({
  chunkBytes,
  files: files.map(([path, size]) => ({ path, size: BigInt(size), chunks: Array.from({ length: Math.ceil(size / chunkBytes) }, (_, i) => hash(`${path} ${i}`)) })),
});
const refusal = (bad: CheckpointManifest): string => {
  try {
    checkManifest(bad);
  } catch (error) {
    if (isParamoError(error, 'INVALID_ARGUMENT')) return error.message;
    throw error;
  }
  return 'none';
};

it('is named by the hash of a text that any language can write', () => {
  const { files } = manifest(['a', 0], ['dir/b', 3]);
  const text = `paramo checkpoint 1\n65536\na\n0\ndir/b\n3\n${hash('dir/b 0').toString('hex')}\n`;
  expect(checkpointName({ files, chunkBytes })).toBe(createHash('sha256').update(text).digest('hex'));
});

it('tells the size of every chunk: all but the last of a file are whole', () => {
  expect(chunksOf(manifest(['a', chunkBytes * 2], ['b', chunkBytes + 1], ['c', 0])).map(({ size }) => size)).toEqual([chunkBytes, chunkBytes, chunkBytes, 1]);
});

it('takes what lies within its directory', () => {
  expect(refusal(manifest(['a', 1], ['a.b', 0], ['a0/..c', 5], ['ä/é.bin', chunkBytes * 3]))).toBe('none');
});

it.each([
  ['no file', manifest(), 'is empty'],
  ['a path out of the directory', manifest(['../a', 1]), 'a'],
  ['an absolute path', manifest(['/etc/passwd', 1]), 'path'],
  ['a backslash', manifest(['a\\..\\b', 1]), 'path'],
  ['a dot', manifest(['a/./b', 1]), 'path'],
  ['a control character', manifest(['a\nb', 1]), 'control'],
  ['a path twice', manifest(['a', 1], ['a', 1]), 'does not come after'],
  ['paths out of order', manifest(['b', 1], ['a', 1]), 'does not come after'],
  ['a file that is a directory too', manifest(['a', 1], ['a/b', 1]), 'as a file and as a directory'],
  ['chunks that do not make up the size', { chunkBytes, files: [{ path: 'a', size: BigInt(chunkBytes + 1), chunks: [hash('x')] }] }, 'are 2 chunks'],
  ['a hash of another length', { chunkBytes, files: [{ path: 'a', size: 1n, chunks: [Buffer.alloc(20)] }] }, '32 bytes'],
  ['tiny chunks', { ...manifest(['a', 1]), chunkBytes: 1 }, 'chunk_bytes'],
])('refuses %s', (_, bad, words) => {
  expect(refusal(bad)).toContain(words);
});
