import { ParamoError, type Clock } from '@paramo/core';
import {
  ArtifactServiceService, bindService, checkedName, countFromMessage, type ArtifactHeader, type GetArtifactResponse, type ServiceBinding,
  type ServiceHandlers,
} from '@paramo/protocol';
import type { Artifacts, NewArtifact } from '../blobs/artifacts.js';
import { contentOf } from './content-parts.js';

const maxMediaTypeBytes = 128;

/** ArtifactService over the artifacts of a store. */
export function artifactService(artifacts: Artifacts, clock: Clock): ServiceBinding {
  const handlers: ServiceHandlers<typeof ArtifactServiceService> = {
    async putArtifact(requests) {
      const parts = requests[Symbol.asyncIterator]();
      try {
        const first = await parts.next();
        if (first.done || first.value.part?.$case !== 'header') throw invalid('the upload does not begin with a header', 'Send the header first, then the content.');
        const { sha256, size } = await artifacts.put(artifactFromMessage(first.value.part.value), contentOf(parts, clock));
        return { sha256, size: BigInt(size) };
      } finally {
        // Not waited for: a message may still be asked for, and never come.
        void parts.return?.()?.catch(() => undefined);
      }
    },
    async *getArtifact({ studyId, trial, sha256 }): AsyncIterable<GetArtifactResponse> {
      const { header, content } = artifacts.get(studyId, countFromMessage(trial, 'trial'), hashFromMessage(sha256, 'sha256'));
      yield { part: { $case: 'header', value: header } };
      for await (const value of content) yield { part: { $case: 'content', value } };
    },
    async listArtifacts({ studyId, trial }) {
      return { artifacts: artifacts.list(studyId, countFromMessage(trial, 'trial')) };
    },
  };
  return bindService(ArtifactServiceService, handlers);
}

function artifactFromMessage({ studyId, trial, attempt, name, done, mediaType, size, sha256 }: ArtifactHeader): NewArtifact {
  return {
    studyId, trial: countFromMessage(trial, 'header.trial'), attempt, name: labelFromMessage(name), done: countFromMessage(done, 'header.done'),
    mediaType: mediaType === '' ? '' : checkedName(mediaType, 'header.media_type', maxMediaTypeBytes),
    ...(size === undefined ? {} : { size: countFromMessage(size, 'header.size') }),
    ...(sha256 === '' ? {} : { sha256: hashFromMessage(sha256, 'header.sha256') }),
  };
}

/** Refuses what somebody who saves the file under its name would take for a path. */
function labelFromMessage(name: string): string {
  if (/[/\\]/.test(name) || name === '.' || name === '..') throw invalid(`header.name is ${JSON.stringify(name)}, which reads as a path`, 'A name is a label within the trial: give it without slashes.');
  return checkedName(name, 'header.name');
}

function hashFromMessage(sha256: string, path: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalid(`${path} is ${JSON.stringify(sha256.slice(0, 80))}`, 'Give the SHA-256 in lower-case hex: 64 characters.');
  return sha256;
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint });
}
