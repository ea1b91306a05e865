import type { ParamoError } from '@paramo/core';

/** One change: a value to put at a key, or the key's removal. Handed over for good: neither array may change afterwards. */
export interface Write {
  readonly key: Uint8Array;
  /** Absent: the key is removed. */
  readonly value: Uint8Array | undefined;
}

/** The keys from `from` (included) to `to` (not included), in byte order. */
export interface Range {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Largest key first. */
  readonly reverse?: boolean;
  /** At most so many entries; absent: all. */
  readonly limit?: number;
  /** Values are not read, and come as empty. */
  readonly keysOnly?: boolean;
}

/** A key and its value, both copies of their own. */
export type Entry = readonly [key: Uint8Array, value: Uint8Array];

/**
 * An ordered map of bytes on disk: the port between the daemon and its database. Keys are 1 to 1900 bytes and ordered
 * bytewise; values may be empty and may be large.
 *
 * Reads show durable data only: what a commit writes is seen once it is synced and not before, so no answer built from
 * a read can be undone by a crash. Reads are synchronous and never wait for a write.
 */
export interface Store {
  /** The value at `key`. */
  get(key: Uint8Array): Uint8Array | undefined;

  /**
   * The entries of a range, read in chunks while it is iterated. Each chunk is one snapshot; no read transaction is
   * held between chunks, so a slow or abandoned iteration costs nothing.
   */
  range(range: Range): Iterable<Entry>;

  /**
   * Applies all writes in their order, or none, and resolves once they are synced to disk. Commits become durable in
   * the order of the calls; several calls of one event turn, or made while a sync runs, may share one transaction. A
   * commit of nothing resolves when all before it are durable.
   *
   * After one failed commit every later one rejects with the same error: what a failed sync left on disk is unknown
   * until the store is opened anew.
   * @throws ParamoError STORE_FULL when the disk is full and nothing is kept for that, DATA_LOSS when a write or sync failed otherwise.
   */
  commit(writes: readonly Write[]): Promise<void>;

  /** Resolves with the error of the first failed commit; otherwise stays pending. */
  readonly failure: Promise<ParamoError>;

  /**
   * Why nothing but the ends and states of trials should be committed now: the disk is full, or nearly. What is committed all
   * the same waits for room when there is none at all. Undefined: there is room.
   */
  shortage(): ParamoError | undefined;

  /** Calls `listener` whenever a shortage is over; returns how to end that. */
  onRoom(listener: () => void): () => void;

  /**
   * Packs what is stored, so that the room that removals have left goes back to the disk. Commits wait meanwhile, reads go on.
   * Answers the bytes on disk before and after.
   * @throws ParamoError STORE_FULL when there is no room for the packed copy; nothing was changed then.
   */
  compact(): Promise<{ readonly before: number; readonly after: number }>;

  /** Bytes on disk, what they hold, and the version of the on-disk format. */
  stat(): StoreStat;

  /** Waits for the commits under way, then lets go of the file. Using the store afterwards is an error. */
  close(): Promise<void>;
}

/** What `Store.stat` answers. */
export interface StoreStat {
  readonly bytes: number;
  /** How many of them hold nothing. */
  readonly freeBytes: number;
  /** How many entries there are, by its own books. */
  readonly entries: number;
  readonly format: number;
}
