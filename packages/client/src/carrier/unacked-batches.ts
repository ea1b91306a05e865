import { decodeBatch, encodeBatch, encodedBatchOf } from '@paramo/protocol';
import type { AttemptKey, Batch, EncodedBatch } from '@paramo/protocol';
import type { PointBlock } from './point-buffer.js';

/** A batch on its way into the spool. */
export interface UnspooledBatch {
  readonly sequence: number;
  readonly batch: EncodedBatch;
  /** Points of the attempt left out up to it. */
  readonly dropped: number;
  /** Notes that it is on disk now. */
  written(): void;
}

/** The batches of an attempt that have a sequence and are not acked: the newest in memory, what is before them on disk alone. */
export interface UnackedBatches {
  /** Points in them, and their size on the wire. */
  readonly points: number;
  readonly bytes: number;
  /** Of the points those in memory. */
  readonly heldPoints: number;
  readonly isEmpty: boolean;
  /** The highest sequence that need not be kept: it is stored with all before it, or never will be. */
  readonly acked: number;
  /** Adds one; without a block it tells of steps done alone. */
  push(block: PointBlock | undefined, done: number, dropped: number): void;
  /** Those that are not in the spool, in order. */
  unspooled(): readonly UnspooledBatch[];
  /** Lets go of what is also in the spool, but for the newest so many. */
  release(keep: number): void;
  /** The next one not sent on stream `epoch`, marked as sent. */
  nextUnsent(epoch: number): EncodedBatch | undefined;
  /** All of them, in order. */
  all(): Batch[];
  /** Takes the points out of the oldest one in memory that has some; says how many. */
  shed(): number;
  /** Those up to `sequence` are stored. */
  ack(sequence: number): void;
  /** The points of this one will never be stored. It goes out again without them; false: nor will that be taken, and all are let go. */
  refuse(sequence: number): boolean;
}

interface KeptBatch {
  readonly sequence: number;
  /** Absent: it tells of steps done alone, or lost its points. */
  encoded: EncodedBatch | undefined;
  readonly points: number;
  readonly done: number;
  readonly dropped: number;
  /** The stream it went out on last; 0: none. */
  sentOn: number;
  spooled: boolean;
}

/** What a batch without points takes on the wire, about. */
const emptyBytes = 64;
const bytesPerPoint = 22;

/** None yet. `read` gets one back that is on disk alone; undefined: it cannot be read any more. */
export function createUnackedBatches(key: AttemptKey, read?: (sequence: number) => EncodedBatch | undefined): UnackedBatches {
  let kept: KeptBatch[] = [];
  let keptPoints = 0;
  let keptBytes = 0;
  let sequence = 0;
  let acked = 0;
  /** Of those on disk alone, all before the first in memory: how many points each has, the first of them, and the next to go out on stream `diskEpoch`. */
  const diskPoints: number[] = [];
  let diskFirst = 1;
  let diskNext = 1;
  let diskEpoch = 0;
  let diskTotal = 0;
  /** Of those the ones that go out without their points: refused, or shed before. */
  const emptied = new Set<number>();

  const empty = (batch: KeptBatch): void => {
    if (!batch.encoded) return;
    keptPoints -= batch.points;
    keptBytes -= batch.encoded.length;
    batch.encoded = undefined;
  };
  const diskEnd = (): number => diskFirst + diskPoints.length;
  const fromDisk = (number: number): EncodedBatch => {
    const batch = read?.(number);
    if (!batch) return encodeBatch({ key, sequence: number, series: [] });
    return emptied.has(number) ? encodedBatchOf({ ...decodeBatch(batch), series: [] }) : batch;
  };
  const inMemory = ({ sequence: number, encoded, done }: KeptBatch): EncodedBatch => encoded ?? encodeBatch({ key, sequence: number, series: [], done });
  const ack = (upTo: number): void => {
    acked = Math.max(acked, Math.min(upTo, sequence));
    const gone = Math.max(0, Math.min(diskPoints.length, acked + 1 - diskFirst));
    if (gone > 0) {
      for (const points of diskPoints.splice(0, gone)) diskTotal -= points;
      diskFirst += gone;
      diskNext = Math.max(diskNext, diskFirst);
      for (const number of emptied) if (number <= acked) emptied.delete(number);
    }
    const first = kept.findIndex((batch) => batch.sequence > acked);
    for (const batch of first < 0 ? kept : kept.slice(0, first)) empty(batch);
    kept = first < 0 ? [] : kept.slice(first);
  };

  return {
    get points() {
      return keptPoints + diskTotal;
    },
    get bytes() {
      return keptBytes + diskTotal * bytesPerPoint + diskPoints.length * emptyBytes;
    },
    get heldPoints() {
      return keptPoints;
    },
    get isEmpty() {
      return kept.length === 0 && diskPoints.length === 0;
    },
    get acked() {
      return acked;
    },
    push(block, done, dropped) {
      const encoded = block && encodeBatch({ key, sequence: sequence + 1, series: block.series, done });
      kept.push({ sequence: ++sequence, encoded, points: block?.points ?? 0, done, dropped, sentOn: 0, spooled: false });
      keptPoints += block?.points ?? 0;
      keptBytes += encoded?.length ?? 0;
    },
    unspooled: () =>
      kept
        .filter(({ spooled }) => !spooled)
        .map((batch) => ({
          sequence: batch.sequence,
          batch: inMemory(batch),
          dropped: batch.dropped,
          written: () => {
            batch.spooled = true;
          },
        })),
    release(keep) {
      let gone = 0;
      for (; kept.length - gone > keep && kept[gone]!.spooled; gone++) {
        const batch = kept[gone]!;
        if (diskPoints.length === 0) {
          diskFirst = batch.sequence;
          diskNext = batch.sequence;
          diskEpoch = batch.sentOn;
        }
        // What went out on this stream need not be read for it again.
        if (batch.sentOn !== 0 && batch.sentOn === diskEpoch && diskNext === batch.sequence) diskNext++;
        if (!batch.encoded) emptied.add(batch.sequence);
        diskPoints.push(batch.encoded ? batch.points : 0);
        diskTotal += batch.encoded ? batch.points : 0;
        empty(batch);
      }
      if (gone > 0) kept = kept.slice(gone);
    },
    nextUnsent(epoch) {
      if (diskPoints.length > 0) {
        if (diskEpoch !== epoch) {
          diskEpoch = epoch;
          diskNext = diskFirst;
        }
        if (diskNext < diskEnd()) return fromDisk(diskNext++);
      }
      const batch = kept.find(({ sentOn }) => sentOn !== epoch);
      if (!batch) return undefined;
      batch.sentOn = epoch;
      return inMemory(batch);
    },
    all: () => [...diskPoints.map((_, i) => fromDisk(diskFirst + i)), ...kept.map(inMemory)].map(decodeBatch),
    shed() {
      const oldest = kept.find(({ encoded }) => encoded !== undefined);
      if (oldest) empty(oldest);
      return oldest?.points ?? 0;
    },
    ack,
    refuse(refused) {
      const batch = kept.find((one) => one.sequence === refused);
      const isOnDisk = refused >= diskFirst && refused < diskEnd();
      // Its number must still arrive, or those after it would leave a gap.
      if (batch?.encoded) {
        empty(batch);
        batch.sentOn = 0;
        return true;
      }
      if (isOnDisk && !emptied.has(refused)) {
        emptied.add(refused);
        diskNext = refused;
        return true;
      }
      if (!batch && !isOnDisk) return true;
      ack(sequence);
      return false;
    },
  };
}
