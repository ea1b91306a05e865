import type { BlobDraft } from './blob-draft.js';
import type { BlobFolder, SealedDraft } from './blob-folder.js';

/** A chunk that is on disk and not a blob yet. */
export interface SealedChunk extends SealedDraft {
  readonly size: number;
}

/** The room on the disk is looked at again after so many bytes. */
const roomEveryBytes = 64 * 2 ** 20;
/** Chunks that are on their way to the disk while the next one comes in. */
const mostSealing = 4;

/**
 * Cuts content as it comes into chunks, the i-th of `sizeOf(i)` bytes and the last one perhaps shorter, no faster than the
 * disk takes them. Whoever calls it hands the drafts to `folder.keep` or discards them; on an error none is left.
 * @throws ParamoError STORE_FULL; DATA_LOSS when the disk fails; what `content` throws.
 */
export async function receiveChunks(folder: BlobFolder, content: AsyncIterable<Uint8Array>, sizeOf: (i: number) => number): Promise<SealedChunk[]> {
  const drafts: BlobDraft[] = [];
  const sealed: Promise<SealedChunk>[] = [];
  let draft: BlobDraft | undefined;
  let unchecked = 0;

  async function seal(finished: BlobDraft): Promise<void> {
    const work = finished.seal().then((sha256) => ({ draft: finished, sha256, size: finished.size }));
    work.catch(() => undefined);
    sealed.push(work);
    draft = undefined;
    await sealed[sealed.length - mostSealing];
  }

  try {
    for await (const part of content) {
      for (let rest = part; rest.length > 0; ) {
        if (!draft) drafts.push((draft = await folder.draft(0)));
        const room: number = sizeOf(drafts.length - 1) - draft.size;
        const piece = rest.subarray(0, room);
        await draft.write(piece);
        rest = rest.subarray(piece.length);
        if (piece.length === room) await seal(draft);
      }
      unchecked += part.length;
      if (unchecked < roomEveryBytes) continue;
      await folder.checkRoom(0);
      unchecked = 0;
    }
    if (draft) await seal(draft);
    return await Promise.all(sealed);
  } catch (error) {
    await Promise.allSettled(sealed);
    await discardAll(drafts);
    throw error;
  }
}

/** Removes what did not become blobs. */
export async function discardAll(drafts: readonly BlobDraft[]): Promise<void> {
  for (const draft of drafts) await draft.discard();
}
