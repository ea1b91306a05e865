import type { Batch } from '@paramo/protocol';

/** A message holds so many bytes of batches, and one batch more. */
export const messageBytes: number = 256 * 1024;

/** About what a batch takes on the wire. */
export function batchSize({ series }: Batch): number {
  return series.reduce((bytes, { name, steps }) => bytes + name.length + steps.length * 22, 64);
}
