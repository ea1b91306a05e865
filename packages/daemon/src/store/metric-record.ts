import { withChecksum, withoutChecksum } from './checksum.js';
import { encodeKey } from './key.js';
import { tables } from './layout.js';
import type { BatchKey } from './layout.js';
import type { MetricBatch, SeriesOwner } from './metric-batch.js';
import type { Points } from './points.js';
import { packPoints } from './series-chunk.js';
import { runOf } from './series-run.js';
import type { Run } from './series-run.js';
import type { Write } from './store.js';

/** An entry of the metric log: the batches of one commit, or whose series were deleted. */
export type MetricRecord<Series = Points> = { readonly batches: readonly MetricBatch<Series>[] } | { readonly deleted: SeriesOwner };

/** A batch in the head of a record: whose it is, and how many bytes each series takes. */
type BatchHead = BatchKey & { readonly late: boolean; readonly series: readonly (readonly [name: string, bytes: number])[] };

/** The JSON in front of a record's points. */
interface RecordHead {
  readonly deleted?: SeriesOwner;
  readonly batches?: readonly BatchHead[];
}

/** The key of a record. */
export function recordKey(position: number): Uint8Array {
  return encodeKey(tables.metricLog, position);
}

/** A record on its way to disk, and as it will lie in memory. */
export interface LoggedRecord {
  readonly write: Write & { readonly value: Uint8Array };
  readonly record: MetricRecord<Run>;
}

/** Brings a record into its form: checksum, length of the head, head, packed points in the head's order. */
export function logRecord(position: number, record: MetricRecord): LoggedRecord {
  if ('deleted' in record) return { write: recordWrite(position, record, []), record };
  const packed: Uint8Array[] = [];
  const heads: BatchHead[] = [];
  const batches = record.batches.map(({ series, ...batch }): MetricBatch<Run> => {
    const sizes: [string, number][] = [];
    const runs = new Map<string, Run>();
    for (const [name, points] of series) {
      const { bytes } = packPoints(points);
      packed.push(bytes);
      sizes.push([name, bytes.length]);
      runs.set(name, runOf(bytes, points));
    }
    heads.push({ ...batch, series: sizes });
    return { ...batch, series: runs };
  });
  return { write: recordWrite(position, { batches: heads }, packed), record: { batches } };
}

function recordWrite(position: number, head: RecordHead, packed: readonly Uint8Array[]): LoggedRecord['write'] {
  const key = recordKey(position);
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return { key, value: withChecksum(key, length, text, ...packed) };
}

/** The record stored under a key, or undefined when it is damaged. */
export function readRecord(key: Uint8Array, value: Uint8Array): MetricRecord<Run> | undefined {
  const bytes = withoutChecksum(key, value);
  if (!bytes) return undefined;
  let at = 4 + bytes.readUInt32LE();
  const { deleted, batches = [] } = JSON.parse(bytes.toString('utf8', 4, at)) as RecordHead;
  if (deleted) return { deleted };
  return {
    batches: batches.map(({ series, ...batch }) => ({ ...batch, series: new Map(series.map(([name, length]) => [name, runOf(bytes.subarray(at, (at += length)))])) })),
  };
}
