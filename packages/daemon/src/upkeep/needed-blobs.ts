import { ArtifactHeader, CheckpointListing, chunksOf, defaultChunkBytes } from '@paramo/protocol';
import { decodeKey, encodeKey, prefixRange } from '../store/key.js';
import { tables } from '../store/layout.js';
import { unseal } from '../store/sealed-store.js';
import type { Store } from '../store/store.js';

/** A blob that something in a store needs. */
export interface NeededBlob {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** What needs it, such as `artifact "model" of trial 3 of study "mnist"`. */
  readonly who: string;
  /** The entry by which it is known to be in use. */
  readonly use: Uint8Array;
}

/** An artifact or checkpoint that cannot be decoded. */
export interface UndecodableOwner {
  readonly who: string;
  readonly error: string;
}

/** All blobs that the artifacts and checkpoints of a store, as it lies on disk, need, one after the other; those that several need, several times. */
export function* neededBlobs(store: Store, title: (studyId: string) => string): Iterable<NeededBlob | UndecodableOwner> {
  for (const [key, value] of store.range(prefixRange(tables.artifact))) {
    const [, studyId, trial, index] = decodeKey(key, ['text', 'text', 'count', 'count']) as [string, string, number, number];
    let who = `artifact ${index} of trial ${trial} of ${title(studyId)}`;
    try {
      const { name, size, chunks } = ArtifactHeader.decode(unseal(key, value));
      who = `artifact "${name}" of trial ${trial} of ${title(studyId)}`;
      const all = chunksOf({ chunkBytes: defaultChunkBytes, files: [{ path: name, size: size ?? 0n, chunks }] });
      for (const chunk of all) yield { ...chunk, who, use: encodeKey(tables.blobUse, chunk.sha256, studyId, trial, index) };
    } catch (error) {
      yield { who, error: (error as Error).message };
    }
  }
  for (const [key, value] of store.range(prefixRange(tables.checkpoint))) {
    const [, studyId, trial, done, checkpoint] = decodeKey(key, ['text', 'text', 'count', 'count', 'text']) as [string, string, number, number, string];
    const who = `checkpoint of step ${done} of trial ${trial} of ${title(studyId)}`;
    try {
      const { manifest } = CheckpointListing.decode(unseal(key, value));
      for (const chunk of chunksOf(manifest!)) yield { ...chunk, who, use: encodeKey(tables.chunkUse, chunk.sha256, studyId, trial, done, checkpoint) };
    } catch (error) {
      yield { who, error: (error as Error).message };
    }
  }
}
