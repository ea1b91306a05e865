import { link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ParamoError } from '@paramo/core';
import { syncPath } from '../sync-path.js';
import { migrateFormat1 } from './format-1.js';
import { migrateFormat2 } from './format-2.js';
import { storeFormat } from './layout.js';
import { openLmdbFile } from './lmdb-file.js';
import type { FileStore } from './lmdb-file.js';
import type { Store } from './store.js';
import { formatWrite } from './store-format.js';

/** Brings a store from one format to the next. */
export interface Migration {
  /** The format it starts from; it ends with the next one. */
  readonly from: number;
  /**
   * Changes all that the next format has otherwise, in as many commits as it likes, but not the format's own entry. It works
   * on a copy, which is thrown away when it does not come to its end.
   */
  migrate(store: Store): Promise<void>;
}

/** The migrations of this version, one for each older format that it opens. */
export const migrations: readonly Migration[] = [{ from: 1, migrate: migrateFormat1 }, { from: 2, migrate: migrateFormat2 }];

/** A store to be migrated. */
export interface MigrationRequest {
  /** Its file. */
  readonly path: string;
  /** The format it has. */
  readonly format: number;
  readonly steps: readonly Migration[];
}

/**
 * Puts a store of this version's format in the place of an older one, which is closed and stays beside it as
 * `PATH.format-N`. All work is done on a copy, and the copy takes the file's place in one rename: whatever ends the process
 * leaves the old store or the new one. Needs room for a second store.
 * @throws ParamoError STORE_FORMAT when there is no way from its format to this one, STORE_FULL, STORE_CORRUPT; nothing was changed then.
 */
export async function migrateStore(old: FileStore, { path, format, steps }: MigrationRequest): Promise<void> {
  const way = Array.from({ length: storeFormat - format }, (_, i) => {
    const step = steps.find(({ from }) => from === format + i);
    if (!step) throw new ParamoError({ code: 'STORE_FORMAT', message: `${path} has format ${format}, which this version of Paramo does not open any more`, hint: 'Open it once with a version in between, or set PARAMO_HOME to another folder.' });
    return step;
  });
  const draft = `${path}.migrating`;
  await removeFiles(draft, `${draft}-lock`);
  try {
    await old.copyTo(draft);
    const copy = await openLmdbFile({ path: draft });
    try {
      for (const step of way) {
        await step.migrate(copy);
        await copy.commit([formatWrite(step.from + 1)]);
      }
    } finally {
      await copy.close();
    }
  } catch (error) {
    await removeFiles(draft, `${draft}-lock`);
    throw asMigrationError(error, path, format);
  }
  await old.close();
  const kept = `${path}.format-${format}`;
  await removeFiles(kept, `${path}-lock`, `${draft}-lock`);
  await link(path, kept);
  await rename(draft, path);
  await syncPath(dirname(path));
}

async function removeFiles(...paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}

function asMigrationError(thrown: unknown, path: string, format: number): ParamoError {
  const { code, summary, hint } = ParamoError.from(thrown);
  const known = code === 'STORE_FULL' || code === 'STORE_CORRUPT';
  return new ParamoError({
    code: known ? code : 'STORE_CORRUPT', message: `${path} could not be brought from format ${format} to ${storeFormat}: ${summary}`,
    hint: `It was not changed, and the version that wrote it still opens it. ${hint}`, cause: thrown,
  });
}
