import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { open } from 'lmdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeKey } from './key.js';
import { openLmdbStore } from './lmdb-store.js';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'paramo-lmdb-'))));
afterAll(() => rm(folder, { recursive: true }));

const traced = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
const built = new URL('../../dist/store/lmdb-store.js', import.meta.url).href;

/** Runs a program that has `store` open at `path`, with faults injected into its system calls, and reads the JSON it prints. */
async function underFaults(path: string, inject: readonly string[], program: string): Promise<Record<string, unknown>> {
  const script = `
    import { openLmdbStore } from ${JSON.stringify(built)};
    const store = await openLmdbStore({ path: ${JSON.stringify(path)} });
    const k = (text) => Buffer.from(text);
    const print = (value) => console.log(JSON.stringify(value));
    ${program}
    await store.close();`;
  const node = [process.execPath, '--input-type=module', '-e', script];
  // One thread, so that the counts of strace, which are by thread, count all of the database's calls.
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  const args = ['-f', '-qq', '-o', '/dev/null', '-P', path, ...inject.flatMap((expression) => ['-e', expression]), ...node];
  const { stdout } = await promisify(execFile)('strace', args, { env });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Says on stderr, once, that this machine cannot check faults, and checks what it can. */
async function withoutStrace(name: string): Promise<void> {
  process.stderr.write(`strace cannot trace here, so "${name}" was only checked without faults\n`);
  const store = await openLmdbStore({ path: join(folder, `${name}.lmdb`) });
  const commit = store.commit([{ key: Buffer.from('k'), value: Buffer.from('v') }]);
  expect(store.get(Buffer.from('k'))).toBeUndefined();
  await commit;
  expect(store.get(Buffer.from('k'))).toEqual(Buffer.from('v'));
  await store.close();
}

describe('the LMDB store under faults', () => {
  it('resolves a commit only after its sync, while the event loop goes on', async () => {
    if (!traced) return withoutStrace('slow sync');
    const found = await underFaults(
      join(folder, 'slow.lmdb'),
      ['trace=fdatasync', 'inject=fdatasync:delay_enter=400000'],
      `let ticks = 0; const timer = setInterval(() => ticks++, 10);
       const start = performance.now();
       await store.commit([{ key: k('k'), value: k('v') }]);
       clearInterval(timer);
       print({ ms: performance.now() - start, ticks });`,
    );
    expect(found['ms']).toBeGreaterThanOrEqual(395);
    expect(found['ticks']).toBeGreaterThan(10);
  });

  it('never shows a commit whose sync failed, refuses all later ones, and lives on', async () => {
    if (!traced) return withoutStrace('failed sync');
    const path = join(folder, 'eio.lmdb');
    const found = await underFaults(
      path,
      ['trace=fdatasync', 'inject=fdatasync:error=EIO:when=3+'],
      `await store.commit([{ key: k('k1'), value: k('v') }]);
       const one = store.commit([{ key: k('k1'), value: undefined }, { key: k('k2'), value: k('v') }]).catch((error) => error);
       await new Promise(setImmediate); await new Promise(setImmediate);
       const two = store.commit([{ key: k('k3'), value: k('v') }]).catch((error) => error);
       const error = await one;
       const later = await store.commit([]).catch((error) => error);
       const same = error === await two && error === later && error === await store.failure;
       await new Promise((resolve) => setTimeout(resolve, 100));
       print({ code: error.code, message: error.message, same, keys: [...store.range({ from: k('k'), to: k('l') })].map(([key]) => String(key)) });`,
    );
    expect(found).toEqual({ code: 'DATA_LOSS', message: expect.stringMatching(/eio\.lmdb could not be synced.*Check the disk/) as unknown, same: true, keys: ['k1'] });
    const store = await openLmdbStore({ path });
    expect(Array.from(store.range({ from: Buffer.from('k'), to: Buffer.from('l') }), ([key]) => key.toString())).toEqual(['k1']);
    await store.commit([{ key: Buffer.from('k4'), value: Buffer.from('v') }]);
    await store.close();
  });

  it('names a full disk whichever write it hits, shows what was committed or refuses to read, and has it all when opened again', async () => {
    if (!traced) return withoutStrace('full disk');
    for (let nth = 4; nth <= 9; nth++) {
      const path = join(folder, `full-${nth}.lmdb`);
      const found = await underFaults(
        path,
        ['trace=pwrite64,writev', `inject=pwrite64,writev:error=ENOSPC:when=${nth}+`],
        `const acked = []; let error;
         const read = () => [...store.range({ from: k('k'), to: k('l') })].map(([key]) => String(key));
         while (!error) await store.commit([{ key: k('k' + acked.length), value: k('v') }]).then(() => acked.push('k' + acked.length), (thrown) => (error = thrown));
         let seen; try { seen = read(); } catch ({ code }) { seen = code; }
         print({ code: error.code, hint: error.hint, acked, seen });`,
      );
      expect(found).toMatchObject({ code: 'STORE_FULL', hint: expect.stringContaining('Free some space') as unknown });
      expect([found['acked'], 'DATA_LOSS']).toContainEqual(found['seen']);
      expect((found['acked'] as string[]).length).toBeGreaterThan(0);
      const store = await openLmdbStore({ path });
      expect(Array.from(store.range({ from: Buffer.from('k'), to: Buffer.from('l') }), ([key]) => key.toString())).toEqual(found['acked']);
      await store.close();
    }
  });
});

describe('the LMDB store file', () => {
  it('is readable by its owner only, and takes no more disk than it holds', async () => {
    const path = join(folder, 'fresh.lmdb');
    const store = await openLmdbStore({ path });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(`${path}-lock`)).mode & 0o777).toBe(0o600);
    expect(store.stat().bytes).toBeLessThan(100_000);
    await store.close();
  });

  it('is refused when a newer version wrote it', async () => {
    const path = join(folder, 'newer.lmdb');
    const store = await openLmdbStore({ path });
    await store.commit([{ key: encodeKey('f'), value: Buffer.from(JSON.stringify({ magic: 'paramo store', format: 7 })) }]);
    await store.close();
    await expect(openLmdbStore({ path })).rejects.toThrow(/^STORE_FORMAT: .*has format 7; this version of Paramo opens formats up to \d+\. Run the newer version/);
  });

  it("is refused when it is another program's database, or no database at all", async () => {
    const other = join(folder, 'other.lmdb');
    const db = open({ path: other, noSubdir: true });
    await db.put('some', 'thing');
    await db.close();
    await expect(openLmdbStore({ path: other })).rejects.toThrow(/^STORE_FORMAT: .*another program.*Move the file away/);

    const text = join(folder, 'text.lmdb');
    await writeFile(text, 'hello\n'.repeat(5000));
    await expect(openLmdbStore({ path: text })).rejects.toThrow(/^STORE_FORMAT: .*not a store of Paramo/);
  });

  it('that cannot be opened says so and what to do', async () => {
    const path = join(folder, 'a-folder.lmdb');
    await mkdir(path);
    await expect(openLmdbStore({ path })).rejects.toThrow(/^STORE_CORRUPT: .*is not a file\. Move it away/);
    await expect(openLmdbStore({ path: join(folder, 'fresh.lmdb', 'below.lmdb') })).rejects.toThrow(/^STORE_CORRUPT: .*cannot be opened.*Check the folder/);
  });

  it('torn by a power cut while it was created is made anew', async () => {
    const path = join(folder, 'whole.lmdb');
    await (await openLmdbStore({ path })).close();
    const pages = (await readFile(path)).subarray(0, 8192);
    for (const left of [8192, 4096, 512, 100, 0]) {
      for (const torn of [Buffer.concat([pages.subarray(0, left), Buffer.alloc(8192 - left)]), Buffer.concat([Buffer.alloc(8192 - left), pages.subarray(8192 - left)]), pages.subarray(0, left)]) {
        const half = join(folder, `torn-${left}.lmdb`);
        await writeFile(half, torn);
        const store = await openLmdbStore({ path: half });
        await store.commit([{ key: Buffer.from('k'), value: Buffer.from('v') }]);
        await store.close();
        await rm(half);
      }
    }
  });
});
