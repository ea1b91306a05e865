import { open } from 'node:fs/promises';

/** Makes durable what a file holds, or which names a folder holds: syncing a new file alone does not make its name so. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path);
  await handle.sync().finally(() => handle.close());
}
