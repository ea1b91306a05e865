import { ParamoError, type TrialId, type TrialSource } from '@paramo/core';
import { checkManifest, chunksOf, type CheckpointListing, type CheckpointManifest, type Chunk } from '@paramo/protocol';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import type { Blobs } from './blobs.js';
import { discardAll, receiveChunks } from './receive-chunks.js';

/** A checkpoint whose content is coming in. */
export interface IncomingCheckpoint {
  /** The chunks that are not there, none twice; in this order they are to come. */
  readonly missing: readonly Chunk[];
  /**
   * Takes the missing chunks, one after another; they are on disk when it resolves with their size in bytes.
   * @throws ParamoError DATA_LOSS when the content is not what the manifest says, STORE_FULL.
   */
  receive(content: AsyncIterable<Uint8Array>): Promise<number>;
  /** Lets go of the chunks: from here on they stay only as long as a checkpoint has them. */
  release(): Promise<void>;
}

/** The content of checkpoints. Which ones are kept, the log of their study says. */
export interface Checkpoints {
  /** Begins to take a checkpoint: nothing that it consists of is removed until it is released. @throws ParamoError INVALID_ARGUMENT. */
  begin(manifest: CheckpointManifest): Promise<IncomingCheckpoint>;
  /** A kept checkpoint. @throws ParamoError CHECKPOINT_NOT_FOUND. */
  get(studyId: string, source: TrialSource): CheckpointListing;
  /** A trial's kept checkpoints, by steps done; `after`: the last one already seen. */
  list(studyId: string, trial: TrialId, after?: { readonly done: number; readonly checkpoint: string }): Iterable<CheckpointListing>;
  /** All content of a checkpoint, verified chunk by chunk. @throws ParamoError DATA_LOSS, CHECKPOINT_NOT_FOUND. */
  content(studyId: string, source: TrialSource): AsyncIterable<Buffer>;
  /** Where chunks lie, for workers that share the disk. */
  readonly folder: string;
}

/** Checkpoints over the blobs of a store. */
export function openCheckpoints({ folder, hold }: Blobs, studies: StudyStore): Checkpoints {
  function get(studyId: string, source: TrialSource): CheckpointListing {
    const listing = studies.checkpoint({ studyId, ...source });
    if (!listing || studies.isDeleting(studyId, source.trial)) throw notKept(source, Array.from(studies.checkpointKeys(studyId, source.trial), ({ done }) => done));
    return listing;
  }

  async function noteUnused(chunks: readonly Chunk[]): Promise<void> {
    const writes = createWrites();
    for (const { sha256 } of chunks) if (!studies.isBlobUsed(sha256)) writes.blobCheck(sha256, true);
    if (writes.writes.length > 0) await studies.store.commit(writes.writes);
  }

  return {
    folder: folder.path,
    async begin(manifest) {
      checkManifest(manifest);
      const chunks = new Map<string, Chunk>();
      for (const chunk of chunksOf(manifest)) {
        const known = chunks.get(chunk.sha256);
        if (known && known.size !== chunk.size) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `the manifest gives the chunk ${chunk.sha256} two sizes, ${known.size} and ${chunk.size} bytes`, hint: 'Cut every file into chunks anew.' });
        chunks.set(chunk.sha256, chunk);
      }
      const letGo = await hold(chunks.keys());
      const missing: Chunk[] = [];
      try {
        // One that the disk has damaged comes anew.
        for (const chunk of chunks.values()) if (!(await folder.has(chunk.sha256, chunk.size))) missing.push(chunk);
      } catch (error) {
        letGo();
        throw error;
      }
      let stored: readonly Chunk[] = [];
      return {
        missing,
        async receive(content) {
          const wanted = missing.reduce((sum, { size }) => sum + size, 0);
          await folder.checkRoom(wanted);
          const sealed = await receiveChunks(folder, exactly(wanted, content), (i) => missing[i]?.size ?? 1);
          try {
            const wrong = missing.findIndex(({ sha256 }, i) => sealed[i]?.sha256 !== sha256);
            if (wrong >= 0) throw mismatch(sealed[wrong] ? `chunk ${missing[wrong]!.sha256} came with the hash ${sealed[wrong].sha256}` : `chunk ${missing[wrong]!.sha256} did not come`);
            stored = missing;
            await folder.keep(...sealed);
          } finally {
            await discardAll(sealed.map(({ draft }) => draft));
          }
          return wanted;
        },
        async release() {
          letGo();
          await noteUnused(stored);
        },
      };
    },
    get,
    list: (studyId, trial, after) => (studies.isDeleting(studyId, trial) ? [] : studies.checkpoints(studyId, trial, after)),
    async *content(studyId, source) {
      const chunks = chunksOf(get(studyId, source).manifest!);
      const letGo = await hold(chunks.map(({ sha256 }) => sha256));
      try {
        // It may have been let go of before it was held.
        get(studyId, source);
        for (const { sha256, size } of chunks) yield* folder.read(sha256, size);
      } finally {
        letGo();
      }
    },
  };
}

/** So much of the content, and no message beyond it: whoever sends may leave the stream open. */
async function* exactly(bytes: number, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let left = bytes;
  if (left === 0) return;
  for await (const part of content) {
    left -= part.length;
    if (left < 0) throw mismatch(`more than the ${bytes} missing bytes came`);
    yield part;
    if (left === 0) return;
  }
}

function notKept({ trial, checkpoint, done }: TrialSource, kept: readonly number[]): ParamoError {
  return new ParamoError({
    code: 'CHECKPOINT_NOT_FOUND', message: `trial ${trial} has no checkpoint ${checkpoint} of step ${done}`,
    hint: kept.length === 0 ? 'It has none at all.' : `It has those of the steps ${kept.join(', ')}; keepCheckpoints of the study says how many stay.`,
  });
}

function mismatch(message: string): ParamoError {
  return new ParamoError({ code: 'DATA_LOSS', message, hint: 'Nothing was stored. Make sure that the files are not written to while they are sent, and save the checkpoint again.' });
}
