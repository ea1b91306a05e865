import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLmdbStore } from './lmdb-store.js';
import { createMemoryStore } from './memory-store.js';
import type { MemoryStore } from './memory-store.js';
import type { Store, Write } from './store.js';
import { storeCases } from './testing/store-cases.js';
import type { StoreHarness } from './testing/store-cases.js';

let folder = '';
let opened = 0;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'paramo-store-'))));
afterAll(() => rm(folder, { recursive: true }));

const paths = new Map<Store, string>();
async function openAt(path: string): Promise<Store> {
  const store = await openLmdbStore({ path });
  paths.set(store, path);
  return store;
}

const harnesses: Readonly<Record<string, StoreHarness>> = {
  lmdb: {
    open: () => openAt(join(folder, `${opened++}.lmdb`)),
    async reopen(store) {
      await store.close();
      return openAt(paths.get(store)!);
    },
  },
  memory: {
    open: () => Promise.resolve(createMemoryStore()),
    reopen: (store) => Promise.resolve((store as MemoryStore).crash()),
  },
};

describe.each(Object.entries(harnesses))('the %s store', (_, harness) => {
  it.each(storeCases)('$name', ({ run }) => run(harness));

  it('answers every range as a sorted list would', async () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 }).map((bytes) => Uint8Array.from([0x6b, ...bytes]));
    const write = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 5 }), { nil: undefined }) });
    const range = fc.record({ from: key, to: key, reverse: fc.boolean(), limit: fc.option(fc.nat(20), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(write, { maxLength: 30 }), { maxLength: 4 }), fc.array(range, { minLength: 20, maxLength: 20 }), async (commits, ranges) => {
        const store = await harness.open();
        for (const writes of commits) await store.commit(writes);
        const model = modelOf(commits.flat());
        for (const { from, to, reverse, limit } of ranges) {
          const inside = model.filter(([name]) => Buffer.compare(name, from) >= 0 && Buffer.compare(name, to) < 0);
          const expected = (reverse ? inside.reverse() : inside).slice(0, limit);
          const found = Array.from(store.range({ from, to, reverse, ...(limit !== undefined && { limit }) }), ([name, value]) => [hex(name), hex(value)]);
          expect(found).toEqual(expected.map(([name, value]) => [hex(name), hex(value)]));
        }
        await store.close();
      }),
      { numRuns: 25, seed: 1 },
    );
  });
});

function modelOf(writes: readonly Write[]): [Uint8Array, Uint8Array][] {
  const map = new Map<string, [Uint8Array, Uint8Array]>();
  for (const { key, value } of writes) {
    map.delete(hex(key));
    if (value) map.set(hex(key), [key, value]);
  }
  return [...map.values()].sort(([a], [b]) => Buffer.compare(a, b));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
