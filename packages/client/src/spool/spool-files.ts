import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolRecord } from '@paramo/protocol';
import type { AttemptKey } from '@paramo/protocol';
import { frameRecords, readFrames } from './frame.js';

/** What can be read of a file. */
export interface SpoolFile {
  readonly records: readonly SpoolRecord[];
  /** Bytes at its end that cannot be read; 0: it is whole. */
  readonly unreadBytes: number;
}

/** Name of the empty file by which an owner that lives on lets others deliver what it has left. */
export const closedName = 'closed';

/** The files of one spool, oldest first. @throws the system's error when the folder cannot be read. */
export function spoolFiles(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => /^\d{10}\.spool$/.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** The name of the `number`th file. */
export function spoolFileName(number: number): string {
  return `${String(number).padStart(10, '0')}.spool`;
}

/** Records as they stand in a file. */
export function encodeRecords(records: readonly SpoolRecord[]): Buffer {
  return frameRecords(records.map((record) => SpoolRecord.encode(record).finish()));
}

/** The records of a file up to the first that is torn or damaged. @throws the system's error when it cannot be read. */
export function readSpoolFile(path: string): SpoolFile {
  const bytes = readFileSync(path);
  const { payloads, end } = readFrames(bytes);
  const records: SpoolRecord[] = [];
  let read = 0;
  try {
    for (const payload of payloads) {
      records.push(SpoolRecord.decode(payload));
      read = payload.byteOffset + payload.length - bytes.byteOffset;
    }
    return { records, unreadBytes: bytes.length - end };
  } catch {
    // Its checksum is right, and yet it is no message of ours: as good as damaged.
    return { records, unreadBytes: bytes.length - read };
  }
}

/** An attempt as one text, `STUDY/TRIAL/ATTEMPT`. */
export function attemptName({ studyId, trial, attempt }: Pick<AttemptKey, 'studyId' | 'attempt'> & { readonly trial: bigint | number }): string {
  return `${studyId}/${trial}/${attempt}`;
}
