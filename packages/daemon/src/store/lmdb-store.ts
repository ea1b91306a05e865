import { dirname } from 'node:path';
import { syncPath } from '../sync-path.js';
import { storeFormat } from './layout.js';
import { openLmdbFile } from './lmdb-file.js';
import type { FileStore } from './lmdb-file.js';
import { migrateStore, migrations } from './migrations.js';
import type { Migration } from './migrations.js';
import { prepareStoreFile } from './store-file.js';
import { checkFormat, formatWrite } from './store-format.js';

/** Where the store lies. */
export interface LmdbStoreOptions {
  /** The database file; its lock lies beside it as `PATH-lock`. The folder must exist, on a local disk. */
  readonly path: string;
  /** How older formats are brought to this version's; for tests. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the store, or creates it. One of an older format is migrated first, and stays as it was beside it.
 * @throws ParamoError STORE_FORMAT for a newer format or another program's file, STORE_FULL when the disk is full,
 * STORE_CORRUPT when the file cannot be read.
 */
export async function openLmdbStore({ path, migrations: steps = migrations }: LmdbStoreOptions): Promise<FileStore> {
  await prepareStoreFile(path);
  const store = await openLmdbFile(path);
  try {
    const format = checkFormat(store, path);
    if (format === storeFormat) return store;
    if (format === 'empty') {
      await store.commit([formatWrite()]);
      await syncPath(dirname(path));
      return store;
    }
    await migrateStore(store, { path, format, steps });
  } catch (error) {
    await store.close();
    throw error;
  }
  return openLmdbFile(path);
}
