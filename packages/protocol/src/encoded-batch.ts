import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { SpoolRecord } from './gen/paramo/v1/spool.js';
import { Batch } from './gen/paramo/v1/trial.js';
import type { AttemptKey, ReportRequest } from './gen/paramo/v1/trial_service.js';

/** The points of one metric, as columns; the first `length` entries of each count. Steps and times are whole numbers from 0 to 2^53 - 1. */
export interface SeriesOfDoubles {
  readonly name: string;
  readonly steps: Float64Array;
  readonly values: Float64Array;
  readonly timesMs: Float64Array;
  readonly length: number;
}

/** A batch before it is encoded. */
export interface BatchToEncode {
  readonly key: AttemptKey;
  readonly sequence: number;
  readonly series: readonly SeriesOfDoubles[];
  readonly done?: number;
}

/** A batch as it stands in a message that holds it: its length, then its bytes. Encoded once, it goes to disk and over the wire. */
export type EncodedBatch = Uint8Array;

/** `tag` of field 2 as bytes with a length: the batches of a ReportRequest, and the batch of a SpoolRecord. */
const batchField = 18;
const seriesTag = 0x2a;
const [nameTag, stepsTag, valuesTag, timesTag] = [0x0a, 0x12, 0x1a, 0x22];

/** Encodes a batch, byte for byte as the generated code does, at a small part of its cost: that makes two bigints of every point. */
export function encodeBatch({ key, sequence, series, done }: BatchToEncode): EncodedBatch {
  const head = Batch.encode({ ...key, sequence: BigInt(sequence), series: [] }).finish();
  const tail = done === undefined ? new Uint8Array(0) : new BinaryWriter().uint32(0x30).uint64(done).finish();
  const sizes = series.map(sizesOf);
  const body = head.length + sizes.reduce((sum, { all }) => sum + 1 + varintSize(all) + all, 0) + tail.length;
  const bytes = Buffer.allocUnsafe(varintSize(body) + body);
  let at = writeVarint(bytes, 0, body);
  bytes.set(head, at);
  at += head.length;
  series.forEach((one, i) => {
    at = writeSeries(bytes, at, one, sizes[i]!);
  });
  bytes.set(tail, at);
  return bytes;
}

/** The batch that was encoded. */
export function decodeBatch(encoded: EncodedBatch): Batch {
  const reader = new BinaryReader(encoded);
  return Batch.decode(reader, reader.uint32());
}

/** A batch of generated code, encoded. */
export function encodedBatchOf(batch: Batch): EncodedBatch {
  return new BinaryWriter().bytes(Batch.encode(batch).finish()).finish();
}

/** A ReportRequest with batches that are encoded already. They travel as fields that generated code writes as they are. */
export function reportOfEncoded(request: Omit<ReportRequest, 'batches'>, batches: readonly EncodedBatch[]): ReportRequest {
  return { ...request, batches: [], ...(batches.length > 0 && { _unknownFields: { [batchField]: [...batches] } }) };
}

/** A record of the spool with a batch that is encoded already. */
export function spoolRecordOfEncoded(batch: EncodedBatch, dropped: number): SpoolRecord {
  return { kind: undefined, dropped: BigInt(dropped), _unknownFields: { [batchField]: [batch] } };
}

interface Sizes {
  readonly name: number;
  readonly steps: number;
  readonly times: number;
  /** Of the whole message. */
  readonly all: number;
}

function sizesOf({ name: text, steps: stepColumn, timesMs, length }: SeriesOfDoubles): Sizes {
  const name = Buffer.byteLength(text);
  const steps = columnSize(stepColumn, length);
  const times = columnSize(timesMs, length);
  const field = (size: number): number => (size === 0 ? 0 : 1 + varintSize(size) + size);
  return { name, steps, times, all: field(name) + field(steps) + field(length * 8) + field(times) };
}

function writeSeries(bytes: Buffer, start: number, { name, steps, values, timesMs, length }: SeriesOfDoubles, sizes: Sizes): number {
  let at = start;
  bytes[at++] = seriesTag;
  at = writeVarint(bytes, at, sizes.all);
  if (sizes.name > 0) {
    bytes[at++] = nameTag;
    at = writeVarint(bytes, at, sizes.name);
    at += bytes.write(name, at);
  }
  if (length === 0) return at;
  bytes[at++] = stepsTag;
  at = writeVarint(bytes, at, sizes.steps);
  for (let i = 0; i < length; i++) at = writeVarint(bytes, at, steps[i]!);
  bytes[at++] = valuesTag;
  at = writeVarint(bytes, at, length * 8);
  for (let i = 0; i < length; i++) at = bytes.writeDoubleLE(values[i]!, at);
  bytes[at++] = timesTag;
  at = writeVarint(bytes, at, sizes.times);
  for (let i = 0; i < length; i++) at = writeVarint(bytes, at, timesMs[i]!);
  return at;
}

function columnSize(column: Float64Array, length: number): number {
  let size = 0;
  for (let i = 0; i < length; i++) size += varintSize(column[i]!);
  return size;
}

const two7 = 2 ** 7;
const two28 = 2 ** 28;

function varintSize(value: number): number {
  if (value < two7) return 1;
  let size = 2;
  for (let limit = two7 * two7; value >= limit; limit *= two7) size++;
  return size;
}

/** Seven bits a byte, lowest first; all but the last have the high bit. Answers where it ends. */
function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= two28) {
    // Four bytes at a time, so that the bits can be shifted as integers.
    const low = rest % two28;
    bytes[at++] = (low & 0x7f) | 0x80;
    bytes[at++] = ((low >>> 7) & 0x7f) | 0x80;
    bytes[at++] = ((low >>> 14) & 0x7f) | 0x80;
    bytes[at++] = (low >>> 21) | 0x80;
    rest = (rest - low) / two28;
  }
  while (rest >= two7) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
