import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { ReadPoint } from './metric-reader.js';

/** TensorBoard event files below a directory, read as they grow. */
export interface EventFiles {
  /** Reads what has come since. */
  poll(): Promise<void>;
}

/** Head of a record: length (8 bytes) and its checksum (4); the data's checksum (4) follows the data. */
const headBytes = 12;
const tailBytes = 4;
/** A longer record is an image or a model, not a scalar. */
const longestRecord = 2 ** 20;

/**
 * Reads scalars from every `*tfevents*` file below the directory. Tags are the metrics' names; a run in a folder of its own
 * has its path before them, as TensorBoard shows it. Format: tensorflow/core/util/event.proto, in TFRecord frames.
 */
export function createEventFiles(directory: string, onPoint: (point: ReadPoint) => void): EventFiles {
  const offsets = new Map<string, number>();
  const readFile = async (path: string, prefix: string): Promise<void> => {
    const file = await open(join(directory, path));
    try {
      let offset = offsets.get(path) ?? 0;
      const { size } = await file.stat();
      while (offset + headBytes + tailBytes <= size) {
        const head = Buffer.alloc(headBytes);
        await file.read(head, 0, headBytes, offset);
        const length = Number(head.readBigUInt64LE(0));
        const next = offset + headBytes + length + tailBytes;
        // Not written to its end yet.
        if (next > size) break;
        if (length <= longestRecord) {
          const data = Buffer.alloc(length);
          await file.read(data, 0, length, offset + headBytes);
          for (const point of scalarsOf(data)) onPoint(prefix === '' ? point : { ...point, metric: `${prefix}/${point.metric}` });
        }
        offset = next;
        offsets.set(path, offset);
      }
    } finally {
      await file.close();
    }
  };
  return {
    async poll() {
      const names = await readdir(directory, { recursive: true }).catch(() => []);
      for (const path of names.filter((name) => /tfevents/.test(name)).sort()) {
        const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
        await readFile(path, at < 0 ? '' : path.slice(0, at).replaceAll('\\', '/'));
      }
    },
  };
}

/** Event { step = 2; summary = 5 }. */
function scalarsOf(data: Uint8Array): readonly ReadPoint[] {
  const reader = new BinaryReader(data);
  let step = 0;
  const values: { readonly metric: string; readonly value: number }[] = [];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 2) step = Number(reader.int64());
    else if (field === 5) values.push(...summaryValues(reader.bytes()));
    else reader.skip(wire, field);
  }
  return values.map((value) => ({ ...value, step }));
}

/** Summary { repeated Value value = 1 }, Value { tag = 1; simple_value = 2; tensor = 8 }. */
function summaryValues(data: Uint8Array): { readonly metric: string; readonly value: number }[] {
  const reader = new BinaryReader(data);
  const found: { readonly metric: string; readonly value: number }[] = [];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field !== 1) {
      reader.skip(wire, field);
      continue;
    }
    const entry = new BinaryReader(reader.bytes());
    let metric = '';
    let value: number | undefined;
    while (entry.pos < entry.len) {
      const [part, kind] = entry.tag();
      if (part === 1) metric = entry.string();
      else if (part === 2) value = entry.float();
      else if (part === 8) value ??= tensorScalar(entry.bytes());
      else entry.skip(kind, part);
    }
    if (metric !== '' && value !== undefined) found.push({ metric, value });
  }
  return found;
}

/** TensorProto { dtype = 1; tensor_shape = 2; tensor_content = 4; float_val = 5; double_val = 6 } of one float or double. */
function tensorScalar(data: Uint8Array): number | undefined {
  const reader = new BinaryReader(data);
  const float = 1;
  const double = 2;
  let type = 0;
  let value: number | undefined;
  let content: Uint8Array | undefined;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 1) type = reader.int32();
    else if (field === 4) content = reader.bytes();
    else if (field === 5) value = wire === 2 ? firstNumber(reader.bytes(), 4) : reader.float();
    else if (field === 6) value = wire === 2 ? firstNumber(reader.bytes(), 8) : reader.double();
    else reader.skip(wire, field);
  }
  if (type === float && content?.length === 4) return firstNumber(content, 4);
  if (type === double && content?.length === 8) return firstNumber(content, 8);
  return value;
}

function firstNumber(bytes: Uint8Array, size: 4 | 8): number | undefined {
  if (bytes.length !== size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}
