import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { TrialId } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { ArtifactHeader, chunksOf, defaultChunkBytes } from '@paramo/protocol';
import type { CheckpointManifest } from '@paramo/protocol';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import type { Blobs } from './blobs.js';
import { discardAll, receiveChunks } from './receive-chunks.js';
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
}

/** More would not fit into one answer of `ListArtifacts`. */
const mostOfTrial = 5000;

/** Artifacts over the blobs of a store. */
export function openArtifacts({ folder, hold }: Blobs, studies: StudyStore): Artifacts {
  const turns = createTurns();

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

  /** Notes in one commit whose the chunks are; they are held until then. One artifact of a trial at a time: each takes the next index. */
  async function record(artifact: NewArtifact, header: ArtifactHeader): Promise<void> {
    const { studyId, trial } = artifact;
    const writes = createWrites();
    try {
      if (studies.artifactsOf(studyId, trial, header.sha256).some((known) => isSame(known, header))) return;
      checkNew(artifact);
      writes.artifact({ studyId, trial, index: studies.nextArtifact(studyId, trial) }, header);
    } catch (error) {
      // Deleted while its content came.
      for (const { sha256 } of chunksOf(manifestOf(header))) writes.blobCheck(sha256, true);
      await studies.store.commit(writes.writes);
      throw error;
    }
    await studies.store.commit(writes.writes);
  }

  async function* reading(header: ArtifactHeader): AsyncGenerator<Buffer, void, undefined> {
    const { studyId, trial, sha256 } = header;
    const chunks = chunksOf(manifestOf(header));
    const letGo = await hold(chunks.map((chunk) => chunk.sha256));
    try {
      // Deleted before it was held: that is no loss.
      if (studies.artifactsOf(studyId, Number(trial), sha256).length === 0) throw notThere(Number(trial), sha256);
      for (const chunk of chunks) yield* folder.read(chunk.sha256, chunk.size);
    } finally {
      letGo();
    }
  }

  return {
    async put(artifact, content) {
      checkNew(artifact);
      await folder.checkRoom(artifact.size ?? 0);
      const { studyId, trial, attempt, name, done, mediaType } = artifact;
      const whole = createHash('sha256');
      const sealed = await receiveChunks(folder, watched(artifact, content, whole), () => defaultChunkBytes);
      try {
        const sha256 = whole.digest('hex');
        const size = sealed.reduce((sum, chunk) => sum + chunk.size, 0);
        if (artifact.size !== undefined && size < artifact.size) throw mismatch(`"${name}" has ${size} bytes, but ${artifact.size} were announced`);
        if (artifact.sha256 !== undefined && artifact.sha256 !== sha256) throw mismatch(`"${name}" has the hash ${sha256}, but ${artifact.sha256} was announced`);
        const chunks = sealed.map((chunk) => Buffer.from(chunk.sha256, 'hex'));
        const header: ArtifactHeader = { studyId, trial: BigInt(trial), attempt, name, done: BigInt(done), mediaType, size: BigInt(size), sha256, chunks };
        const letGo = await hold(sealed.map((chunk) => chunk.sha256));
        try {
          await folder.keep(...sealed);
          await turns.take(`${studyId}/${trial}`, () => record(artifact, header));
        } finally {
          letGo();
        }
        return { sha256, size };
      } finally {
        await discardAll(sealed.map(({ draft }) => draft));
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
  };
}

/** The content on its way, hashed as a whole and no longer than announced. */
async function* watched({ name, size }: NewArtifact, content: AsyncIterable<Uint8Array>, whole: Hash): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const part of content) {
    total += part.length;
    if (size !== undefined && total > size) throw mismatch(`"${name}" has more than the ${size} bytes announced`);
    whole.update(part);
    yield part;
  }
}

/** The artifact as the only file of a checkpoint: both are cut into chunks in the same way. */
function manifestOf({ name, size, chunks }: ArtifactHeader): CheckpointManifest {
  return { chunkBytes: defaultChunkBytes, files: [{ path: name, size: size ?? 0n, chunks }] };
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
