import { ParamoError } from '@paramo/core';
import type { Clock } from '@paramo/core';
import { createCommitQueue } from './commit-queue.js';
import { storeFormat } from './layout.js';
import { formatWrite } from './store-format.js';
import type { Entry, Range, Store, Write } from './store.js';

/** How the simulated disk behaves. */
export interface MemoryStoreOptions {
  /** How long a sync takes, in milliseconds of `clock`; 0: until the next event turn. */
  readonly delayMs?: number;
  /** Needed with `delayMs`. */
  readonly clock?: Clock;
  /** Fractions in [0, 1): spreads delays over half to one and a half times `delayMs`, and decides at a crash how many transactions under way had reached the disk. Absent: no spread, none. */
  readonly random?: () => number;
  /** Transactions that succeed before all fail; absent: none fails. */
  readonly failAfter?: number;
  /** What they fail with: STORE_FULL unless given. */
  readonly failWith?: 'STORE_FULL' | 'DATA_LOSS';
}

/** A store in memory that keeps every promise of `Store` until the process ends, and can lose power before. */
export interface MemoryStore extends Store {
  /**
   * Cuts the power and opens the store anew: what was resolved is there, what was under way is there as a whole or not at
   * all and stays unanswered. The old store is of no further use.
   */
  crash(options?: MemoryStoreOptions): MemoryStore;
  /** Makes room scarce, or plenty again. Commits succeed all the same. */
  setScarce(scarce: boolean): void;
}

/** An empty simulated store. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const disk = createDisk();
  disk.apply([formatWrite()]);
  return openDisk(disk, options);
}

function openDisk(disk: Disk, options: MemoryStoreOptions): MemoryStore {
  const { delayMs = 0, clock, random, failAfter = Infinity, failWith = 'STORE_FULL' } = options;
  let underWay: readonly Write[] | undefined;
  let transactions = 0;
  let dead = false;
  let short: ParamoError | undefined;
  const roomListeners = new Set<() => void>();

  const queue = createCommitQueue(async (writes) => {
    underWay = writes;
    if (delayMs > 0 && clock) await new Promise<void>((resolve) => void clock.setTimer(delayMs * (random ? 0.5 + random() : 1), resolve));
    else await new Promise(setImmediate);
    // Power was cut: whoever waits for this is gone with the process.
    if (dead) await new Promise<never>(() => {});
    underWay = undefined;
    if (transactions++ >= failAfter) throw simulatedFailure(failWith);
    disk.apply(writes);
  });

  return {
    get(key) {
      queue.assertOpen();
      return disk.get(key);
    },
    *range(range) {
      queue.assertOpen();
      for (const entry of disk.range(range)) {
        queue.assertOpen();
        yield entry;
      }
    },
    commit: (writes) => (dead ? new Promise(() => {}) : queue.commit(writes)),
    failure: queue.failure,
    shortage: () => short,
    onRoom(listener) {
      roomListeners.add(listener);
      return () => roomListeners.delete(listener);
    },
    setScarce(scarce) {
      short = scarce ? simulatedFailure('STORE_FULL') : undefined;
      if (!scarce) for (const listener of [...roomListeners]) listener();
    },
    compact: () => Promise.resolve({ before: disk.bytes(), after: disk.bytes() }),
    stat() {
      queue.assertOpen();
      return { bytes: disk.bytes(), freeBytes: 0, entries: disk.entries(), format: storeFormat };
    },
    close: () => (dead ? Promise.resolve() : queue.close()),
    crash(next = options) {
      dead = true;
      const survivor = disk.copy();
      if (underWay && random && random() < 0.5) survivor.apply(underWay);
      return openDisk(survivor, next);
    },
  };
}

/** What is durable: an ordered map. */
interface Disk {
  get(key: Uint8Array): Uint8Array | undefined;
  range(range: Range): Entry[];
  apply(writes: readonly Write[]): void;
  bytes(): number;
  entries(): number;
  copy(): Disk;
}

function createDisk(keys: string[] = [], values: Map<string, Uint8Array> = new Map()): Disk {
  return {
    get(key) {
      const value = values.get(toText(key));
      return value && Uint8Array.from(value);
    },
    range({ from, to, reverse = false, limit = Infinity, keysOnly = false }) {
      const low = lowerBound(keys, toText(from));
      const high = Math.max(low, lowerBound(keys, toText(to)));
      const count = Math.max(0, Math.min(limit, high - low));
      const found = reverse ? keys.slice(high - count, high).reverse() : keys.slice(low, low + count);
      return found.map((key) => [Uint8Array.from(Buffer.from(key, 'latin1')), keysOnly ? new Uint8Array(0) : Uint8Array.from(values.get(key)!)]);
    },
    apply(writes) {
      for (const { key, value } of writes) {
        const name = toText(key);
        const known = values.has(name);
        if (value !== undefined && !known) keys.splice(lowerBound(keys, name), 0, name);
        if (value === undefined && known) keys.splice(lowerBound(keys, name), 1);
        if (value === undefined) values.delete(name);
        else values.set(name, Uint8Array.from(value));
      }
    },
    bytes() {
      let sum = 0;
      for (const [key, value] of values) sum += key.length + value.length;
      return sum;
    },
    entries: () => keys.length,
    copy: () => createDisk([...keys], new Map(values)),
  };
}

/** Bytes as a string of the same order, to be a map's key. */
function toText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

/** Index of the first key not below `bound`. */
function lowerBound(keys: readonly string[], bound: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function simulatedFailure(code: 'STORE_FULL' | 'DATA_LOSS'): ParamoError {
  return new ParamoError({ code, message: code === 'STORE_FULL' ? 'the simulated disk is full' : 'the simulated disk lost a sync', hint: 'Start the daemon again; nothing that was acknowledged is lost.' });
}
