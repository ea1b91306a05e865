import { open, writeFile } from 'node:fs/promises';
import { createLineSplitter } from './line-splitter.js';
import type { ReadPoint } from './metric-reader.js';

/** A file to which a program appends metrics, a JSON object a line. */
export interface MetricFile {
  readonly path: string;
  /** Reads what has come since. */
  poll(): Promise<void>;
  /** Reads the rest, an unfinished last line included. */
  finish(): Promise<void>;
}

/** Makes the file. Every number of an object is a metric, but for `step`. */
export async function createMetricFile(path: string, onPoint: (point: ReadPoint) => void): Promise<MetricFile> {
  await writeFile(path, '', { mode: 0o600 });
  let offset = 0;
  let reading = Promise.resolve();
  const lines = createLineSplitter((line) => pointsOf(line).forEach(onPoint));
  const read = async (): Promise<void> => {
    const file = await open(path).catch(() => undefined);
    if (!file) return;
    try {
      const buffer = Buffer.alloc(65_536);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        if (bytesRead === 0) return;
        offset += bytesRead;
        lines.push(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  };
  const poll = (): Promise<void> => (reading = reading.then(read));
  return {
    path,
    poll,
    async finish() {
      await poll();
      lines.end();
    },
  };
}

function pointsOf(line: string): readonly ReadPoint[] {
  let document: unknown;
  try {
    // Python's json writes numbers that JSON does not know.
    document = JSON.parse(line.replace(/(?<=[[:,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, '"$1"'));
  } catch {
    return [];
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return [];
  const { step, ...metrics } = document as Readonly<Record<string, unknown>>;
  const at = typeof step === 'number' && Number.isSafeInteger(step) && step >= 0 ? { step } : {};
  return Object.entries(metrics).flatMap(([metric, value]) => {
    const number = typeof value === 'number' ? value : typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value) ? Number(value) : undefined;
    return number === undefined ? [] : [{ metric, value: number, ...at }];
  });
}
