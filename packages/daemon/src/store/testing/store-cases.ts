import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { isParamoError } from '@paramo/core';
import { storeFormat } from '../layout.js';
import type { Range, Store } from '../store.js';

/** How the cases get at a store. */
export interface StoreHarness {
  /** A new, empty store. */
  open(): Promise<Store>;
  /** The same data after the process is gone and another one opens it. */
  reopen(store: Store): Promise<Store>;
}

/** One promise of `Store`, as a runnable case. */
export interface StoreCase {
  readonly name: string;
  run(harness: StoreHarness): Promise<void>;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const put = (key: string, value = key): { key: Uint8Array; value: Uint8Array } => ({ key: bytes(key), value: bytes(value) });
const remove = (key: string): { key: Uint8Array; value: undefined } => ({ key: bytes(key), value: undefined });
const keysOf = (store: Store, range: Partial<Range> = {}): string[] => Array.from(store.range({ from: bytes('k'), to: bytes('l'), ...range }), ([key]) => Buffer.from(key).toString());
const valueOf = (store: Store, key: string): string | undefined => {
  const value = store.get(bytes(key));
  return value && Buffer.from(value).toString();
};
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${String(i).padStart(6, '0')}`);

/** The cases every `Store` passes. */
export const storeCases: readonly StoreCase[] = [
  {
    name: 'shows a value once its commit resolves, and not before',
    async run({ open }) {
      const store = await open();
      const done = store.commit([put('k1', 'one')]);
      equal(valueOf(store, 'k1'), undefined);
      deepEqual(keysOf(store), []);
      await done;
      equal(valueOf(store, 'k1'), 'one');
      deepEqual(keysOf(store), ['k1']);
      await store.close();
    },
  },
  {
    name: 'applies the writes of a commit in order, and commits in the order of the calls',
    async run({ open }) {
      const store = await open();
      const settled: number[] = [];
      await Promise.all([
        store.commit([put('k1', 'a'), put('k1', 'b'), remove('k2'), put('k2', 'c'), put('k3'), remove('k3')]).then(() => settled.push(1)),
        store.commit([put('k1', 'd')]).then(() => settled.push(2)),
        store.commit([]).then(() => settled.push(3)),
      ]);
      deepEqual(settled, [1, 2, 3]);
      deepEqual([valueOf(store, 'k1'), valueOf(store, 'k2'), valueOf(store, 'k3')], ['d', 'c', undefined]);
      await store.close();
    },
  },
  {
    name: 'leaves values out where only keys are asked for',
    async run({ open }) {
      const store = await open();
      await store.commit(numbered(600).map((name) => put(name)));
      for (const range of [{}, { reverse: true }, { limit: 300 }]) {
        const all = { from: bytes('k'), to: bytes('l'), ...range };
        const found = [...store.range({ ...all, keysOnly: true })];
        deepEqual(found.map(([key]) => Buffer.from(key).toString()), keysOf(store, range));
        equal(found.every(([, value]) => value.length === 0), true);
      }
      await store.close();
    },
  },
  {
    name: 'shows all of a large commit or none of it, whenever it is read',
    async run({ open }) {
      const store = await open();
      const names = numbered(5000);
      let done = false;
      const seen = new Set<number>();
      const commit = store.commit(names.map((name) => put(name))).then(() => (done = true));
      while (!done) {
        seen.add(names.filter((name) => store.get(bytes(name)) !== undefined).length);
        await new Promise(setImmediate);
      }
      await commit;
      seen.delete(0);
      seen.delete(names.length);
      deepEqual([...seen], []);
      deepEqual(keysOf(store), names);
      await store.close();
    },
  },
  {
    name: 'ranges exclude their end, go either way and stop at their limit, over many chunks',
    async run({ open }) {
      const store = await open();
      const names = numbered(1000);
      await store.commit(names.map((name) => put(name)));
      const [from, to] = [bytes('k000100'), bytes('k000900')];
      deepEqual(keysOf(store, { from, to }), names.slice(100, 900));
      deepEqual(keysOf(store, { from, to, reverse: true }), names.slice(100, 900).reverse());
      deepEqual(keysOf(store, { from, to, limit: 600 }), names.slice(100, 700));
      deepEqual(keysOf(store, { from, to, limit: 600, reverse: true }), names.slice(300, 900).reverse());
      deepEqual(keysOf(store, { from: bytes('k0001005'), to: bytes('k0001029'), reverse: true }), ['k000102', 'k000101']);
      deepEqual(keysOf(store, { from, to: from }), []);
      deepEqual(keysOf(store, { from: to, to: from }), []);
      deepEqual(keysOf(store, { from: to, to: from, reverse: true }), []);
      deepEqual(keysOf(store, { limit: 0 }), []);
      await store.close();
    },
  },
  {
    name: 'an abandoned iteration holds nothing up, and one that goes on sees later commits or not, but no torn value',
    async run({ open }) {
      const store = await open();
      await store.commit(numbered(600).map((name) => put(name, 'old')));
      for (const [key] of store.range({ from: bytes('k'), to: bytes('l') })) {
        equal(Buffer.from(key).toString(), 'k000000');
        break;
      }
      const iteration = store.range({ from: bytes('k'), to: bytes('l') })[Symbol.iterator]();
      iteration.next();
      await store.commit(numbered(600).map((name) => put(name, 'new')));
      let count = 1;
      for (let next = iteration.next(); !next.done; next = iteration.next()) {
        equal(['old', 'new'].includes(Buffer.from(next.value[1]).toString()), true);
        count++;
      }
      equal(count, 600);
      await store.close();
    },
  },
  {
    name: 'keeps empty values and values of megabytes, and hands out copies',
    async run({ open, reopen }) {
      const store = await open();
      const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251);
      await store.commit([put('k1', ''), { key: bytes('k2'), value: large }, ...numbered(300).map((name) => ({ key: bytes(name), value: large.subarray(0, 40_000) }))]);
      store.get(bytes('k2'))![0] = 99;
      const again = await reopen(store);
      equal(again.get(bytes('k1'))?.length, 0);
      equal(Buffer.compare(again.get(bytes('k2'))!, large), 0);
      const sizes = Array.from(again.range({ from: bytes('k0'), to: bytes('k1') }), ([, value]) => value.length);
      deepEqual(sizes, numbered(300).map(() => 40_000));
      await again.close();
    },
  },
  {
    name: 'finds after reopening what was committed, and what was removed gone',
    async run({ open, reopen }) {
      const store = await open();
      await store.commit([put('k1'), put('k2')]);
      await store.commit([remove('k1'), remove('never there')]);
      const again = await reopen(store);
      deepEqual(keysOf(again), ['k2']);
      equal(again.stat().format, storeFormat);
      equal(again.stat().bytes > 0, true);
      await again.close();
    },
  },
  {
    name: 'refuses a key that cannot be stored, and goes on with others',
    async run({ open }) {
      const store = await open();
      await rejects(store.commit([put('k1'), put('')]), (error) => isParamoError(error, 'INVALID_ARGUMENT'));
      await rejects(store.commit([put('k'.repeat(1901))]), (error) => isParamoError(error, 'INVALID_ARGUMENT'));
      await store.commit([put('k'.repeat(1900))]);
      deepEqual(keysOf(store), ['k'.repeat(1900)]);
      await store.close();
    },
  },
  {
    name: 'finishes commits under way when closed, and refuses all use afterwards',
    async run({ open, reopen }) {
      const store = await open();
      const commit = store.commit([put('k1')]);
      await store.close();
      await commit;
      const closed = (error: unknown): boolean => isParamoError(error, 'UNAVAILABLE') && /closed/.test(error.message);
      await rejects(store.commit([put('k2')]), closed);
      throws(() => store.get(bytes('k1')), closed);
      throws(() => [...store.range({ from: bytes('k'), to: bytes('l') })], closed);
      throws(() => store.stat(), closed);
      const again = await reopen(store);
      deepEqual(keysOf(again), ['k1']);
      await again.close();
    },
  },
];
