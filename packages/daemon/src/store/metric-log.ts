import type { Clock, TrialId } from '@paramo/core';
import { createGathering } from './gathering.js';
import { decodeKey, prefixRange } from './key.js';
import { tables } from './layout.js';
import type { WriterKey } from './layout.js';
import type { MetricBatch, SeriesOwner } from './metric-batch.js';
import { drainTails } from './metric-drain.js';
import type { Deletions } from './metric-drain.js';
import { logRecord, readRecord, recordKey } from './metric-record.js';
import type { MetricRecord } from './metric-record.js';
import type { Run } from './series-run.js';
import { createSeriesTails } from './series-tails.js';
import type { AttemptTail } from './series-tails.js';
import type { Store, Write } from './store.js';
import { drainedSequence } from './writer-sequence.js';

/**
 * The log of all points: a record for each commit of batches, and the same points in memory, until they are drained into
 * chunks. A batch is durable with its record. Draining goes in slices, one transaction each: the chunks and the sequences
 * of some attempts. Whoever reads the log again after a crash leaves out the batches at or below the sequences of
 * table `u`: they are in chunks. Only when all that was in the log is in chunks do records go, the oldest first.
 */
export interface MetricLog {
  /** Applies the writes and appends the records in one transaction, after all that was gathered. A batch's sequence must be above `sequence`. */
  commit(writes: readonly Write[], records: readonly MetricRecord[]): Promise<void>;
  /** Stores a batch that may wait up to 5 ms for others to share its commit. Resolves once it is durable. */
  gather(batch: MetricBatch): Promise<void>;
  /** The highest durable sequence of a writer; 0: none. */
  sequence(writer: WriterKey): number;
  /** The durable points of a trial that may not be in chunks yet, in the order they were written. */
  tails(studyId: string, trial: TrialId): AttemptTail[];
  /** Moves all points into chunks. Happens by itself when the log is large or old. */
  drain(): Promise<void>;
  /** Waits for what is under way, and drains the log. */
  close(): Promise<void>;
}

/** A log of so many bytes or points, or with a record of that age, is drained. */
const largeBytes = 2 ** 24;
const largePoints = 1_000_000;
const oldMs = 60_000;
/** Records removed in one transaction. */
const trimRecords = 1000;

/** Opens the log of a store, and reads what is in it. Who only looks moves nothing. */
export function openMetricLog(store: Store, clock: Clock, { looks = false }: { readonly looks?: boolean } = {}): MetricLog {
  /** Points logged since the last draining began, and those that it moves. */
  let current = createSeriesTails();
  let moving = createSeriesTails();
  /** Bytes logged since the last draining began. */
  let bytes = 0;
  /** Positions in the log: the oldest record, the newest, the newest whose points are in `current`, the newest whose points are or were in `moving`. */
  let oldest = 1;
  let newest = 0;
  let applied = 0;
  let moved = 0;
  /** Records that cannot be read. They stay, for the doctor to find. */
  const damaged = new Set<number>();
  /** Series that are gone once their record is durable: no chunk may be made of them meanwhile. */
  const deleting = new Set<SeriesOwner>();
  let begun = 0;
  const deletions: Deletions = {
    count: () => begun,
    includes: ({ studyId, trial }) => [...deleting].some((owner) => owner.studyId === studyId && (owner.trial ?? trial) === trial),
  };
  let draining: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;
  let closed = false;
  const gathering = createGathering(clock, (batches) => append([], [{ batches }]));

  function sequence(writer: WriterKey): number {
    return current.sequence(writer) ?? moving.sequence(writer) ?? drainedSequence(store, writer);
  }

  function replay(): void {
    for (const [key, value] of store.range(prefixRange(tables.metricLog))) {
      newest = decodeKey(key, ['text', 'count'])[1] as number;
      const record = readRecord(key, value);
      if (applied === 0) oldest = record ? newest : newest + 1;
      if (record === undefined) damaged.add(newest);
      else if ('batches' in record) apply(newest, { batches: record.batches.filter((batch) => batch.sequence > sequence(batch)) }, value.length);
      else apply(newest, record, value.length);
    }
    watch();
  }

  async function append(writes: readonly Write[], records: readonly MetricRecord[]): Promise<void> {
    const added = records.map((record) => ({ position: ++newest, ...logRecord(newest, record) }));
    const owners = records.flatMap((record) => ('deleted' in record ? [record.deleted] : []));
    begun += owners.length;
    for (const owner of owners) deleting.add(owner);
    try {
      await store.commit([...writes, ...added.map(({ write }) => write)]);
      for (const { record, position, write } of added) apply(position, record, write.value.length);
      watch();
    } finally {
      for (const owner of owners) deleting.delete(owner);
    }
  }

  /** Takes a durable record into memory. */
  function apply(position: number, record: MetricRecord<Run>, size: number): void {
    applied = position;
    bytes += size;
    if ('batches' in record) for (const batch of record.batches) current.add(batch);
    else for (const tails of [current, moving]) tails.delete(record.deleted);
  }

  function watch(): void {
    if (looks || closed || draining || store.shortage()) return;
    if (bytes >= largeBytes || current.points >= largePoints) void drain().catch(() => undefined);
    else if (applied > moved) cancelTimer ??= clock.setTimer(oldMs, () => void drain().catch(() => undefined));
  }

  function drain(): Promise<void> {
    return (draining ??= move()
      .finally(() => (draining = undefined))
      // What was left is being deleted, or there was no room: it is looked at again when that is over.
      .then((isDone) => isDone && watch())
      .then(() => undefined));
  }

  /** Answers whether all went that was there. */
  async function move(): Promise<boolean> {
    cancelTimer?.();
    cancelTimer = undefined;
    // What a failed draining left is gone on with first.
    if (moving.isEmpty) {
      [moving, current] = [current, moving];
      moved = applied;
      bytes = 0;
    }
    const isDone = await drainTails(store, moving, deletions);
    if (isDone) await trim();
    return isDone;
  }

  /** Removes the records whose points are in chunks. */
  async function trim(): Promise<void> {
    while (oldest <= moved) {
      const end = Math.min(oldest + trimRecords, moved + 1);
      const writes: Write[] = [];
      for (let position = oldest; position < end; position++) if (!damaged.has(position)) writes.push({ key: recordKey(position), value: undefined });
      await store.commit(writes);
      oldest = end;
    }
  }

  const forget = store.onRoom(watch);
  replay();
  return {
    commit(writes, records) {
      gathering.flush();
      return append(writes, records);
    },
    gather: (batch) => gathering.add(batch),
    sequence,
    tails: (studyId, trial) => [moving, current].flatMap((tails) => [...tails.ofTrial(studyId, trial)]),
    drain,
    async close() {
      closed = true;
      forget();
      gathering.flush();
      // First what is being drained already, then the rest. After a failed commit the log keeps it for the next start.
      await store.commit([]).then(drain).then(drain).catch(() => undefined);
      cancelTimer?.();
    },
  };
}
