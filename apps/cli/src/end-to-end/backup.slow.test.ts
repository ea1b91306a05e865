import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Running, Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

const steps = 8;

/** Says what was acked: the end of every trial. Checkpoints come and go meanwhile. */
const script = (trials: number): string => `
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float, space, tune } from 'paramo';
await tune({ name: 'load', space: space({ x: float(-1, 1) }), objective: 'min loss', strategy: 'random', seed: 1, budget: { trials: ${trials} } }, async (trial) => {
  for await (const step of trial.steps(${steps})) {
    trial.log({ loss: trial.params.x ** 2 + 1 / (step + 1) });
    await trial.checkpoint((into) => writeFile(join(into, 'weights'), Buffer.alloc(20_000, trial.number * 31 + step)), { force: true });
  }
}, { workers: 4, onTrial: (trial) => console.log('acked ' + JSON.stringify({ number: trial.number, state: trial.state, value: trial.value, params: trial.params })) });
`;

interface Acked {
  readonly number: number;
  readonly state: string;
  readonly value: number;
  readonly params: object;
}

const acked = ({ stdout }: Pick<Running, 'stdout'>): Acked[] => [...stdout.matchAll(/^acked (.*)$/gm)].map(([, json]) => JSON.parse(json!) as Acked);

/** Trials that a home has, and how many points of the objective each. */
async function contentOf(home: string): Promise<{ readonly trials: readonly Acked[]; readonly points: ReadonlyMap<number, number> }> {
  const trials = JSON.parse((await sandbox.paramo('trials', 'load', '--json', '--home', home)).stdout) as readonly Acked[];
  const { stdout } = await sandbox.paramo('export', 'load', '--format', 'csv', '--series', '--home', home);
  const points = new Map<number, number>();
  for (const line of stdout.trimEnd().split('\n').slice(1)) points.set(Number(line.split(',')[0]), (points.get(Number(line.split(',')[0])) ?? 0) + 1);
  await sandbox.paramo('down', '--home', home);
  return { trials, points };
}

/** A home with a study that is over, and a directory to back it up to. */
async function finishedHome(): Promise<string> {
  expect(await sandbox.script(script(4)).ended).toMatchObject({ code: 0 });
  expect(await sandbox.paramo('down')).toMatchObject({ code: 0 });
  return join(sandbox.directory, 'backup');
}

const partials = (): string[] => readdirSync(sandbox.directory).filter((name) => name.includes('.partial-'));

describe('a backup', () => {
  test('under load, restored elsewhere, has all that was acked before it began, and is well', async () => {
    const run = sandbox.script(script(60));
    const [one, two] = [join(sandbox.directory, 'one'), join(sandbox.directory, 'two')];
    await run.line(/^acked .*"number":10/);
    const before = acked(run);
    const made = await sandbox.paramo('backup', one, '--json');
    expect(made).toMatchObject({ code: 0 });
    expect(JSON.parse(made.stdout)).toMatchObject({ directory: one, content: [expect.stringMatching(/1 studies/), expect.stringMatching(/hashes verified/)] });
    const between = acked(run);
    expect(await sandbox.paramo('backup', two)).toMatchObject({ code: 0, stderr: expect.stringMatching(/^backed up .* and checked it: /) as unknown });
    expect(await run.ended).toMatchObject({ code: 0 });

    for (const [directory, promised] of [[one, before], [two, between]] as const) {
      const home = `${directory}-home`;
      expect(await sandbox.paramo('restore', directory, '--home', home)).toMatchObject({ code: 0 });
      expect(await sandbox.paramo('doctor', '--home', home)).toMatchObject({ code: 0 });
      const { trials, points } = await contentOf(home);
      expect(trials.map(({ number }) => number)).toEqual(trials.map((_, i) => i));
      for (const trial of promised) {
        expect(trials[trial.number]).toMatchObject(trial);
        expect(points.get(trial.number)).toBe(steps);
      }
    }
  }, 60_000);

  test('that is killed at any moment leaves nothing that looks like one, and the next one clears up', async () => {
    const directory = await finishedHome();
    const began = performance.now();
    expect(await sandbox.paramo('backup', directory)).toMatchObject({ code: 0 });
    const tookMs = performance.now() - began;
    rmSync(directory, { recursive: true });
    for (let kill = 1; kill <= 10; kill++) {
      const run = sandbox.startParamo('backup', directory);
      await pause((tookMs * kill) / 10);
      run.kill('SIGKILL');
      await run.ended;
      if (!existsSync(directory)) continue;
      const home = join(sandbox.directory, `home-${kill}`);
      expect(await sandbox.paramo('restore', directory, '--home', home)).toMatchObject({ code: 0 });
      rmSync(directory, { recursive: true });
    }
    expect(await sandbox.paramo('backup', directory)).toMatchObject({ code: 0 });
    expect(partials()).toEqual([]);
  }, 60_000);

  test('of a damaged store is refused with what is damaged, and a directory that is there is left alone', async () => {
    const directory = await finishedHome();
    const blobs = join(sandbox.home, 'store', 'blobs');
    const files = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name)).map((name) => join(blobs, name));
    for (const file of files) {
      chmodSync(file, 0o600);
      appendFileSync(file, 'x');
    }
    expect(await sandbox.paramo('backup', directory)).toMatchObject({ code: 1, stderr: expect.stringMatching(/STORE_CORRUPT: checkpoint of step \d+ of trial \d+ .* has 20001 bytes in place of 20000.*paramo doctor/s) as unknown });
    for (const file of files) rmSync(file);
    expect(await sandbox.paramo('backup', directory)).toMatchObject({ code: 1, stderr: expect.stringMatching(/DATA_LOSS: the content [0-9a-f]{64} of checkpoint of step \d+ of trial \d+ .* is not there/) as unknown });
    expect([existsSync(directory), partials()]).toEqual([false, []]);
    expect(await sandbox.paramo('backup', sandbox.home)).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') as unknown });
  });
});

describe('a restore', () => {
  test('keeps the store that was there, and is refused while a daemon is at work or when there is no backup', async () => {
    const directory = await finishedHome();
    expect(await sandbox.paramo('backup', directory)).toMatchObject({ code: 0 });
    await sandbox.paramo('up');
    expect(await sandbox.paramo('restore', directory)).toMatchObject({ code: 5, stderr: expect.stringMatching(/HOME_LOCKED: .*paramo down/) as unknown });
    await sandbox.paramo('down');
    const restored = await sandbox.paramo('restore', directory, '--json');
    expect(JSON.parse(restored.stdout)).toMatchObject({ home: sandbox.home, replaced: join(sandbox.home, 'store.replaced-1') });
    expect(existsSync(join(sandbox.home, 'store.replaced-1', 'data.mdb'))).toBe(true);
    expect((await contentOf(sandbox.home)).trials).toHaveLength(4);

    rmSync(join(directory, 'backup.json'));
    expect(await sandbox.paramo('restore', directory)).toMatchObject({ code: 2, stderr: expect.stringContaining('is not a backup') as unknown });
  });

  test('that is killed at any of its steps leaves the old store or the new one', async () => {
    if (spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0) return void process.stderr.write('strace cannot trace here, so restores were not killed on their way\n');
    const directory = await finishedHome();
    expect(await sandbox.paramo('backup', directory)).toMatchObject({ code: 0 });
    // The store that is there has another study.
    rmSync(join(sandbox.home, 'store'), { recursive: true });
    expect(await sandbox.script(script(1).replace("'load'", "'present'")).ended).toMatchObject({ code: 0 });
    await sandbox.paramo('down');
    const seen = new Set<string>();
    for (const [call, stride] of [['rename', 1], ['fsync', 12]] as const) {
      for (let nth = 1, finished = false; !finished; nth += stride) {
        const home = join(sandbox.directory, `${call}-${nth}`);
        cpSync(sandbox.home, home, { recursive: true });
        const run = sandbox.run('strace', ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${nth}`, process.execPath, join(sandbox.directory, 'node_modules', 'paramo', 'dist', 'bin.js'), 'restore', directory, '--home', home], { UV_THREADPOOL_SIZE: '1' });
        finished = (await run.ended).code === 0;
        const studies = JSON.parse((await sandbox.paramo('studies', '--json', '--home', home)).stdout) as readonly { readonly spec: { readonly name: string } }[];
        const names = studies.map(({ spec }) => spec.name).join();
        expect(names).toMatch(finished ? /^load$/ : /^(?:load|present)$/);
        if (!finished) seen.add(names);
        await sandbox.paramo('down', '--home', home);
        expect(readdirSync(home).filter((name) => name === 'store.restoring' && existsSync(join(home, name, 'restored.json')))).toEqual([]);
        rmSync(home, { recursive: true });
      }
    }
    // The kills fell before and after the renames.
    expect(seen).toEqual(new Set(['load', 'present']));
  }, 180_000);
});

describe('deleting and packing', () => {
  test('a study can be deleted, and the room goes back to the disk while the daemon works', async () => {
    await finishedHome();
    expect(await sandbox.paramo('delete', 'load')).toMatchObject({ code: 0, stderr: expect.stringMatching(/^study "load" \(.*\) is deleted$/m) as unknown });
    const { before, after } = JSON.parse((await sandbox.paramo('compact', '--json')).stdout) as { before: number; after: number };
    expect(after).toBeLessThan(before);
    const blobs = readdirSync(join(sandbox.home, 'store', 'blobs'), { recursive: true, encoding: 'utf8' });
    expect(blobs.filter((name) => /[0-9a-f]{64}$/.test(name))).toEqual([]);
    expect(await sandbox.paramo('best', 'load')).toMatchObject({ code: 3 });
    expect(await sandbox.paramo('doctor')).toMatchObject({ code: 0 });
  });
});
