import { open, rename, rm } from 'node:fs/promises';
import { ParamoError } from '@paramo/core';

/** A file that appears under its name only when it is complete. */
export interface ExportFile {
  write(text: string): Promise<void>;
  /** Puts it in its place. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** Opens a draft next to `path`. @throws ParamoError INVALID_ARGUMENT where none can be written. */
export async function openExportFile(path: string): Promise<ExportFile> {
  const draft = `${path}.${process.pid}.part`;
  try {
    const file = await open(draft, 'wx');
    return {
      write: (text) => file.appendFile(text),
      async finish() {
        await file.sync();
        await file.close();
        await rename(draft, path);
      },
      async discard() {
        await file.close().catch(() => undefined);
        await rm(draft, { force: true });
      },
    };
  } catch (cause) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `${path} cannot be written (${(cause as Error).message})`, hint: 'Give a file in a directory that exists and is yours.', cause });
  }
}
