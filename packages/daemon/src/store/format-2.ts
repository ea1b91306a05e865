import { isSealed, seal } from './sealed-store.js';
import type { Store, Write } from './store.js';

/** Values that go in one transaction. */
const stepValues = 1000;

/** Puts the checksums of format 3 in front of the values of format 2. */
export async function migrateFormat2(store: Store): Promise<void> {
  let writes: Write[] = [];
  for (const [key, value] of store.range({ from: Uint8Array.of(0), to: Uint8Array.of(255) })) {
    if (!isSealed(key)) continue;
    if (writes.push(seal({ key, value })) < stepValues) continue;
    await store.commit(writes);
    writes = [];
  }
  await store.commit(writes);
}
