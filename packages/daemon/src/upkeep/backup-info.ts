import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ParamoError } from '@paramo/core';

/** What a backup says of itself. */
export interface BackupInfo {
  /** The version of Paramo that made it. */
  readonly version: string;
  /** When it was begun, in milliseconds since 1970. */
  readonly beganMs: number;
  /** What its check found: tables and blobs. */
  readonly content: readonly string[];
}

/** The file that only a whole backup has. */
export const infoFile = 'backup.json';

/** What a folder says of itself. @throws ParamoError INVALID_ARGUMENT when it is no backup, or not a whole one. */
export async function readBackupInfo(directory: string): Promise<BackupInfo> {
  try {
    return JSON.parse(await readFile(join(directory, infoFile), 'utf8')) as BackupInfo;
  } catch (cause) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `${directory} is not a backup: ${(cause as Error).message}`, hint: 'Name a folder that `paramo backup` made.', cause });
  }
}

/** Writes a small file, durably but for its name. */
export async function writeDurably(path: string, info: BackupInfo): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(info, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
