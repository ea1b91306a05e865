import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncPath } from '../sync-path.js';

/** The file that says that a store on its way to its place is whole. */
export const restoredMark = 'restored.json';

/** Where a store lies until it takes its place. */
export function restoringPath(storePath: string): string {
  return `${storePath}.restoring`;
}

/**
 * Puts a whole store that waits beside a home's store in its place; the other one is kept as `PATH.replaced-N`, which is
 * answered. Where none waits, or one that is not whole, nothing is changed.
 */
export async function putRestored(storePath: string): Promise<string | undefined> {
  const waiting = restoringPath(storePath);
  if (!existsSync(join(waiting, restoredMark))) return undefined;
  let replaced: string | undefined;
  if (existsSync(storePath)) {
    for (let n = 1; replaced === undefined || existsSync(replaced); n++) replaced = `${storePath}.replaced-${n}`;
    await rename(storePath, replaced);
  }
  await rename(waiting, storePath);
  await syncPath(dirname(storePath));
  return replaced;
}
