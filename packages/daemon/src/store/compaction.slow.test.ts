import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCheck } from '../upkeep/run-check.js';
import { deleteStudyData } from './deletion.js';
import { encodeKey } from './key.js';
import { tables } from './layout.js';
import { openLmdbStore } from './lmdb-store.js';
import type { Store } from './store.js';
import { createStudyStore } from './study-store.js';
import { sampleStudy } from './testing/sample-records.js';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'paramo-compaction-'))));
afterAll(() => rm(folder, { recursive: true }));

const built = new URL('../../dist/store/lmdb-store.js', import.meta.url).href;
const traced = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
const megabyte = 2 ** 20;

/** Fills a store with so many megabytes under the keys `fill…`, and removes them again. */
async function fillAndEmpty(store: Store, megabytes: number): Promise<void> {
  const keys = Array.from({ length: megabytes * 16 }, (_, i) => Buffer.from(`fill${i}`));
  for (let i = 0; i < keys.length; i += 256) await store.commit(keys.slice(i, i + 256).map((key) => ({ key, value: Buffer.alloc(megabyte / 16, i) })));
  await store.commit(keys.map((key) => ({ key, value: undefined })));
}

function keysOf(store: Store): string[] {
  return Array.from(store.range({ from: Buffer.from('k'), to: Buffer.from('l') }), ([key]) => Buffer.from(key).toString());
}

describe('packing a store', () => {
  it('gives free room back while commits, reads and readers in other processes go on', async () => {
    const path = join(folder, 'busy.mdb');
    const store = await openLmdbStore({ path });
    await fillAndEmpty(store, 24);
    expect(store.stat().freeBytes).toBeGreaterThan(20 * megabyte);
    const acked: string[] = [];
    let busy = true;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; busy; i++) {
        const key = `k${writer}-${i}`;
        await store.commit([{ key: Buffer.from(key), value: Buffer.alloc(200, i) }]);
        acked.push(key);
        expect(store.get(Buffer.from(key))).toEqual(Buffer.alloc(200, i));
      }
    });
    for (let i = 0; i < 5; i++) {
      const before = [...acked];
      const sizes = await store.compact();
      if (i === 0) expect(sizes.after).toBeLessThan(sizes.before / 4);
      const there = new Set(keysOf(store));
      expect(before.filter((key) => !there.has(key))).toEqual([]);
      // Another process finds the file and the lock that go together.
      for await (const news of runCheck({ data: path })) if (news.kind === 'finding') expect(news.finding.detail).not.toMatch(/^STORE_/);
    }
    busy = false;
    await Promise.all(writers);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await store.close();
    const again = await openLmdbStore({ path });
    expect(new Set(keysOf(again))).toEqual(new Set(acked));
    await again.close();
  });

  it('loses nothing that was acked when it is killed at any instant', async () => {
    if (!traced) return void process.stderr.write('strace cannot trace here, so packing was not killed on its way\n');
    let [before, after] = [0, 0];
    for (const call of ['rename', 'fsync', 'fdatasync', 'unlink', 'chmod']) {
      for (let nth = 1, finished = false; !finished; nth++) {
        const home = join(folder, `killed-${call}-${nth}`);
        await mkdir(home);
        const path = join(home, 'data.mdb');
        const { acked, isPacked, isOver } = await packUntilKilled(path, `${call}:signal=SIGKILL:when=${nth}`);
        finished = isOver;
        if (isPacked) after++;
        else before++;
        const store = await openLmdbStore({ path });
        const there = new Set(keysOf(store));
        expect(acked.filter((key) => !there.has(key))).toEqual([]);
        await store.close();
        expect((await readdir(home)).sort()).toEqual(['data.mdb', 'data.mdb-lock']);
        await rm(home, { recursive: true });
      }
    }
    expect(before).toBeGreaterThan(3);
    expect(after).toBeGreaterThan(3);
  }, 120_000);

  it('is refused when there is no room for the packed copy, and the store goes on', async () => {
    if (!traced) return void process.stderr.write('strace cannot trace here, so packing was not tried on a full disk\n');
    const path = join(folder, 'no-room', 'data.mdb');
    await mkdir(dirname(path));
    const { said } = await runPacking(path, ['-P', `${path}.packing`, '-e', 'trace=write,pwrite64,writev', '-e', 'inject=write,pwrite64,writev:error=ENOSPC']);
    expect(said).toContain('STORE_FULL');
    expect(said).toContain('acked k9');
    expect((await readdir(dirname(path))).sort()).toEqual(['data.mdb', 'data.mdb-lock']);
  });
});

describe('a reader in another process', () => {
  it('that was killed does not make the file grow for ever', async () => {
    const path = join(folder, 'reader.mdb');
    const store = await openLmdbStore({ path });
    const reader = spawn(process.execPath, ['--input-type=module', '-e', `import { openSnapshot } from ${JSON.stringify(built.replace('lmdb-store', 'lmdb-snapshot'))}; openSnapshot(${JSON.stringify(path)}); console.log('reads'); setInterval(() => 0, 1000);`]);
    await once(reader.stdout, 'data');
    reader.kill('SIGKILL');
    await once(reader, 'exit');
    for (let i = 0; i < 600; i++) await store.commit([{ key: Buffer.from('same'), value: Buffer.alloc(megabyte / 4, i) }]);
    // 150 MB were written. The database looks for dead readers by itself.
    expect(store.stat().bytes).toBeLessThan(60 * megabyte);
    await store.close();
  });
});

describe('a deletion', () => {
  it('of most of what is stored gives the room back by itself', async () => {
    const path = join(folder, 'deleted.mdb');
    const store = await openLmdbStore({ path });
    const studies = createStudyStore(store);
    for (const id of ['A', 'B']) {
      const mine = Array.from({ length: id === 'A' ? 640 : 16 }, (_, i) => ({ key: encodeKey(tables.request, id, `r${i}`), value: Buffer.from(JSON.stringify('x'.repeat(megabyte / 16))) }));
      await store.commit(mine);
    }
    expect(store.stat().bytes).toBeGreaterThan(40 * megabyte);
    await deleteStudyData(studies, sampleStudy('A'));
    expect((await stat(path)).size).toBeLessThan(4 * megabyte);
    expect(Array.from(store.range({ from: encodeKey(tables.request, 'B', 'r'), to: encodeKey(tables.request, 'B', 's') }))).toHaveLength(16);
    await studies.close();
    await store.close();
  });
});

/** Runs a process that commits, packs and commits again, saying what was acked; until it is killed. */
async function packUntilKilled(path: string, kill: string): Promise<{ readonly acked: readonly string[]; readonly isPacked: boolean; readonly isOver: boolean }> {
  const files = [path, `${path}-lock`, `${path}.packing`, `${path}.packing-lock`, dirname(path)].flatMap((file) => ['-P', file]);
  const { said, code } = await runPacking(path, [...files, '-e', `trace=${kill.split(':')[0]}`, '-e', `inject=${kill}`]);
  return { acked: [...said.matchAll(/^acked (.*)$/gm)].map(([, key]) => key!), isPacked: said.includes('packed'), isOver: code === 0 };
}

async function runPacking(path: string, strace: readonly string[]): Promise<{ readonly said: string; readonly code: number | null }> {
  const script = `
    import { writeSync } from 'node:fs';
    import { openLmdbStore } from ${JSON.stringify(built)};
    const store = await openLmdbStore({ path: ${JSON.stringify(path)} });
    const say = (text) => writeSync(1, text + '\\n');
    const commit = (key) => store.commit([{ key: Buffer.from(key), value: Buffer.alloc(5000, 1) }]).then(() => say('acked ' + key));
    for (let i = 0; i < 5; i++) await commit('k' + i);
    const packing = store.compact().then(() => say('packed'), ({ code }) => say(code));
    for (let i = 5; i < 8; i++) await commit('k' + i);
    await packing;
    for (let i = 8; i < 10; i++) await commit('k' + i);
    await store.close();`;
  // One thread, so that the counts of strace, which are by thread, count all of the calls.
  const child = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...strace, process.execPath, '--input-type=module', '-e', script], { env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the process ended with ${code ?? signal}`);
  return { said, code };
}
