import { createHash } from 'node:crypto';
import { ArtifactServiceService } from '@paramo/protocol';
import type { PutArtifactRequest } from '@paramo/protocol';
import type { AttemptKey } from '@paramo/protocol';
import type { Link } from '../link.js';

/** The most content of one message. */
const contentBytes = 256 * 1024;

/** A small file to be kept with an attempt. */
export interface NewArtifact {
  readonly attempt: AttemptKey;
  readonly name: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

/** Stores a file with an attempt. @throws ParamoError what the daemon refuses with; UNAVAILABLE and the like when it is away, ABORTED. */
export async function putArtifact(link: Link, { attempt: { studyId, trial, attempt }, name, mediaType, content }: NewArtifact, signal: AbortSignal): Promise<void> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  async function* parts(): AsyncGenerator<PutArtifactRequest, void, undefined> {
    yield { part: { $case: 'header', value: { studyId, trial, attempt, name, done: 0n, mediaType, size: BigInt(content.length), sha256, chunks: [] } } };
    for (let at = 0; at < content.length; at += contentBytes) yield { part: { $case: 'content', value: content.subarray(at, at + contentBytes) } };
  }
  await link.clientStream(ArtifactServiceService.putArtifact, parts(), { signal });
}
