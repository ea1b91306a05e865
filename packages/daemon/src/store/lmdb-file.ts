import { renameSync, statSync } from 'node:fs';
import { chmod, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ParamoError } from '@paramo/core';
import { syncPath } from '../sync-path.js';
import { createCommitQueue } from './commit-queue.js';
import { storeFormat } from './layout.js';
import { entryCount, isForWantOfRoom, openDatabase, readChunk, reading, readRange, unreadable } from './lmdb-read.js';
import type { Database } from './lmdb-read.js';
import type { Reserve } from './reserve.js';
import { formatWrite } from './store-format.js';
import type { Store, Write } from './store.js';

/** How a database file is opened. */
export interface LmdbFileOptions {
  /** The file; its lock lies beside it as `PATH-lock`. The folder must exist, on a local disk. */
  readonly path: string;
  /** Room to give up when the disk is full; commits then wait until there is some. Absent: a full disk fails them. */
  readonly reserve?: Reserve;
}

/** A store in a file. */
export interface FileStore extends Store {
  /**
   * Writes what is durable to a new file, packed, and syncs it; its name is durable once its folder is synced. Commits go on meanwhile.
   * @throws ParamoError STORE_FULL, and no file is left; STORE_CORRUPT when the store cannot be read to its end.
   */
  copyTo(path: string): Promise<void>;
}

const formatKey = Buffer.from(formatWrite().key);
/** What a packed copy is called until it takes the file's place. */
const packing = '.packing';
/** With less room than this a failed write is taken for want of room. */
const leastRoomBytes = 2 ** 20;

/**
 * Opens a database file whatever the format of what it holds, or creates one, readable by its owner only. Overlapping syncs
 * are off: with them a commit whose sync failed can be read all the same, and reads must never show what is not durable.
 *
 * With a reserve, a commit that finds the disk full takes that, and waits when it was too little: it is neither answered nor
 * lost, and reads go on.
 * @throws ParamoError STORE_FORMAT when it is another program's, STORE_CORRUPT when it cannot be opened.
 */
export async function openLmdbFile({ path, reserve }: LmdbFileOptions): Promise<FileStore> {
  let db = openDatabase(path);
  try {
    // Of a process that died while it packed.
    for (const left of [`${path}${packing}`, `${path}${packing}-lock`]) await rm(left, { force: true });
    await Promise.all([chmod(path, 0o600), chmod(`${path}-lock`, 0o600)]);
  } catch (error) {
    await db.close();
    throw error;
  }
  let size = 0;
  let abandon = (): void => undefined;
  const closing = new Promise<'closing'>((resolve) => (abandon = () => resolve('closing')));

  let broken: ParamoError | undefined;
  /** Commits and packing, one after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  const queue = createCommitQueue((writes) =>
    inTurn(async () => {
      while (!(await isWritten(writes)));
      size = 0;
    }),
  );

  /** Puts a packed copy in the place of the file, and goes on with that. */
  async function pack(): Promise<void> {
    await copy(db, path, `${path}${packing}`);
    const packed = openDatabase(`${path}${packing}`);
    // In one turn of events, so that no read falls between. Whoever opens the file finds the lock that goes with it.
    renameSync(`${path}${packing}-lock`, `${path}-lock`);
    renameSync(`${path}${packing}`, path);
    const old = db;
    db = packed;
    size = 0;
    await old.close();
    try {
      await syncPath(dirname(path));
    } catch (cause) {
      // A power cut could bring back the old file, without what is committed from now on.
      broken = await commitError(path, cause);
      throw broken;
    }
  }

  /** False: the disk was full, and may have room by now. @throws ParamoError what ends the store. */
  async function isWritten(writes: readonly Write[]): Promise<boolean> {
    if (broken) throw broken;
    try {
      await writeDurably(db, writes);
      return true;
    } catch (cause) {
      const error = await commitError(path, cause, await reserve?.isScarce());
      if (error.code !== 'STORE_FULL' || !reserve) throw error;
      if ((await Promise.race([closing, reserve.makeRoom()])) === 'closing') throw error;
      await revive();
      return false;
    }
  }

  /** After a failed write of its head page the database answers nothing until it is opened anew. */
  async function revive(): Promise<void> {
    try {
      db.get(formatKey);
    } catch {
      await db.close();
      // What that write left must be durable before it can be read.
      await syncPath(path);
      db = openDatabase(path);
    }
  }

  return {
    get(key) {
      queue.assertOpen();
      return reading(path, () => db.get(Buffer.from(key)));
    },
    *range(range) {
      yield* readRange(path, range, (wanted) => {
        queue.assertOpen();
        return reading(path, () => {
          const entries = readChunk(db, wanted);
          // After a failed write of its meta page the database answers ranges with nothing, and only single reads say why.
          db.get(formatKey);
          return entries;
        });
      });
    },
    commit: (writes) => queue.commit(writes),
    failure: queue.failure,
    shortage: () => reserve?.shortage(),
    onRoom: (listener) => reserve?.onRoom(listener) ?? (() => undefined),
    stat() {
      queue.assertOpen();
      return { bytes: (size ||= statSync(path).size), freeBytes: freeBytes(db), entries: entryCount(db), format: storeFormat };
    },
    copyTo(target) {
      queue.assertOpen();
      return copy(db, path, target);
    },
    async compact() {
      queue.assertOpen();
      const before = statSync(path).size;
      await inTurn(() => pack());
      return { before, after: statSync(path).size };
    },
    async close() {
      abandon();
      await queue.close();
      await turn;
      await reserve?.close();
      await db.close();
    },
  };
}

/** Copies what is durable to a new file, packed, and syncs it. @throws ParamoError STORE_FULL, STORE_CORRUPT; no file is left then. */
async function copy(db: Database, path: string, target: string): Promise<void> {
  try {
    await db.backup(target, true);
    await chmod(target, 0o600);
    await syncPath(target);
  } catch (cause) {
    await rm(target, { force: true }).catch(() => undefined);
    const { code } = await commitError(target, cause);
    if (code === 'STORE_FULL') throw new ParamoError({ code, message: `there is no room for ${target}, which takes up to ${statSync(path).size} bytes`, hint: 'Free some space, then try again; the store itself was not changed.', cause });
    throw unreadable(path, cause);
  }
}

/** How much of the file holds nothing, and is used again by later commits. */
function freeBytes(db: Database): number {
  const { pageSize, lastPageNumber, root, free } = db.getStats() as { readonly pageSize: number; readonly lastPageNumber: number; readonly root: TreeStats; readonly free: TreeStats };
  const used = [root, free].reduce((sum, tree) => sum + tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages, headPages);
  return Math.max(0, (lastPageNumber + 1 - used) * pageSize);
}

interface TreeStats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

const headPages = 2;

/** One transaction on the database's own thread: resolves after its sync. The event loop never waits. */
async function writeDurably(db: Database, writes: readonly Write[]): Promise<void> {
  try {
    await db.batch(() => {
      for (const { key, value } of writes) {
        if (value === undefined) void db.remove(Buffer.from(key));
        else void db.put(Buffer.from(key), value as Buffer);
      }
    });
  } catch (error) {
    // lmdb-js hands the reason on as a promise of its own; unhandled, its rejection would end the process.
    const reason: unknown = (error as { readonly commitError?: unknown }).commitError;
    throw await Promise.resolve(reason).then(
      () => error,
      (cause: unknown) => cause,
    );
  }
}

/** A full disk surfaces as an I/O error too, so the room left decides what it is called. */
async function commitError(path: string, cause: unknown, isScarce = false): Promise<ParamoError> {
  const room = await statfs(dirname(path)).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Infinity,
  );
  const said = cause instanceof Error ? cause.message : String(cause);
  if (isForWantOfRoom(cause) || isScarce || room < leastRoomBytes) return new ParamoError({ code: 'STORE_FULL', message: `the disk of ${path} is full: ${said}`, hint: 'Free some space, then start the daemon again; nothing that was acknowledged is lost.', cause });
  return new ParamoError({ code: 'DATA_LOSS', message: `${path} could not be synced to disk: ${said}`, hint: 'Check the disk, then start the daemon again; nothing that was acknowledged is lost.', cause });
}
