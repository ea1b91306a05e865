import type { Clock, Entropy, TrialId } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { ArtifactHeader } from '@paramo/protocol';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import { startBlobCollector } from './blob-collector.js';
import type { BlobDraft } from './blob-draft.js';
import { openBlobFolder } from './blob-folder.js';
import type { BlobFolder } from './blob-folder.js';
import type { StatDisk } from './disk-room.js';
import { createTurns } from './turns.js';

/** A file to be stored, as its maker describes it. */
export interface NewArtifact {
  readonly studyId: string;
  readonly trial: TrialId;
  /** 0: made outside of any attempt. */
  readonly attempt: number;
  readonly name: string;
  readonly done: number;
  /** Media type, or empty. */
  readonly mediaType: string;
  /** Bytes to come, when known. */
  readonly size?: number;
  /** SHA-256 in lower-case hex, when known. */
  readonly sha256?: string;
}

/** The files of trials: content-addressed blobs on disk, and in the store whose they are. */
export interface Artifacts {
  /**
   * Stores an artifact; durable when it resolves. The same one again changes nothing; the same content is stored once.
   * @throws ParamoError STUDY_NOT_FOUND, TRIAL_NOT_FOUND, INVALID_ARGUMENT for an attempt the trial has not had, LIMIT_EXCEEDED
   * for too many of a trial, STORE_FULL, DATA_LOSS when the content has another size or hash than said.
   */
  put(artifact: NewArtifact, content: AsyncIterable<Uint8Array>): Promise<{ readonly sha256: string; readonly size: number }>;
  /** A trial's artifact of this content, the first of them; its content is verified as it is read. */
  get(studyId: string, trial: TrialId, sha256: string): { readonly header: ArtifactHeader; readonly content: AsyncIterable<Buffer> };
  /** A trial's artifacts in order of arrival. */
  list(studyId: string, trial: TrialId): ArtifactHeader[];
  /** Removes at once the blobs that deletions have left; else that is done once a minute. */
  sweep(): Promise<void>;
  /** Lets go of the folder; the store is still needed until it resolves. */
  close(): Promise<void>;
}

/** What artifacts are opened with. */
export interface ArtifactsOptions {
  /** The folder of the blobs. */
  readonly path: string;
  readonly studies: StudyStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** The operating system's, unless a test says otherwise. */
  readonly statDisk?: StatDisk;
}

/** More would not fit into one answer of `ListArtifacts`. */
const mostOfTrial = 5000;
/** The room on the disk is looked at again after so many bytes. */
const roomEveryBytes = 64 * 2 ** 20;

/** Opens the artifacts of a store. */
export async function openArtifacts({ path, studies, clock, entropy, statDisk }: ArtifactsOptions): Promise<Artifacts> {
  const blobs = await openBlobFolder(path, { entropy, ...(statDisk && { statDisk }) });
  const turns = createTurns();
  const collector = startBlobCollector({ blobs, studies, turns, clock });

  function checkTrial(studyId: string, trial: TrialId): { readonly attempt: number } {
    if (!studies.study(studyId)) throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no study with the id "${studyId}"`, hint: 'List the studies with `paramo studies`.' });
    const record = studies.trial(studyId, trial);
    if (!record || studies.isDeleting(studyId, trial)) throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `the study has no trial ${trial}`, hint: 'List its trials first.' });
    return record;
  }

  function checkNew({ studyId, trial, attempt }: NewArtifact): void {
    const record = checkTrial(studyId, trial);
    if (attempt > record.attempt) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `header.attempt is ${attempt}, but trial ${trial} has had ${record.attempt}`, hint: 'Give the attempt as Ask answered it, or 0 for a file made outside of any.' });
    if (studies.nextArtifact(studyId, trial) >= mostOfTrial) throw new ParamoError({ code: 'LIMIT_EXCEEDED', message: `trial ${trial} has ${mostOfTrial} artifacts already`, hint: 'Put several files into one archive.' });
  }

  /** Stores the blob and then, in one commit, whose it is. A blob is removed only in a turn of its hash too, so never in between. */
  async function record(artifact: NewArtifact, draft: BlobDraft, sha256: string): Promise<void> {
    const { studyId, trial, attempt, name, done, mediaType } = artifact;
    const header: ArtifactHeader = { studyId, trial: BigInt(trial), attempt, name, done: BigInt(done), mediaType, size: BigInt(draft.size), sha256 };
    await blobs.keep(draft, sha256);
    const writes = createWrites();
    try {
      if (studies.artifactsOf(studyId, trial, sha256).some((known) => isSame(known, header))) return;
      checkNew(artifact);
      writes.artifact({ studyId, trial, index: studies.nextArtifact(studyId, trial) }, header);
    } catch (error) {
      // Deleted while its content came.
      writes.blobCheck(sha256, true);
      await studies.store.commit(writes.writes);
      throw error;
    }
    await studies.store.commit(writes.writes);
  }

  async function* reading({ studyId, trial, sha256, size }: ArtifactHeader): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* blobs.read(sha256, Number(size));
    } catch (error) {
      // Deleted before it was opened: that is no loss.
      throw studies.artifactsOf(studyId, Number(trial), sha256).length > 0 ? error : notThere(Number(trial), sha256);
    }
  }

  return {
    async put(artifact, content) {
      checkNew(artifact);
      const draft = await blobs.draft(artifact.size ?? 0);
      try {
        await receive(blobs, draft, artifact, content);
        const sha256 = await draft.seal();
        if (artifact.sha256 !== undefined && artifact.sha256 !== sha256) throw mismatch(`"${artifact.name}" has the hash ${sha256}, but ${artifact.sha256} was announced`);
        await turns.take(sha256, () => turns.take(`${artifact.studyId}/${artifact.trial}`, () => record(artifact, draft, sha256)));
        return { sha256, size: draft.size };
      } finally {
        await draft.discard();
      }
    },
    get(studyId, trial, sha256) {
      checkTrial(studyId, trial);
      const [header] = studies.artifactsOf(studyId, trial, sha256);
      if (!header) throw notThere(trial, sha256);
      return { header, content: reading(header) };
    },
    list(studyId, trial) {
      checkTrial(studyId, trial);
      return studies.artifacts(studyId, trial);
    },
    sweep: () => collector.sweep(),
    close: () => collector.close(),
  };
}

/** Writes content as it comes, no faster than the disk takes it. */
async function receive(blobs: BlobFolder, draft: BlobDraft, { name, size }: NewArtifact, content: AsyncIterable<Uint8Array>): Promise<void> {
  let checkedBytes = 0;
  for await (const part of content) {
    if (size !== undefined && draft.size + part.length > size) throw mismatch(`"${name}" has more than the ${size} bytes announced`);
    await draft.write(part);
    if (draft.size - checkedBytes < roomEveryBytes) continue;
    await blobs.checkRoom(0);
    checkedBytes = draft.size;
  }
  if (size !== undefined && draft.size < size) throw mismatch(`"${name}" has ${draft.size} bytes, but ${size} were announced`);
}

function notThere(trial: TrialId, sha256: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message: `trial ${trial} has no artifact with the hash ${sha256}`, hint: 'List what it has with ListArtifacts.' });
}

function isSame(a: ArtifactHeader, b: ArtifactHeader): boolean {
  return Buffer.compare(ArtifactHeader.encode(a).finish(), ArtifactHeader.encode(b).finish()) === 0;
}

function mismatch(message: string): ParamoError {
  return new ParamoError({ code: 'DATA_LOSS', message, hint: 'Nothing was stored. Make sure that the file is not written to while it is sent, and send it again.' });
}
