import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isParamoError } from '@paramo/core';
import { ServerServiceService } from '@paramo/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect } from './connect.js';
import type { Connection } from './connect.js';

// The toy program is compiled beside the package's own code.
const program = fileURLToPath(new URL('../dist/testing/toy-program.js', import.meta.url));
let home = '';
const opened: Connection[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'paramo-connect-'));
  vi.stubEnv('PARAMO_BIN', program);
  vi.stubEnv('PARAMO_ADDRESS', '');
});
afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close();
  try {
    process.kill(daemon().pid);
  } catch {
    // None was started, or it ended.
  }
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const daemon = (): { pid: number; address: string } => JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')) as { pid: number; address: string };
const starts = (): string[] => readFileSync(join(home, 'starts'), 'utf8').trim().split('\n');
const open = async (options: Parameters<typeof connect>[0] = { home }): Promise<Connection> => {
  const connection = await connect(options);
  opened.push(connection);
  return connection;
};
const pidOf = async ({ link }: Connection): Promise<number> => (await link.unary(ServerServiceService.getServerInfo, {})).pid;

describe('connect', () => {
  test('starts the daemon of a home that has none, and finds it again', async () => {
    const first = await open();
    const second = await open();
    expect(await pidOf(first)).toBe(daemon().pid);
    expect(await pidOf(second)).toBe(daemon().pid);
    expect(starts()).toEqual([`up --foreground --home ${home}`]);
  });

  test('several that start one at once all end on the one that won', async () => {
    vi.stubEnv('TOY_MODE', 'slow');
    const pids = await Promise.all((await Promise.all([open(), open(), open()])).map(pidOf));
    expect(new Set(pids)).toEqual(new Set([daemon().pid]));
  });

  test('starts another when the daemon was killed, and the call that met the loss is made again', async () => {
    const connection = await open();
    const { pid } = daemon();
    process.kill(pid, 'SIGKILL');
    rmSync(join(home, 'lock'), { force: true });
    expect(await pidOf(connection)).not.toBe(pid);
    expect(starts()).toHaveLength(2);
  });

  test('says what the daemon said when it could not start', async () => {
    vi.stubEnv('TOY_MODE', 'broken');
    await expect(open()).rejects.toThrow('STORE_CORRUPT: the store cannot be read. Restore a backup.');
    vi.stubEnv('TOY_MODE', 'crash');
    await expect(open()).rejects.toThrow(/DAEMON_UNREACHABLE: the daemon could not be started: it ended with code 1 .*Error: a bug.*Run `paramo up --foreground`/s);
  });

  test('refuses a daemon of another protocol, and says what to do', async () => {
    vi.stubEnv('TOY_MODE', 'other version');
    await expect(open()).rejects.toThrow(/DAEMON_VERSION: the running daemon \(version 9.9.9, process \d+\) speaks protocol 2; this client speaks 1. Update/);
  });

  test('starts nothing when told not to, nor at an address', async () => {
    await expect(open({ home, start: false })).rejects.toThrow(`DAEMON_UNREACHABLE: no daemon runs on the home ${home}. Start one with \`paramo up\`.`);
    vi.stubEnv('PARAMO_ADDRESS', '127.0.0.1:1');
    await expect(open({})).rejects.toThrow('DAEMON_UNREACHABLE: no daemon answers at 127.0.0.1:1');
    expect(() => starts()).toThrow();
  });

  test('an address of the environment is used, unless a home is asked for outright', async () => {
    await open();
    vi.stubEnv('PARAMO_ADDRESS', daemon().address);
    expect(await pidOf(await open({}))).toBe(daemon().pid);
    vi.stubEnv('PARAMO_ADDRESS', '127.0.0.1:1');
    expect(await pidOf(await open())).toBe(daemon().pid);
  });

  test('a daemon.json whose daemon is gone is passed over, even when its port has gone to another', async () => {
    const connection = await open();
    const stale = mkdtempSync(join(tmpdir(), 'paramo-stale-'));
    writeFileSync(join(stale, 'daemon.json'), JSON.stringify({ ...daemon(), instanceId: 'long-gone' }));
    const error: unknown = await open({ home: stale, start: false }).catch((thrown: unknown) => thrown);
    expect(isParamoError(error, 'DAEMON_UNREACHABLE')).toBe(true);
    expect(await pidOf(connection)).toBe(daemon().pid);
    rmSync(stale, { recursive: true });
  });

  test('a program that is not there, and a home that cannot be made, are named', async () => {
    vi.stubEnv('PARAMO_BIN', join(home, 'missing.js'));
    await expect(open()).rejects.toThrow(/the daemon could not be started: it ended with code 1 .*missing.js/s);
    vi.stubEnv('PARAMO_BIN', join(home, 'missing'));
    await expect(open()).rejects.toThrow(/it cannot be run: spawn .*missing ENOENT/);
    writeFileSync(join(home, 'file'), '');
    await expect(open({ home: join(home, 'file', 'home') })).rejects.toThrow(/HOME_NOT_WRITABLE: the home .* cannot be written/);
  });
});
