import { encodedBatchOf } from '@paramo/protocol';
import type { Batch, EncodedBatch } from '@paramo/protocol';
import { attemptName, readSpoolFile } from './spool-files.js';

/** Finds batches in files by attempt and sequence. The file read last is kept in memory, since they are asked for in order. */
export function createBatchFinder(): (path: string, attempt: string, sequence: number) => EncodedBatch | undefined {
  let last: { readonly path: string; readonly batches: ReadonlyMap<string, Batch> } | undefined;
  return (path, attempt, sequence) => {
    const key = `${attempt}#${sequence}`;
    // It may have grown since.
    if (last?.path !== path || !last.batches.has(key)) last = { path, batches: batchesOf(path) };
    const batch = last.batches.get(key);
    return batch && encodedBatchOf(batch);
  };
}

function batchesOf(path: string): ReadonlyMap<string, Batch> {
  const batches = new Map<string, Batch>();
  try {
    for (const { kind } of readSpoolFile(path).records) if (kind?.$case === 'batch') batches.set(`${attemptName(kind.value)}#${kind.value.sequence}`, kind.value);
  } catch {
    // Somebody removed it: its batches go out empty.
  }
  return batches;
}
