import { withChecksum, withoutChecksum } from './checksum.js';
import { encodeKey } from './key.js';
import { tables } from './layout.js';
import type { BatchKey } from './layout.js';
import type { MetricBatch, SeriesOwner } from './metric-batch.js';
import { noPoints } from './points.js';
import { packPoints, unpackPoints } from './series-chunk.js';
import type { Write } from './store.js';

/** An entry of the metric log: the batches of one commit, or whose series were deleted. */
export type MetricRecord = { readonly batches: readonly MetricBatch[] } | { readonly deleted: SeriesOwner };

/** The JSON in front of a record's points: whose they are, and how many bytes each series takes. */
interface RecordHead {
  readonly deleted?: SeriesOwner;
  readonly batches?: readonly (BatchKey & { readonly late: boolean; readonly series: readonly (readonly [name: string, bytes: number])[] })[];
}

/** The key of a record. */
export function recordKey(position: number): Uint8Array {
  return encodeKey(tables.metricLog, position);
}

/** The write that stores a record: checksum, length of the head, head, packed points in the head's order. */
export function recordWrite(position: number, record: MetricRecord): Write & { readonly value: Uint8Array } {
  const key = recordKey(position);
  const packed: Buffer[] = [];
  const head: RecordHead =
    'deleted' in record
      ? record
      : {
          batches: record.batches.map(({ series, ...batch }) => ({
            ...batch,
            series: Array.from(series, ([name, points]) => {
              const { bytes } = packPoints(points);
              packed.push(bytes);
              return [name, bytes.length] as const;
            }),
          })),
        };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return { key, value: withChecksum(key, length, text, ...packed) };
}

/** The record stored under a key, or undefined when it is damaged. */
export function readRecord(key: Uint8Array, value: Uint8Array): MetricRecord | undefined {
  const bytes = withoutChecksum(key, value);
  if (!bytes) return undefined;
  let at = 4 + bytes.readUInt32LE();
  const { deleted, batches = [] } = JSON.parse(bytes.toString('utf8', 4, at)) as RecordHead;
  if (deleted) return { deleted };
  return {
    batches: batches.map(({ series, ...batch }) => ({
      ...batch,
      series: new Map(
        series.map(([name, length]) => {
          const points = noPoints();
          unpackPoints(bytes.subarray(at, (at += length)), points);
          return [name, points];
        }),
      ),
    })),
  };
}
