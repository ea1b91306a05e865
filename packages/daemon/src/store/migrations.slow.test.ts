import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeFormat } from './layout.js';
import { openLmdbFile } from './lmdb-file.js';
import { openLmdbStore } from './lmdb-store.js';
import type { Migration } from './migrations.js';
import { checkFormat, formatWrite } from './store-format.js';
import type { Store } from './store.js';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'paramo-migrations-'))));
afterAll(() => rm(folder, { recursive: true }));

const built = new URL('../../dist/store/lmdb-store.js', import.meta.url).href;
const traced = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
const keys = ['k1', 'k2', 'k3'];

/** Steps from format 0 on; each appends to every value, so that one taken twice or not at all would show. */
const stepsSource = `Array.from({ length: ${storeFormat} }, (_, from) => ({
  from,
  async migrate(store) {
    for (const [key, value] of store.range({ from: Buffer.from('k'), to: Buffer.from('l') })) await store.commit([{ key, value: Buffer.concat([value, Buffer.from('>' + (from + 1))]) }]);
  },
}))`;
const steps = new Function(`return ${stepsSource}`)() as Migration[];
const old = Object.fromEntries(keys.map((key) => [key, 'v']));
const current = Object.fromEntries(keys.map((key) => [key, `v${steps.map(({ from }) => `>${from + 1}`).join('')}`]));

/** A store of format 0 in a folder of its own. */
async function oldStore(name: string): Promise<string> {
  await mkdir(join(folder, name));
  const path = join(folder, name, 'data.mdb');
  const store = await openLmdbFile({ path });
  await store.commit([formatWrite(0), ...keys.map((key) => ({ key: Buffer.from(key), value: Buffer.from('v') }))]);
  await store.close();
  return path;
}

function content(store: Store): Record<string, string> {
  return Object.fromEntries(Array.from(store.range({ from: Buffer.from('k'), to: Buffer.from('l') }), ([key, value]) => [Buffer.from(key).toString(), Buffer.from(value).toString()]));
}

/** The format of the store in a file, and what it holds. */
async function look(path: string): Promise<{ readonly format: number | 'empty'; readonly content: Record<string, string> }> {
  const store = await openLmdbFile({ path });
  const found = { format: checkFormat(store, path, store.stat().entries), content: content(store) };
  await store.close();
  return found;
}

describe('a store of an older format', () => {
  it('is brought to this one, step by step, and stays as it was beside it', async () => {
    const path = await oldStore('older');
    const store = await openLmdbStore({ path, migrations: steps });
    expect(content(store)).toEqual(current);
    expect(store.stat().format).toBe(storeFormat);
    await store.commit([{ key: Buffer.from('k9'), value: Buffer.from('new') }]);
    await store.close();
    expect(await look(path)).toEqual({ format: storeFormat, content: { ...current, k9: 'new' } });
    expect(await look(`${path}.format-0`)).toEqual({ format: 0, content: old });
    expect((await readdir(join(folder, 'older'))).filter((name) => name.includes('migrating'))).toEqual([]);
  });

  it('is left alone when there is no way to this one', async () => {
    const path = await oldStore('too-old');
    await expect(openLmdbStore({ path, migrations: steps.slice(1) })).rejects.toThrow(/^STORE_FORMAT: .*has format 0, which this version of Paramo does not open any more/);
    expect(await look(path)).toEqual({ format: 0, content: old });
  });

  it('is left alone when a step fails, and is migrated as if nothing had been when it does not', async () => {
    const path = await oldStore('failing');
    const failing: Migration = { from: 0, migrate: async (store) => (await steps[0]!.migrate(store), Promise.reject(new Error('no such column'))) };
    await expect(openLmdbStore({ path, migrations: [failing, ...steps.slice(1)] })).rejects.toThrow(/^STORE_CORRUPT: .*could not be brought from format 0 to \d+: no such column\. It was not changed/);
    expect(await readdir(join(folder, 'failing'))).toEqual(['data.mdb', 'data.mdb-lock']);
    expect(await look(path)).toEqual({ format: 0, content: old });
    const store = await openLmdbStore({ path, migrations: steps });
    expect(content(store)).toEqual(current);
    await store.close();
  });

  it('is the old one or the new one after kill -9 at any instant of its migration', async () => {
    if (!traced) return void process.stderr.write('strace cannot trace here, so migrations were not killed on their way\n');
    const source = await oldStore('killed');
    let [before, after] = [0, 0];
    for (const call of ['write', 'pwrite64', 'writev', 'fsync', 'fdatasync', 'chmod', 'unlink', 'link', 'rename']) {
      for (let nth = 1, finished = false; !finished; nth++) {
        const home = join(folder, `killed-${call}-${nth}`);
        await mkdir(home);
        const path = join(home, 'data.mdb');
        await copyFile(source, path);
        finished = await migrateUntilKilled(path, `${call}:signal=SIGKILL:when=${nth}`);
        const { format, content: found } = await look(path);
        expect(found).toEqual(format === 0 ? old : current);
        if (format === 0) before++;
        else if (!finished) after++;
        const store = await openLmdbStore({ path, migrations: steps });
        expect(content(store)).toEqual(current);
        await store.close();
        expect(await look(`${path}.format-0`)).toEqual({ format: 0, content: old });
        await expect(access(`${path}.migrating`)).rejects.toThrow('ENOENT');
        await rm(home, { recursive: true });
      }
    }
    // The kills fell before and after the rename.
    expect(before).toBeGreaterThan(5);
    expect(after).toBeGreaterThan(0);
  }, 120_000);
});

/** Opens the store in a process that is killed when it makes a call to a file of the store. Whether it came to its end before. */
async function migrateUntilKilled(path: string, kill: string): Promise<boolean> {
  const script = `
    import { openLmdbStore } from ${JSON.stringify(built)};
    const store = await openLmdbStore({ path: ${JSON.stringify(path)}, migrations: ${stepsSource} });
    await store.close();`;
  const files = [path, `${path}-lock`, `${path}.migrating`, `${path}.migrating-lock`, `${path}.format-0`, dirname(path)].flatMap((file) => ['-P', file]);
  // One thread, so that the counts of strace, which are by thread, count all of the calls.
  const child = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...files, '-e', `trace=${kill.split(':')[0]}`, '-e', `inject=${kill}`, process.execPath, '--input-type=module', '-e', script], { env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the process ended with ${code ?? signal}`);
  return code === 0;
}
