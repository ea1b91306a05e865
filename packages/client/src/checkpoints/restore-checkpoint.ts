import { createHash } from 'node:crypto';
import { constants, copyFile, link as linkFile, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ParamoError } from '@paramo/core';
import type { TrialSource } from '@paramo/core';
import { checkManifest, checkpointName, CheckpointServiceService, chunksOf, trialSourceToMessage } from '@paramo/protocol';
import type { CheckpointFile, CheckpointListing, Chunk } from '@paramo/protocol';
import type { Connection } from '../connect.js';
import { readPieces, withFile } from './read-pieces.js';
import { whileLost } from './while-lost.js';

/** A checkpoint to have the files of. */
export interface CheckpointToRestore {
  readonly studyId: string;
  readonly source: TrialSource;
  /** An empty directory. */
  readonly into: string;
  /** Whether files may be shared with the store. */
  readonly share: boolean;
}

/**
 * Writes a checkpoint's files into the directory, every byte verified against the name of the checkpoint. Where the
 * store is on the same disk, files of one chunk are cloned, or linked where the file system has no clones: they are
 * read-only then, and not to be written to. Without `share` they are copies.
 * @throws ParamoError CHECKPOINT_NOT_FOUND; DATA_LOSS when what is stored is damaged.
 */
export async function restoreCheckpoint(connection: Connection, { studyId, source, into, share }: CheckpointToRestore): Promise<void> {
  const listing = await whileLost(connection, patienceMs, () => readListing(connection, studyId, source));
  if (share && (await restoreFromDisk(listing, into))) return;
  await whileLost(connection, patienceMs, () => download(connection, studyId, source, into));
}

async function readListing({ link }: Connection, studyId: string, source: TrialSource): Promise<CheckpointListing> {
  const request = { studyId, source: trialSourceToMessage(source), content: false };
  for await (const { part } of link.serverStream(CheckpointServiceService.getCheckpoint, request)) {
    if (part?.$case === 'listing') return verified(part.value, source);
  }
  throw endedEarly();
}

/** Takes the chunks from the daemon's folder. False: it is on another disk, or something there is not what it should be. */
async function restoreFromDisk({ manifest, folder }: CheckpointListing, into: string): Promise<boolean> {
  if (folder === '') return false;
  const blobOf = ({ sha256 }: Chunk): string => join(folder, sha256.slice(0, 2), sha256);
  try {
    for (const file of manifest!.files) {
      const target = await makePlace(into, file);
      const chunks = chunksOf({ files: [file], chunkBytes: manifest!.chunkBytes });
      const [only, ...more] = chunks;
      if (only && more.length === 0) {
        await cloneOrLink(blobOf(only), target);
        if ((await hashOf(target, only.size)) !== only.sha256) throw damaged(file);
        continue;
      }
      const writing = await open(target, 'wx', 0o600);
      try {
        for (const chunk of chunks) {
          const hash = createHash('sha256');
          for await (const piece of withFile(blobOf(chunk), (blob) => readPieces(blob, 0, chunk.size, pieceBytes))) {
            hash.update(piece);
            await writing.writeFile(piece);
          }
          if (hash.digest('hex') !== chunk.sha256) throw damaged(file);
        }
      } finally {
        await writing.close();
      }
    }
    return true;
  } catch {
    // Whatever it is, the daemon knows better: it serves the checkpoint, or says what is wrong with it.
    await empty(into);
    return false;
  }
}

async function download({ link }: Connection, studyId: string, source: TrialSource, into: string): Promise<void> {
  await empty(into);
  const request = { studyId, source: trialSourceToMessage(source), content: true };
  const parts = link.serverStream(CheckpointServiceService.getCheckpoint, request)[Symbol.asyncIterator]();
  try {
    const first = await parts.next();
    if (first.done || first.value.part?.$case !== 'listing') throw endedEarly();
    const { manifest } = verified(first.value.part.value, source);
    let rest: Buffer = Buffer.alloc(0);
    for (const file of manifest!.files) {
      const writing = await open(await makePlace(into, file), 'wx', 0o600);
      try {
        for (const { sha256, size } of chunksOf({ files: [file], chunkBytes: manifest!.chunkBytes })) {
          const hash = createHash('sha256');
          for (let left = size; left > 0; ) {
            if (rest.length === 0) {
              const next = await parts.next();
              if (next.done || next.value.part?.$case !== 'content') throw endedEarly();
              rest = next.value.part.value;
            }
            const piece = rest.subarray(0, left);
            rest = rest.subarray(piece.length);
            left -= piece.length;
            hash.update(piece);
            await writing.writeFile(piece);
          }
          if (hash.digest('hex') !== sha256) throw damaged(file);
        }
      } finally {
        await writing.close();
      }
    }
  } finally {
    await parts.return?.();
  }
}

const pieceBytes = 1024 * 1024;
/** A trial that is to go on from a checkpoint has nothing else to do. */
const patienceMs = 600_000;

/** A clone shares its content with the blob until one of them changes; where there are none, a link shares it for good. */
async function cloneOrLink(blob: string, target: string): Promise<void> {
  try {
    await copyFile(blob, target, constants.COPYFILE_FICLONE_FORCE);
  } catch {
    await linkFile(blob, target);
  }
}

async function hashOf(path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of withFile(path, (file) => readPieces(file, 0, size + 1, pieceBytes))) hash.update(piece);
  return hash.digest('hex');
}

async function makePlace(into: string, { path }: CheckpointFile): Promise<string> {
  const target = join(into, ...path.split('/'));
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  return target;
}

/** Removes what is in the directory, which itself stays: it may be a mount, a link or the working directory. */
async function empty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true });
}

/** The listing, if it is of the checkpoint that was named: the one restored is the one named, whoever answers. */
function verified(listing: CheckpointListing, { checkpoint }: TrialSource): CheckpointListing {
  const { manifest } = listing;
  if (manifest) checkManifest(manifest);
  if (manifest && checkpointName(manifest) === checkpoint) return listing;
  throw new ParamoError({ code: 'DATA_LOSS', message: `what is stored as checkpoint ${checkpoint} is another one`, hint: 'Run `paramo doctor`.' });
}

function damaged({ path }: CheckpointFile): ParamoError {
  return new ParamoError({ code: 'DATA_LOSS', message: `${path} of a checkpoint does not match its hash`, hint: 'The file was damaged on disk. Run `paramo doctor`.' });
}

function endedEarly(): ParamoError {
  return new ParamoError({ code: 'UNAVAILABLE', message: 'the daemon ended a checkpoint before all of it had come', hint: 'It is asked for again.' });
}
