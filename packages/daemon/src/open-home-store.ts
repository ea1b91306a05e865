import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ParamoError } from '@paramo/core';
import type { Clock, Entropy } from '@paramo/core';
import { openLmdbStore } from './store/lmdb-store.js';
import { openReserve } from './store/reserve.js';
import { isShort } from './store/store-file.js';
import type { Store } from './store/store.js';
import { syncPath } from './sync-path.js';
import { putRestored } from './upkeep/put-restored.js';
import { runCheck } from './upkeep/run-check.js';

/** What a store watches its disk with. */
export interface StorePorts {
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/**
 * Opens the store of a home in its folder, or makes a new one where there was none. A restore whose
 * process died before its last step is brought to its end.
 * @throws ParamoError STORE_FORMAT, STORE_CORRUPT, STORE_FULL.
 */
export async function openHomeStore(folder: string, { clock, entropy }: StorePorts): Promise<Store> {
  await putRestored(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Also one that was there: who made it may have been killed before the sync.
  await syncPath(dirname(folder));
  const path = join(folder, 'data.mdb');
  if ((await isShort(path)) && !(await canBeRead(path))) {
    throw new ParamoError({ code: 'STORE_CORRUPT', message: `${path} was cut off: a part of what was stored is missing`, hint: 'Bring a backup back with `paramo restore`, which keeps what is there beside it.' });
  }
  const reserve = await openReserve({ path: join(folder, 'reserve'), clock, entropy });
  try {
    // The folder of blobs is made once the first store is on disk.
    return await openLmdbStore({ path, reserve, mustExist: existsSync(join(folder, 'blobs')) });
  } catch (error) {
    await reserve.close();
    throw error;
  }
}

async function canBeRead(data: string): Promise<boolean> {
  for await (const news of runCheck({ data })) if (news.kind === 'finding' && news.finding.detail.startsWith('STORE_CORRUPT')) return false;
  return true;
}
