import type { Points } from './points.js';
import { ColumnSurvey, putVarint, readColumn, takeVarint, varintBytes, writeColumn } from './whole-column.js';
import type { ColumnForm, Cursor } from './whole-column.js';

/** A packed run of points. */
export interface SeriesChunk {
  readonly bytes: Buffer;
  /** The index after its last point. */
  readonly to: number;
}

/**
 * Packs points from index `from` on: all, or as many as fit into `limit` bytes but one at least. The bytes: how many
 * points (a varint), how they are written (a byte; bit 0: values of 8 bytes, bits 1 to 3: form of the steps, bits 4 to 6:
 * form of the times, see `ColumnForm`), the values, the steps, the times. Values are floats of 4 bytes where each of the
 * chunk is exact in them, else of 8; a NaN stays a NaN, whichever it was.
 */
export function packPoints(points: Points, from: number = 0, limit: number = Infinity): SeriesChunk {
  const { to, width, steps, times, bytes } = survey(points, from, points.steps.length, limit);
  const out: Cursor = { bytes: Buffer.allocUnsafe(bytes), at: 0 };
  putVarint(out, to - from);
  out.bytes[out.at++] = (width === 8 ? 1 : 0) | (steps.form << 1) | (times.form << 4);
  for (let i = from; i < to; i++) out.at = width === 8 ? out.bytes.writeDoubleLE(points.values[i]!, out.at) : out.bytes.writeFloatLE(points.values[i]!, out.at);
  writeColumn(out, points.steps, from, to, steps);
  writeColumn(out, points.timesMs, from, to, times);
  return { bytes: out.bytes, to };
}

/** Adds packed points to `points`. The bytes must be whole: check them first. */
export function unpackPoints(bytes: Uint8Array, points: Points): void {
  const source: Cursor = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), at: 0 };
  const count = takeVarint(source);
  const forms = source.bytes[source.at++]!;
  const width = forms & 1 ? 8 : 4;
  for (let i = 0; i < count; i++, source.at += width) points.values.push(width === 8 ? source.bytes.readDoubleLE(source.at) : source.bytes.readFloatLE(source.at));
  readColumn(source, count, ((forms >> 1) & 7) as ColumnForm, points.steps);
  readColumn(source, count, ((forms >> 4) & 7) as ColumnForm, points.timesMs);
}

interface Survey {
  readonly to: number;
  /** Bytes of a value. */
  readonly width: 4 | 8;
  readonly steps: ColumnSurvey;
  readonly times: ColumnSurvey;
  readonly bytes: number;
}

function survey(points: Points, from: number, to: number, limit: number): Survey {
  const steps = new ColumnSurvey();
  const times = new ColumnSurvey();
  let width: 4 | 8 = 4;
  const bytesOf = (count: number): number => varintBytes(count) + 1 + count * width + steps.bytes + times.bytes;
  for (let i = from; i < to; i++) {
    steps.add(points.steps[i]!);
    times.add(points.timesMs[i]!);
    if (!isFloat32(points.values[i]!)) width = 8;
    if (limit !== Infinity && i > from && bytesOf(i + 1 - from) > limit) return survey(points, from, i, Infinity);
  }
  return { to, width, steps, times, bytes: bytesOf(to - from) };
}

function isFloat32(value: number): boolean {
  return Math.fround(value) === value || Number.isNaN(value);
}
