import type { Points } from './points.js';
import { columnBytes, columnForm, growColumn, putVarint, readColumn, surveyColumn, takeVarint, varintBytes, writeColumn } from './whole-column.js';
import type { ColumnForm, ColumnSurvey, Cursor } from './whole-column.js';

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
  const { steps, times, width } = survey(points, from, limit);
  const to = from + steps.count;
  const out: Cursor = { bytes: Buffer.allocUnsafe(packedBytes({ steps, times, width })), at: 0 };
  putVarint(out, steps.count);
  out.bytes[out.at++] = (width === 8 ? 1 : 0) | (columnForm(steps) << 1) | (columnForm(times) << 4);
  const view = new DataView(out.bytes.buffer, out.bytes.byteOffset + out.at, steps.count * width);
  if (width === 8) for (let i = from; i < to; i++) view.setFloat64(8 * (i - from), points.values[i]!, true);
  else for (let i = from; i < to; i++) view.setFloat32(4 * (i - from), points.values[i]!, true);
  out.at += steps.count * width;
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
  const view = new DataView(bytes.buffer, bytes.byteOffset + source.at, count * width);
  if (width === 8) for (let i = 0; i < count; i++) points.values.push(view.getFloat64(8 * i, true));
  else for (let i = 0; i < count; i++) points.values.push(view.getFloat32(4 * i, true));
  source.at += count * width;
  readColumn(source, count, ((forms >> 1) & 7) as ColumnForm, points.steps);
  readColumn(source, count, ((forms >> 4) & 7) as ColumnForm, points.timesMs);
}

/** How many points are packed in some bytes. */
export function packedCount(bytes: Uint8Array): number {
  return takeVarint({ bytes, at: 0 });
}

/** What a run of points takes. */
interface Survey {
  readonly steps: ColumnSurvey;
  readonly times: ColumnSurvey;
  /** Bytes of a value. */
  width: 4 | 8;
}

/** Points taken in before it is looked whether they fit. */
const stride = 32;

/** Takes in points as long as they fit, one at least: many at once, and from the first that were too many on one by one. */
function survey(points: Points, from: number, limit: number): Survey {
  const end = points.steps.length;
  let found: Survey = { steps: surveyColumn(), times: surveyColumn(), width: 4 };
  for (let i = from, step = limit === Infinity ? end : stride; i < end; ) {
    const next = Math.min(i + step, end);
    const before = copyOf(found);
    for (let k = i; k < next; k++) grow(found, points, k);
    if (packedBytes(found) <= limit || next === from + 1) {
      i = next;
      continue;
    }
    found = before;
    if (step === 1) break;
    step = 1;
  }
  return found;
}

function grow(survey: Survey, { steps, values, timesMs }: Points, i: number): void {
  growColumn(survey.steps, steps[i]!);
  growColumn(survey.times, timesMs[i]!);
  if (!isFloat32(values[i]!)) survey.width = 8;
}

function copyOf({ steps, times, width }: Survey): Survey {
  return { steps: { ...steps }, times: { ...times }, width };
}

function packedBytes({ steps, times, width }: Survey): number {
  return varintBytes(steps.count) + 1 + steps.count * width + columnBytes(steps) + columnBytes(times);
}

function isFloat32(value: number): boolean {
  return Math.fround(value) === value || Number.isNaN(value);
}
