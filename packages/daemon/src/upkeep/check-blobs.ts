import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readBlob } from '../blobs/read-blob.js';
import type { CheckNews } from './check-news.js';
import type { NeededBlob, UndecodableOwner } from './needed-blobs.js';

/** What blobs are checked against. */
export interface BlobCheck {
  readonly folder: string;
  readonly needed: Iterable<NeededBlob | UndecodableOwner>;
  /** Whether a blob is noted to be in use: else it would be removed. */
  readonly isNoted: (use: Uint8Array) => boolean;
  /** The same by now. */
  readonly hasNow: (use: Uint8Array) => boolean;
  readonly bad: (subject: string, detail: string, hint?: string) => Iterable<CheckNews>;
  readonly good: (subject: string, detail: string) => CheckNews;
}

const progressEvery = 20;
const replace = 'Store it again, bring a backup back with `paramo restore`, or delete what needs it; all else can be used.';

/** Reads every blob that is needed, and compares its content with its name; then looks at what else lies there. */
export async function* checkBlobs({ folder, needed, isNoted, hasNow, bad, good }: BlobCheck): AsyncGenerator<CheckNews, void, undefined> {
  const seen = new Map<string, { readonly size: number; readonly fault: string | undefined }>();
  let bytes = 0;
  for (const one of needed) {
    if ('error' in one) {
      yield* bad(one.who, `cannot be decoded: ${one.error}`);
      continue;
    }
    const { sha256, size, who, use } = one;
    if (!isNoted(use)) yield* bad(who, `its content ${sha256} is not noted to be in use, and may be removed`, replace);
    if (!hasNow(use)) continue;
    let found = seen.get(sha256);
    if (!found || found.size !== size) {
      found = { size, fault: await blobFault(join(folder, sha256.slice(0, 2), sha256), sha256, size) };
      seen.set(sha256, found);
      bytes += size;
      if (seen.size % progressEvery === 0) yield { kind: 'progress', what: 'blobs', done: seen.size, total: 0 };
    }
    // What nothing needs any more may go while this runs.
    if (found.fault !== undefined && hasNow(use)) yield* bad(who, `its content ${sha256} ${found.fault}`, replace);
  }
  const { others, otherBytes, foreign } = await listOthers(folder, seen);
  for (const path of foreign) yield* bad('blobs', `${path} is not a blob`, 'Move it away: nothing of Paramo made it.');
  yield good('blobs', `${seen.size} in use, ${megabytes(bytes)}, hashes verified${others > 0 ? `; ${others} more (${megabytes(otherBytes)}) that are new or not needed any more` : ''}`);
}

async function blobFault(path: string, sha256: string, size: number): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return 'is not there';
  if (found.size !== size) return `has ${found.size} bytes in place of ${size}`;
  try {
    for await (const _piece of readBlob(path, sha256, size));
    return undefined;
  } catch {
    return 'was damaged on the disk: its hash is another';
  }
}

async function listOthers(folder: string, seen: ReadonlyMap<string, unknown>): Promise<{ readonly others: number; readonly otherBytes: number; readonly foreign: readonly string[] }> {
  let [others, otherBytes] = [0, 0];
  const foreign: string[] = [];
  for (const prefix of await readdir(folder).catch(() => [])) {
    if (prefix === 'incoming') continue;
    for (const name of await readdir(join(folder, prefix)).catch(() => [''])) {
      const path = join(folder, prefix, name);
      if (!/^[0-9a-f]{64}$/.test(name) || name.slice(0, 2) !== prefix) foreign.push(path);
      else if (!seen.has(name)) {
        others++;
        otherBytes += (await stat(path).catch(() => undefined))?.size ?? 0;
      }
    }
  }
  return { others, otherBytes, foreign };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
