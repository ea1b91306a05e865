import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// By the package's name: worker processes run what is compiled.
import { connect, float, space, tune } from '@paramo/client';
import type { Connection } from '@paramo/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectToy } from './testing/toy-connection.js';
import { createToyDaemon } from './testing/toy-daemon.js';

const moduleOf = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const objective = moduleOf('export default ({ params }) => { if (params.lr === 0.2) throw new Error("unlucky"); return params.lr; }');
const options = { name: 'processes', space: space({ lr: float(0, 1) }), objective: 'min loss' } as const;
let home = '';
let connection: Connection;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'paramo-processes-'));
  vi.stubEnv('PARAMO_BIN', fileURLToPath(new URL('../dist/testing/toy-program.js', import.meta.url)));
  vi.stubEnv('TOY_TRIALS', '4');
  connection = await connect({ home });
});
afterEach(async () => {
  await connection.close();
  process.kill((JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')) as { pid: number }).pid);
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

test('a module is evaluated in processes of its own, which share the study', async () => {
  const seen = new Map<number, string>();
  const best = await tune(options, objective, { connection, workers: 2, onTrial: ({ number, state, worker }) => void seen.set(number, `${state} ${worker?.pid === process.pid}`) });
  expect(best).toMatchObject({ number: 0, value: 0.1 });
  expect([...seen].sort()).toEqual([[0, 'completed false'], [1, 'failed false'], [2, 'completed false'], [3, 'completed false']]);
});

test('aborting gives the trials of the processes back, and ends them', async () => {
  const hanging = moduleOf('export default () => new Promise((resolve) => setTimeout(resolve, 20_000))');
  const controller = new AbortController();
  const running = tune(options, hanging, { connection, signal: controller.signal });
  setTimeout(() => controller.abort(), 1000);
  await expect(running).rejects.toThrow('ABORTED: the tuning of processes was aborted');
});

test('a module without an objective is named', async () => {
  const module = moduleOf('export const objective = () => 1');
  await expect(tune(options, module, { connection })).rejects.toThrow(`INVALID_OPTIONS: ${module.href} has no function as its default export. Write: export default async function (trial) { … }`);
});

test('a module that cannot be loaded is named with the reason', async () => {
  const missing = new URL('file:///nowhere/train.js');
  await expect(tune(options, missing, { connection })).rejects.toThrow(/^INVALID_OPTIONS: the module file:\/\/\/nowhere\/train.js cannot be loaded: Cannot find module .* Give the URL of one that Node can import/);
});

test('processes that die one after another end the work', async () => {
  const deadly = moduleOf('export default () => process.kill(process.pid, "SIGKILL")');
  await expect(tune(options, deadly, { connection })).rejects.toThrow(/INTERNAL: 3 worker processes died one after another, the last by SIGKILL. Run data:/);
});

test('worker processes need a daemon that they can reach', async () => {
  const local = connectToy(createToyDaemon({ params: [] })).connection;
  await expect(tune(options, objective, { connection: local })).rejects.toThrow('NOT_SUPPORTED: worker processes cannot reach the daemon of this connection');
});
