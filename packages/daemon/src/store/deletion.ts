import type { TrialId } from '@paramo/core';
import { ArtifactHeader, CheckpointListing } from '@paramo/protocol';
import { decodeKey, encodeKey, prefixRange } from './key.js';
import type { KeyPart } from './key.js';
import { tables } from './layout.js';
import type { Range, Store, Write } from './store.js';
import type { StudyStore } from './study-store.js';
import { createWrites } from './study-writes.js';

/** Keys removed in one transaction, so that no deletion holds up the commits of running trials. */
const chunkKeys = 1000;
/** A store is packed by itself when so much of it is free, and half of it, and no more than so much has to be copied. */
const leastFreeBytes = 32 * 2 ** 20;
const mostPackedBytes = 2 ** 30;
/** The tables whose keys begin with a study's id, but for those of artifacts and checkpoints. */
export const studyTables: readonly string[] = [tables.log, tables.trial, tables.live, tables.rank, tables.request, tables.attempt, tables.sequence, tables.chunk, tables.lateChunk, tables.imported, tables.output];

/** What has to be known of a study to delete it. */
export interface NamedStudy {
  readonly studyId: string;
  readonly spec: { readonly name: string };
}

/**
 * Deletes a study with all its data. The study and its name are gone with the first commit; the rest follows in chunks,
 * and is gone on with by `resumeDeletions` when the daemon dies on the way.
 */
export async function deleteStudyData(studies: StudyStore, { studyId, spec: { name } }: NamedStudy): Promise<void> {
  const writes = createWrites();
  writes.studyDeletion(studyId);
  // The name may be another study's by now.
  if (studies.studyIdByName(name) === studyId) writes.name(name, undefined);
  await studies.commit(writes);
  await finishStudy(studies.store, studyId);
}

/**
 * Deletes the series, artifacts, checkpoints and output of a trial, in chunks, once that is noted (`trialDeletion`); its record and its log
 * events stay. Gone on with by `resumeDeletions` when the daemon dies on the way.
 */
export async function deleteTrialData(store: Store, studyId: string, trial: TrialId): Promise<void> {
  for (const table of [tables.chunk, tables.lateChunk]) await removeRange(store, prefixRange(table, studyId, trial));
  await removeArtifacts(store, studyId, trial);
  await removeCheckpoints(store, studyId, trial);
  await removeRange(store, prefixRange(tables.output, studyId, trial));
  await store.commit([{ key: encodeKey(tables.deletion, studyId, trial + 1), value: undefined }]);
  await giveBack(store);
}

/** Goes on with the deletions that a dead daemon left unfinished. */
export async function resumeDeletions(store: Store): Promise<void> {
  for (const [key] of store.range({ ...prefixRange(tables.deletion), keysOnly: true })) {
    const [, studyId, which] = decodeKey(key, ['text', 'text', 'count']) as [string, string, number];
    await (which === 0 ? finishStudy(store, studyId) : deleteTrialData(store, studyId, which - 1));
  }
}

/** Packs a store of which most is free, where that takes no more than moments. What keeps it from that is no failure of a deletion. */
async function giveBack(store: Store): Promise<void> {
  const { bytes, freeBytes } = store.stat();
  if (freeBytes < leastFreeBytes || freeBytes < bytes / 2 || bytes - freeBytes > mostPackedBytes) return;
  await store.compact().catch(() => undefined);
}

async function finishStudy(store: Store, studyId: string): Promise<void> {
  await removeArtifacts(store, studyId);
  await removeCheckpoints(store, studyId);
  for (const table of studyTables) await removeRange(store, prefixRange(table, studyId));
  await removeRange(store, prefixRange(tables.deletion, studyId));
  await giveBack(store);
}

/** Removes artifacts, and has their blobs looked at: the files go once no artifact has their content. */
async function removeArtifacts(store: Store, studyId: string, ...trial: readonly TrialId[]): Promise<void> {
  // What was being stored when the deletion was noted is on disk after this; nothing is stored later.
  await store.commit([]);
  const prefix: readonly KeyPart[] = [tables.artifact, studyId, ...trial];
  for (;;) {
    const artifacts = [...store.range({ ...prefixRange(...prefix), limit: chunkKeys })];
    const writes = artifacts.flatMap(([key, value]): Write[] => {
      const [, , number, index] = decodeKey(key, ['text', 'text', 'count', 'count']) as [string, string, number, number];
      const chunks = new Set(ArtifactHeader.decode(value).chunks.map((hash) => Buffer.from(hash).toString('hex')));
      const uses = [...chunks].flatMap((sha256): Write[] => [
        { key: encodeKey(tables.blobUse, sha256, studyId, number, index), value: undefined },
        { key: encodeKey(tables.blobCheck, sha256), value: new Uint8Array(0) },
      ]);
      return [{ key, value: undefined }, ...uses];
    });
    if (writes.length > 0) await store.commit(writes);
    if (artifacts.length < chunkKeys) return;
  }
}

/** Removes checkpoints, one a transaction, for each may have thousands of chunks; these go once nothing has their content. */
async function removeCheckpoints(store: Store, studyId: string, ...trial: readonly TrialId[]): Promise<void> {
  for (const [key, value] of store.range(prefixRange(tables.checkpoint, studyId, ...trial))) {
    const [, , number, done, checkpoint] = decodeKey(key, ['text', 'text', 'count', 'count', 'text']) as [string, string, number, number, string];
    const writes = createWrites();
    writes.dropCheckpoint({ studyId, trial: number, done, checkpoint }, CheckpointListing.decode(value));
    await store.commit(writes.writes);
  }
}

async function removeRange(store: Store, range: Range): Promise<void> {
  for (;;) {
    const writes = Array.from(store.range({ ...range, limit: chunkKeys, keysOnly: true }), ([key]): Write => ({ key, value: undefined }));
    if (writes.length > 0) await store.commit(writes);
    if (writes.length < chunkKeys) return;
  }
}
