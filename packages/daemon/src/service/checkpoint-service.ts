import { ParamoError, type Clock } from '@paramo/core';
import {
  bindService, CheckpointListing, checkpointName, CheckpointServiceService, countFromMessage, sizeOf, trialSourceFromMessage,
  type CheckpointHeader, type GetCheckpointResponse, type PutCheckpointResponse, type ServiceBinding, type ServiceHandlers,
} from '@paramo/protocol';
import type { Checkpoints } from '../blobs/checkpoints.js';
import { decodePageToken, encodePageToken, type Listing } from '../store/page-token.js';
import type { Tuner } from '../tuner/tuner.js';
import { attemptFromMessage, updateToMessage } from './assignment.js';
import { contentOf } from './content-parts.js';
import { pageSize } from './paging.js';

/** How long the answer waits for a decision, where the strategy does not hold its workers, in milliseconds. */
const decisionMs = 2000;
/** A page goes on to the checkpoint that crosses this, which has 1 MiB at most. */
const pageBytes = 2 ** 21;
/** Longer than any connection lasts. */
const foreverMs = 2 ** 31 - 1;

/** CheckpointService over the content of checkpoints and the tuner, whose log says which are kept. */
export function checkpointService(checkpoints: Checkpoints, tuner: Tuner, clock: Clock): ServiceBinding {
  async function* store(header: CheckpointHeader, content: AsyncIterable<Buffer>, signal: AbortSignal): AsyncIterable<PutCheckpointResponse> {
    const { studyId, ...attempt } = attemptFromMessage(header.attempt);
    const study = tuner.study(studyId);
    await study.ready;
    const { manifest } = header;
    if (!manifest) throw invalid('header.manifest is missing', 'Say what the checkpoint consists of.');
    const done = countFromMessage(header.done, 'header.done', 1);
    study.expectCheckpoint(attempt, done);
    const incoming = await checkpoints.begin(manifest);
    try {
      yield { part: { $case: 'missing', value: { chunks: incoming.missing.map(({ sha256 }) => Buffer.from(sha256, 'hex')) } } };
      const storedBytes = await incoming.receive(content);
      const checkpoint = checkpointName(manifest);
      const size = sizeOf(manifest);
      const update = await study.checkpoint({ ...attempt, done, checkpoint, size, manifest });
      const told = await study.decided(update, study.milestones.barrier ? foreverMs : decisionMs, signal);
      yield { part: { $case: 'stored', value: { checkpoint, size: BigInt(size), storedBytes: BigInt(storedBytes), update: updateToMessage(told) } } };
    } finally {
      await incoming.release();
    }
  }

  const handlers: ServiceHandlers<typeof CheckpointServiceService> = {
    async *putCheckpoint(requests, { signal }) {
      const parts = requests[Symbol.asyncIterator]();
      try {
        const first = await parts.next();
        if (first.done || first.value.part?.$case !== 'header') throw invalid('the upload does not begin with a header', 'Send the header first, then the chunks that are asked for.');
        yield* store(first.value.part.value, contentOf(parts, clock), signal);
      } finally {
        // Not waited for: a message may still be asked for, and never come.
        void parts.return?.()?.catch(() => undefined);
      }
    },
    async *getCheckpoint({ studyId, source, content }): AsyncIterable<GetCheckpointResponse> {
      if (!source) throw invalid('source is missing', 'Name the checkpoint as an assignment or ListCheckpoints does.');
      const named = trialSourceFromMessage(source, 'source');
      const listing = checkpoints.get(studyId, named);
      yield { part: { $case: 'listing', value: { ...listing, folder: checkpoints.folder } } };
      if (!content) return;
      for await (const value of checkpoints.content(studyId, named)) yield { part: { $case: 'content', value } };
    },
    async listCheckpoints({ studyId, trial, pageSize: size, pageToken }) {
      const number = countFromMessage(trial, 'trial');
      tuner.study(studyId);
      const listing = { studyId, filter: `checkpoints of ${number}`, order: '' };
      const limit = pageSize(size);
      const page: CheckpointListing[] = [];
      let bytes = 0;
      for (const one of checkpoints.list(studyId, number, pageToken === '' ? undefined : lastSeen(listing, pageToken))) {
        if (page.length === limit || bytes >= pageBytes) {
          const { checkpoint, done } = page.at(-1)!.source!;
          return { checkpoints: page, nextPageToken: encodePageToken(listing, { value: checkpoint, number: Number(done) }) };
        }
        page.push(one);
        bytes += CheckpointListing.encode(one).finish().length;
      }
      return { checkpoints: page, nextPageToken: '' };
    },
  };
  return bindService(CheckpointServiceService, handlers);
}

function lastSeen(listing: Listing, token: string): { readonly done: number; readonly checkpoint: string } {
  const { value, number } = decodePageToken(listing, token);
  return { done: number, checkpoint: String(value) };
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint });
}
