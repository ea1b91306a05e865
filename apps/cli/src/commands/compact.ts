import { exitCodes } from '../exit-code.js';
import { compactStore } from '../operations.js';
import { note, printJson } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createLive } from '../terminal/live.js';

/** `paramo compact`: gives the room that deletions have left in the store back to the disk. */
export function compact(options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const live = createLive(process.stderr);
    live.update('packing the store');
    const { before, after } = await compactStore(connection).finally(() => live.done());
    if (options.json) await printJson({ before, after });
    else note(`the database took ${megabytes(before)} and takes ${megabytes(after)} now`);
    return exitCodes.ok.code;
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
