import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../lmdb-store.js';
import { createMemoryStore } from '../memory-store.js';
import type { Store } from '../store.js';

/** A kind of store for tests that run on each. */
export interface StoreKind {
  readonly name: string;
  /** Runs `use` on a new, empty store and clears it away. */
  with(use: (store: Store) => Promise<void>): Promise<void>;
}

/** The real store, in a folder of its own, and the simulated one. */
export const storeKinds: readonly StoreKind[] = [
  {
    name: 'lmdb',
    async with(use) {
      const folder = await mkdtemp(join(tmpdir(), 'paramo-store-'));
      const store = await openLmdbStore({ path: join(folder, 'store.lmdb') });
      await use(store).finally(async () => {
        await store.close();
        await rm(folder, { recursive: true });
      });
    },
  },
  { name: 'memory', with: (use) => use(createMemoryStore()) },
];
