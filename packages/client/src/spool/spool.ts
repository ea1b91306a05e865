import { closeSync, ftruncateSync, openSync, rmdirSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolRecord } from '@paramo/protocol';
import type { EncodedBatch, SpoolOwner } from '@paramo/protocol';
import { makeDirectory } from '../make-directory.js';
import { createBatchFinder } from './find-batch.js';
import { closedName, encodeRecords, spoolFileName } from './spool-files.js';

/** One record on its way into a spool. */
export interface SpoolEntry {
  /** Which attempt it is of, by `attemptName`. */
  readonly attempt: string;
  /** Of a batch; absent: the attempt's end, which only `settle` takes out. */
  readonly sequence?: number;
  readonly record: SpoolRecord;
}

/**
 * What a process is about to send, on disk before it is sent, until it is acked. Written without a sync: it outlives the process
 * however that ends, but not a power cut.
 */
export interface Spool {
  readonly directory: string;
  /** Of the points that come next, every how manieth is to be kept: 1 below the quota; past it 2, then 4, 8, … the more it holds. */
  readonly keepEvery: number;
  /** Why the last write failed; undefined while all is well. */
  readonly trouble: string | undefined;
  /** Writes records in one go; false when they are not on disk. Never throws. */
  append(entries: readonly SpoolEntry[]): boolean;
  /** Batches of the attempt up to `sequence` need not be kept. */
  ack(attempt: string, sequence: number): void;
  /** Nothing of the attempt need be kept. */
  settle(attempt: string): void;
  /** A batch that was written; undefined when it cannot be read any more. */
  read(attempt: string, sequence: number): EncodedBatch | undefined;
  /** Closes the files and removes what need not be kept; what is left may be delivered by others from then on. */
  close(): void;
}

/** Where and how much. */
export interface SpoolOptions {
  readonly directory: string;
  readonly owner: SpoolOwner;
  /** Bytes on disk past which metrics are thinned. */
  readonly quotaBytes: number;
}

interface Segment {
  readonly path: string;
  bytes: number;
  /** Of each attempt the highest sequence in it; infinite: its end. */
  readonly last: Map<string, number>;
}

/** Files are changed at this size, so that what is acked is soon gone from the disk. */
const segmentBytes = 1024 * 1024;
/** A file this large whose batches are all acked is removed although it is the newest. */
const cleanBytes = 64 * 1024;
/** Past the quota, each further share of it of this size halves the points that are kept once more. */
const halvingShare = 1 / 16;

/** A spool with nothing in it: folder and file come with the first record. */
export function createSpool({ directory, owner, quotaBytes }: SpoolOptions): Spool {
  const find = createBatchFinder();
  const acked = new Map<string, number>();
  let segments: Segment[] = [];
  let current: { readonly segment: Segment; readonly file: number } | undefined;
  let count = 0;
  let used = 0;
  let trouble: string | undefined;

  const leave = (): void => {
    if (current) closeQuietly(current.file);
    current = undefined;
  };
  const open = (): { readonly segment: Segment; readonly file: number } => {
    makeDirectory(directory);
    const path = join(directory, spoolFileName(++count));
    const file = openSync(path, 'wx', 0o600);
    const segment: Segment = { path, bytes: 0, last: new Map() };
    current = { segment, file };
    segments.push(segment);
    put([SpoolRecord.create({ kind: { $case: 'owner', value: owner } })]);
    return current;
  };
  /** Writes all of it, or leaves nothing that a reader would stop at. */
  const put = (records: readonly SpoolRecord[]): void => {
    const { segment, file } = current!;
    const bytes = encodeRecords(records);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } catch (error) {
      try {
        ftruncateSync(file, segment.bytes);
      } catch {
        // Then the torn record stays, and nothing is written behind it.
      }
      leave();
      if (segment.bytes === 0) drop(segment);
      throw error;
    }
    segment.bytes += bytes.length;
    used += bytes.length;
  };
  const drop = (segment: Segment): void => {
    if (current?.segment === segment) leave();
    segments = segments.filter((other) => other !== segment);
    used -= segment.bytes;
    try {
      unlinkSync(segment.path);
    } catch {
      // Gone already, or it will be delivered once more, which changes nothing.
    }
  };
  const isDone = ({ last }: Segment): boolean => [...last].every(([attempt, sequence]) => (acked.get(attempt) ?? 0) >= sequence);
  const sweep = (): void => {
    for (const segment of segments) if (isDone(segment) && (current?.segment !== segment || segment.bytes >= cleanBytes)) drop(segment);
    for (const [attempt, sequence] of acked) if (sequence === Number.POSITIVE_INFINITY && !segments.some(({ last }) => last.has(attempt))) acked.delete(attempt);
  };

  return {
    directory,
    get keepEvery() {
      return used < quotaBytes ? 1 : 2 ** (1 + Math.floor((used / quotaBytes - 1) / halvingShare));
    },
    get trouble() {
      return trouble;
    },
    append(entries) {
      if (entries.length === 0) return true;
      try {
        if (current && current.segment.bytes >= segmentBytes) leave();
        const { segment } = current ?? open();
        put(entries.map(({ record }) => record));
        for (const { attempt, sequence = Number.POSITIVE_INFINITY } of entries) segment.last.set(attempt, Math.max(segment.last.get(attempt) ?? 0, sequence));
        trouble = undefined;
        return true;
      } catch (error) {
        trouble = error instanceof Error ? error.message : String(error);
        return false;
      }
    },
    ack(attempt, sequence) {
      if ((acked.get(attempt) ?? 0) >= sequence) return;
      acked.set(attempt, sequence);
      sweep();
    },
    settle(attempt) {
      if (!segments.some(({ last }) => last.has(attempt))) return;
      acked.set(attempt, Number.POSITIVE_INFINITY);
      sweep();
      if (!current?.segment.last.has(attempt)) return;
      // Else whoever finds the file would deliver it all once more, which costs time and changes nothing.
      const [studyId = '', trial = '0', number = '0'] = attempt.split('/');
      try {
        put([SpoolRecord.create({ kind: { $case: 'settled', value: { studyId, trial: BigInt(trial), attempt: Number(number) } } })]);
      } catch {
        // As said.
      }
    },
    read(attempt, sequence) {
      const segment = segments.find(({ last }) => (last.get(attempt) ?? 0) >= sequence);
      return segment && find(segment.path, attempt, sequence);
    },
    close() {
      leave();
      for (const segment of segments) if (isDone(segment)) drop(segment);
      if (count === 0) return;
      try {
        if (segments.length === 0) rmdirSync(directory);
        else writeFileSync(join(directory, closedName), '', { mode: 0o600 });
      } catch {
        // Somebody else's file lies in it, or nothing can be written: it is delivered once this process is gone.
      }
    },
  };
}

function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch {
    // Nothing that was written is lost by it.
  }
}
