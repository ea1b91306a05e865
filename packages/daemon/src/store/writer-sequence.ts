import { encodeKey } from './key.js';
import { tables } from './layout.js';
import type { WriterKey } from './layout.js';
import type { Store, Write } from './store.js';

/** The sequence up to which a writer's batches are in chunks; 0: none. Newer ones are in the metric log. */
export function drainedSequence(store: Store, writer: WriterKey): number {
  const bytes = store.get(sequenceKey(writer));
  return bytes ? (JSON.parse(Buffer.from(bytes).toString()) as number) : 0;
}

/** The write that notes it. */
export function sequenceWrite(writer: WriterKey, sequence: number): Write {
  return { key: sequenceKey(writer), value: Buffer.from(JSON.stringify(sequence)) };
}

function sequenceKey({ studyId, trial, attempt, writer }: WriterKey): Uint8Array {
  return encodeKey(tables.sequence, studyId, trial, attempt, writer);
}
