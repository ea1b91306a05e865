import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { expect, onTestFinished, test } from 'vitest';
import { createEventFiles } from './event-files.js';
import type { ReadPoint } from './metric-reader.js';

/** A record as TensorBoard's writers frame it; the checksums are not looked at. */
function record(data: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

function event(step: number, tag: string, write: (value: BinaryWriter) => void): Buffer {
  const value = new BinaryWriter().tag(1, 2).string(tag);
  write(value);
  const summary = new BinaryWriter().tag(1, 2).bytes(value.finish()).finish();
  return record(new BinaryWriter().tag(1, 1).double(1.7e9).tag(2, 0).int64(step).tag(5, 2).bytes(summary).finish());
}

const simple = (number: number) => (value: BinaryWriter): void => void value.tag(2, 5).float(number);
const tensor = (type: number, content: Uint8Array) => (value: BinaryWriter): void => void value.tag(8, 2).bytes(new BinaryWriter().tag(1, 0).int32(type).tag(4, 2).bytes(content).finish());

test('scalars of both kinds are read as files grow, those of folders under their path', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'paramo-events-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const points: ReadPoint[] = [];
  const files = createEventFiles(directory, (point) => points.push(point));
  await files.poll();

  const main = join(directory, 'events.out.tfevents.1.host');
  const second = event(1, 'loss', simple(0.25));
  writeFileSync(main, Buffer.concat([record(new BinaryWriter().tag(3, 2).string('brain.Event:2').finish()), event(0, 'loss', simple(0.5)), second.subarray(0, 9)]));
  await files.poll();
  expect(points.splice(0)).toEqual([{ metric: 'loss', step: 0, value: 0.5 }]);

  appendFileSync(main, second.subarray(9));
  mkdirSync(join(directory, 'val'));
  writeFileSync(join(directory, 'val', 'events.out.tfevents.2.host'), Buffer.concat([event(3, 'acc', tensor(1, new Uint8Array(Float32Array.of(0.75).buffer))), event(4, 'acc', tensor(2, new Uint8Array(Float64Array.of(0.1).buffer))), event(5, 'image', tensor(7, new Uint8Array(4)))]));
  await files.poll();
  await files.poll();
  expect(points).toEqual([{ metric: 'loss', step: 1, value: 0.25 }, { metric: 'val/acc', step: 3, value: 0.75 }, { metric: 'val/acc', step: 4, value: 0.1 }]);
});
