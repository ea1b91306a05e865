import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolRecord } from '@paramo/protocol';
import type { SpoolOwner } from '@paramo/protocol';
import { isGone, spoolFormat } from './process-identity.js';
import { closedName, encodeRecords, readSpoolFile, spoolFiles } from './spool-files.js';

/** The right to deliver a spool in place of its owner. */
export interface Claim {
  readonly directory: string;
  /** In whose name it is delivered. */
  readonly writerId: string;
  /** Lets go of what is left, for others. */
  release(): void;
  /** Removes the folder: all of it is delivered. */
  remove(): void;
}

/** Why a spool is left alone: its owner or whoever claimed it is at work, cannot be seen from here, or writes a newer format. */
export type LeftAlone = 'in use' | 'unseen' | 'newer';

/** A process of another host or container is taken for gone when nothing was written for so long. */
const unseenMs = 3_600_000;

/** Claims the spool in `directory` for `self`, unless it is to be left alone. @throws the system's error when it cannot be read or written. */
export function claimSpool(directory: string, self: SpoolOwner, nowMs: number): Claim | LeftAlone {
  const names = readdirSync(directory);
  const owner = ownerOf(directory);
  if (owner && owner.format > spoolFormat) return 'newer';
  const state = names.includes(closedName) ? true : isSilent(owner, directory, nowMs);
  if (state !== true) return state;
  const before = Math.max(0, ...names.map((name) => Number(/^claim\.(\d+)$/.exec(name)?.[1] ?? 0)));
  if (before > 0) {
    const claimed = isSilent(readOwner(join(directory, `claim.${before}`)), directory, nowMs);
    if (claimed !== true) return claimed;
  }
  const path = join(directory, `claim.${before + 1}`);
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, encodeRecords([SpoolRecord.create({ kind: { $case: 'owner', value: self } })]));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'in use';
    throw error;
  }
  return {
    directory,
    writerId: owner?.writerId ?? '',
    release: () => rmSync(path, { force: true }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Whether a process is gone, or as good as gone. */
function isSilent(owner: SpoolOwner | undefined, directory: string, nowMs: number): true | 'in use' | 'unseen' {
  const gone = owner && isGone(owner);
  if (gone !== undefined) return gone || 'in use';
  const newest = Math.max(...readdirSync(directory).map((name) => modifiedMs(join(directory, name))), modifiedMs(directory));
  return nowMs - newest > unseenMs || 'unseen';
}

/** Whose spool it is, by the first of its files that says so. */
function ownerOf(directory: string): SpoolOwner | undefined {
  for (const path of spoolFiles(directory)) {
    const owner = readOwner(path);
    if (owner) return owner;
  }
  return undefined;
}

function readOwner(path: string): SpoolOwner | undefined {
  try {
    const first = readSpoolFile(path).records[0]?.kind;
    return first?.$case === 'owner' ? first.value : undefined;
  } catch {
    return undefined;
  }
}

function modifiedMs(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
