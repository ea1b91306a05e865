import type { Clock } from '@paramo/core';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store.js';
import type { Store, Write } from './store.js';

const put = (key: string): Write => ({ key: Buffer.from(key), value: Buffer.from(key) });
const keysOf = (store: Store): string[] => Array.from(store.range({ from: Buffer.from('k'), to: Buffer.from('l') }), ([key]) => Buffer.from(key).toString());
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A clock that moves when told to. */
function handClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  let timers: { readonly at: number; readonly action: () => void }[] = [];
  return {
    wallMs: () => now,
    monotonicMs: () => now,
    setTimer(delayMs, action) {
      const timer = { at: now + delayMs, action };
      timers.push(timer);
      return () => void (timers = timers.filter((one) => one !== timer));
    },
    advance(ms) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { action } of due) action();
    },
  };
}

describe('the simulated store', () => {
  it('takes the time of its clock for a sync, and groups what comes meanwhile into the next one', async () => {
    const clock = handClock();
    const store = createMemoryStore({ clock, delayMs: 100 });
    const settled: string[] = [];
    const commit = (key: string): void => void store.commit([put(key)]).then(() => settled.push(key));
    commit('k1');
    await turn();
    commit('k2');
    commit('k3');
    await turn();
    clock.advance(99);
    await turn();
    expect([settled, keysOf(store)]).toEqual([[], []]);
    clock.advance(1);
    await turn();
    expect([settled, keysOf(store)]).toEqual([['k1'], ['k1']]);
    clock.advance(100);
    await turn();
    expect([settled, keysOf(store)]).toEqual([['k1', 'k2', 'k3'], ['k1', 'k2', 'k3']]);
  });

  it('fails after so many transactions with one and the same error, and reads go on', async () => {
    const store = createMemoryStore({ failAfter: 1, failWith: 'DATA_LOSS' });
    await store.commit([put('k1')]);
    const errors = await Promise.all([store.commit([put('k2')]), store.commit([])].map((commit) => commit.catch((error: unknown) => error)));
    errors.push(await store.commit([put('k3')]).catch((error: unknown) => error), await store.failure);
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toMatchObject({ code: 'DATA_LOSS' });
    expect(keysOf(store)).toEqual(['k1']);
    expect(keysOf(store.crash({}))).toEqual(['k1']);
  });

  it('loses at a crash what was under way, or keeps all of it, and answers nobody', async () => {
    for (const [fraction, survivors] of [[0.9, ['k1']], [0.1, ['k1', 'k2', 'k3']]] as const) {
      const clock = handClock();
      const first = createMemoryStore({});
      await first.commit([put('k1')]);
      const store = first.crash({ clock, delayMs: 100, random: () => fraction });
      let answered = false;
      void store.commit([put('k2'), put('k3')]).finally(() => (answered = true));
      await turn();
      void store.commit([put('k4')]).finally(() => (answered = true));
      const next = store.crash({});
      clock.advance(1000);
      await turn();
      expect(keysOf(next)).toEqual(survivors);
      expect(answered).toBe(false);
      await next.commit([put('k5')]);
      expect(keysOf(next)).toEqual([...survivors, 'k5']);
      await store.close();
    }
  });
});
