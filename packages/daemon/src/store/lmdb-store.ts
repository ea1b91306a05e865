import { dirname } from 'node:path';
import { syncPath } from '../sync-path.js';
import { storeFormat } from './layout.js';
import { openLmdbFile } from './lmdb-file.js';
import type { FileStore, LmdbFileOptions } from './lmdb-file.js';
import { migrateStore, migrations } from './migrations.js';
import type { Migration } from './migrations.js';
import { prepareStoreFile } from './store-file.js';
import { checkFormat, formatWrite } from './store-format.js';

/** How a store is opened. */
export interface LmdbStoreOptions extends LmdbFileOptions {
  /** There was a store: one that is gone is an error, and not made anew. */
  readonly mustExist?: boolean;
  /** How older formats are brought to this version's; for tests. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the store, or creates it. One of an older format is migrated first, and stays as it was beside it. Until it is open
 * a full disk is an error, reserve or not.
 * @throws ParamoError STORE_FORMAT for a newer format or another program's file, STORE_FULL when the disk is full,
 * STORE_CORRUPT when the file cannot be read or is gone.
 */
export async function openLmdbStore({ path, reserve, mustExist, migrations: steps = migrations }: LmdbStoreOptions): Promise<FileStore> {
  await prepareStoreFile(path, mustExist);
  const found = await openLmdbFile({ path });
  try {
    const format = checkFormat(found, path, found.stat().entries);
    if (format === 'empty') {
      await found.commit([formatWrite()]);
      await syncPath(dirname(path));
    } else if (format < storeFormat) await migrateStore(found, { path, format, steps });
  } finally {
    await found.close();
  }
  return openLmdbFile({ path, ...(reserve && { reserve }) });
}
