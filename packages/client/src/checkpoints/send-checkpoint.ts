import { ParamoError } from '@paramo/core';
import { CheckpointServiceService } from '@paramo/protocol';
import type { PutCheckpointRequest, StoredCheckpoint } from '@paramo/protocol';
import type { Attempt } from '../attempt.js';
import type { Connection } from '../connect.js';
import type { CutDirectory } from './cut-directory.js';
import { readPieces, withFile } from './read-pieces.js';
import { whileLost } from './while-lost.js';

/** The most content of one message. */
const contentBytes = 256 * 1024;

/**
 * Sends what the daemon lacks of a directory, as the attempt's checkpoint of step `done`. When the daemon goes away it is sent
 * again: the same one changes nothing.
 * @throws ParamoError what the daemon refuses with; UNAVAILABLE and the like when it stays away.
 */
export function sendCheckpoint(connection: Connection, attempt: Attempt, done: number, cut: CutDirectory, patienceMs: number): Promise<StoredCheckpoint> {
  return whileLost(connection, patienceMs, () => send(connection, attempt, done, cut));
}

async function send({ link }: Connection, attempt: Attempt, done: number, { manifest, places }: CutDirectory): Promise<StoredCheckpoint> {
  let ask: (missing: readonly Buffer[]) => void = () => undefined;
  const asked = new Promise<readonly Buffer[]>((resolve) => (ask = resolve));
  let stored: StoredCheckpoint | undefined;

  async function* requests(): AsyncGenerator<PutCheckpointRequest, void, undefined> {
    yield { part: { $case: 'header', value: { attempt: attempt.key, done: BigInt(done), manifest } } };
    for (const hash of await asked) {
      const place = places.get(Buffer.from(hash).toString('hex'));
      if (!place) throw new ParamoError({ code: 'INTERNAL', message: 'the daemon asks for a chunk that the checkpoint does not have', hint: 'Bring client and daemon to the same version.' });
      for await (const value of withFile(place.path, (file) => readPieces(file, place.start, place.size, contentBytes))) yield { part: { $case: 'content', value } };
    }
  }

  for await (const { part } of link.duplex(CheckpointServiceService.putCheckpoint, requests())) {
    if (part?.$case === 'missing') ask(part.value.chunks);
    else if (part) stored = part.value;
  }
  if (!stored) throw new ParamoError({ code: 'UNAVAILABLE', message: 'the daemon ended the upload of a checkpoint without an answer', hint: 'It is sent again.' });
  return stored;
}
