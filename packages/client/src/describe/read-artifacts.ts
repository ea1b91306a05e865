import { ArtifactServiceService } from '@paramo/protocol';
import type { Connection } from '../connect.js';
import { changesName, descriptionName } from './run-description.js';
import type { RunDescription } from './run-description.js';

/** A file that is kept with a trial. */
export interface ArtifactRecord {
  /** A label, never a path. */
  readonly name: string;
  /** The attempt that stored it; 0: made outside of any. */
  readonly attempt: number;
  readonly bytes: number;
  /** Media type, or empty. */
  readonly mediaType: string;
  /** SHA-256 of the content, in lower-case hex. */
  readonly sha256: string;
}

/** Names a trial. */
export interface TrialKey {
  /** The study's ULID. */
  readonly studyId: string;
  readonly trial: number;
}

/** The files that are kept with a trial, in order of arrival. */
export async function listArtifacts({ link }: Connection, { studyId, trial }: TrialKey): Promise<readonly ArtifactRecord[]> {
  const { artifacts } = await link.unary(ArtifactServiceService.listArtifacts, { studyId, trial: BigInt(trial) });
  return artifacts.map(({ name, attempt, size = 0n, mediaType, sha256 }) => ({ name, attempt, bytes: Number(size), mediaType, sha256 }));
}

/** The content of a file, verified by the daemon. @throws ParamoError INVALID_ARGUMENT when the trial has none of this hash. */
export async function readArtifact({ link }: Connection, { studyId, trial }: TrialKey, sha256: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const { part } of link.serverStream(ArtifactServiceService.getArtifact, { studyId, trial: BigInt(trial), sha256 })) {
    if (part?.$case === 'content') parts.push(part.value);
  }
  return Buffer.concat(parts);
}

/** What a trial was in its newest attempt that was described, or in the one given; undefined: it was not described. */
export async function readDescription(connection: Connection, key: TrialKey, attempt?: number): Promise<RunDescription | undefined> {
  const found = newest(await listArtifacts(connection, key), descriptionName, attempt);
  return found && (JSON.parse((await readArtifact(connection, key, found.sha256)).toString()) as RunDescription);
}

/** How the code of that attempt differed from its commit, as `git diff` writes it; undefined: it did not, or nobody knows. */
export async function readChanges(connection: Connection, key: TrialKey, attempt?: number): Promise<string | undefined> {
  const found = newest(await listArtifacts(connection, key), changesName, attempt);
  return found && (await readArtifact(connection, key, found.sha256)).toString();
}

function newest(artifacts: readonly ArtifactRecord[], name: string, attempt: number | undefined): ArtifactRecord | undefined {
  return artifacts.filter((artifact) => artifact.name === name && (attempt === undefined || artifact.attempt === attempt)).sort((a, b) => a.attempt - b.attempt).at(-1);
}
