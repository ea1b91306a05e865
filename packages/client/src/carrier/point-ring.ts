/** An entry with this number of a metric carries no point: the attempt has done so many steps, which points need not show. */
export const progressMetric = 0xffff_ffff;

/** What became of an entry: taken; taken, and the reader wants to be told or is falling behind; no room. */
export type Pushed = 'taken' | 'call' | 'hurry' | 'full';

/** The writing end of a ring: the training code's. */
export interface PointRingWriter {
  readonly memory: SharedArrayBuffer;
  /** Writes an entry. Never waits. */
  push(attempt: number, metric: number, step: number, value: number, timeMs: number): Pushed;
  /** How often the reader has said that everything is on disk. */
  readonly saves: number;
  /** Blocks until it has said so more than `saves` times, for at most `timeoutMs`. */
  waitForSave(saves: number, timeoutMs: number): void;
}

/** The reading end. */
export interface PointRingReader {
  /** Gives the entries to `take`, oldest first, until it refuses one or there are no more; true: no more. */
  drain(take: (attempt: number, metric: number, step: number, value: number, timeMs: number) => boolean): boolean;
  /** Asks to be told of the next entry. False: there is one already. */
  listen(): boolean;
  /** Says that everything is on disk. */
  saved(): void;
}

/** 8 MiB: what a loop that does nothing but log writes in some 60 ms. */
const defaultCapacity = 2 ** 18;
/** Words before the entries: where the writer stands, where the reader stands, whether it wants to be told, how often it saved. */
const writeAt = 0;
const readAt = 1;
const listensAt = 2;
const savesAt = 3;
const headBytes = 64;
/** Number of the metric and of the attempt, 4 bytes each; step, value and time, doubles. */
const entryBytes = 32;

/** A ring for entries of one writer and one reader, of `capacity` entries, a power of two. */
export function createPointRing(capacity: number = defaultCapacity): PointRingWriter {
  const memory = new SharedArrayBuffer(headBytes + capacity * entryBytes);
  const head = new Int32Array(memory, 0, headBytes / 4);
  const words = new Uint32Array(memory, headBytes);
  const doubles = new Float64Array(memory, headBytes);
  const mask = capacity - 1;
  const hurryMask = capacity / 4 - 1;
  let written = 0;
  let read = 0;
  return {
    memory,
    push(attempt, metric, step, value, timeMs) {
      if (written - read >= capacity) {
        // Both count in 32 bits, and are never further apart than the ring is long.
        read = written - ((written - Atomics.load(head, readAt)) >>> 0);
        if (written - read >= capacity) return 'full';
      }
      const slot = written & mask;
      words[slot * 8] = metric;
      words[slot * 8 + 1] = attempt;
      doubles[slot * 4 + 1] = step;
      doubles[slot * 4 + 2] = value;
      doubles[slot * 4 + 3] = timeMs;
      written++;
      Atomics.store(head, writeAt, written | 0);
      if (Atomics.load(head, listensAt) === 1) {
        Atomics.store(head, listensAt, 0);
        return 'call';
      }
      return (written & hurryMask) === 0 ? 'hurry' : 'taken';
    },
    get saves() {
      return Atomics.load(head, savesAt);
    },
    waitForSave(saves, timeoutMs) {
      Atomics.wait(head, savesAt, saves, timeoutMs);
    },
  };
}

/** The reading end of a ring. */
export function readPointRing(memory: SharedArrayBuffer): PointRingReader {
  const head = new Int32Array(memory, 0, headBytes / 4);
  const words = new Uint32Array(memory, headBytes);
  const doubles = new Float64Array(memory, headBytes);
  const capacity = doubles.length / 4;
  const mask = capacity - 1;
  /** So often the writer is told how much room there is. */
  const releaseMask = capacity / 16 - 1;
  let read = 0;
  Atomics.store(head, listensAt, 1);
  return {
    drain(take) {
      const end = Atomics.load(head, writeAt);
      for (; (read | 0) !== end; read++) {
        if ((read & releaseMask) === 0) Atomics.store(head, readAt, read | 0);
        const slot = read & mask;
        if (!take(words[slot * 8 + 1]!, words[slot * 8]!, doubles[slot * 4 + 1]!, doubles[slot * 4 + 2]!, doubles[slot * 4 + 3]!)) break;
      }
      Atomics.store(head, readAt, read | 0);
      return (read | 0) === end;
    },
    listen() {
      Atomics.store(head, listensAt, 1);
      return Atomics.load(head, writeAt) === (read | 0);
    },
    saved() {
      Atomics.add(head, savesAt, 1);
      Atomics.notify(head, savesAt);
    },
  };
}
