import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPointRing, readPointRing } from './point-ring.js';

type Entry = readonly [attempt: number, metric: number, step: number, value: number, timeMs: number];

const entry = (n: number): Entry => [n % 7, n % 3, n, n / 2, 1000 + n];

test('what is written comes out in order and unchanged, however writing and reading take turns', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 })), { maxLength: 30 }), (turns) => {
    const ring = createPointRing(16);
    const reader = readPointRing(ring.memory);
    const seen: Entry[] = [];
    let written = 0;
    for (const [writes, reads] of turns) {
      for (let i = 0; i < writes; i++) {
        const isFull = written - seen.length >= 16;
        const pushed = ring.push(...entry(written));
        // The reader tells of its progress now and then: more room than it has told is never used.
        if (isFull) expect(pushed).toBe('full');
        if (pushed !== 'full') written++;
      }
      let left = reads;
      reader.drain((...one) => {
        if (left-- === 0) return false;
        seen.push(one);
        return true;
      });
    }
    reader.drain((...one) => seen.push(one) > 0);
    expect(seen).toEqual(Array.from({ length: written }, (_, n) => entry(n)));
  }));
});

test('a reader that listens is told of the next entry once, and not to wait when there is one', () => {
  const ring = createPointRing(16);
  const reader = readPointRing(ring.memory);
  expect([ring.push(...entry(0)), ring.push(...entry(1))]).toEqual(['call', 'taken']);
  expect(reader.listen()).toBe(false);
  reader.drain(() => true);
  expect(reader.listen()).toBe(true);
  expect(ring.push(...entry(2))).toBe('call');
});

test('an entry that is refused is offered again', () => {
  const ring = createPointRing(16);
  const reader = readPointRing(ring.memory);
  ring.push(...entry(0));
  ring.push(...entry(1));
  let isKnown = false;
  const steps: number[] = [];
  const take = (...[, , step]: Entry): boolean => {
    if (step === 1 && !isKnown) return false;
    steps.push(step);
    return true;
  };
  expect(reader.drain(take)).toBe(false);
  isKnown = true;
  expect(reader.drain(take)).toBe(true);
  expect(steps).toEqual([0, 1]);
});

test('nothing is lost, doubled or torn between two threads', async () => {
  const ring = createPointRing(64);
  const count = 50_000;
  // By the built file: a bare thread loads no TypeScript.
  const code = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { readPointRing } = await import(workerData.module);
    const reader = readPointRing(workerData.memory);
    let next = 0;
    while (next < ${count}) {
      reader.drain((attempt, metric, step, value, timeMs) => {
        if (attempt !== next % 7 || metric !== next % 3 || step !== next || value !== next / 2 || timeMs !== 1000 + next) throw new Error('entry ' + next + ' is ' + [attempt, metric, step, value, timeMs]);
        next++;
        return true;
      });
    }
    parentPort.postMessage(next);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { memory: ring.memory, module: new URL('../../dist/carrier/point-ring.js', import.meta.url).href } });
  const done = new Promise<number>((resolve, reject) => worker.on('message', resolve).on('error', reject));
  for (let n = 0; n < count; ) {
    if (ring.push(...entry(n)) === 'full') await new Promise((resolve) => setImmediate(resolve));
    else n++;
  }
  expect(await done).toBe(count);
});
