import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isParamoError } from '@paramo/core';
import { createSeededEntropy } from '@paramo/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { systemEntropy } from '../system-entropy.js';
import { openHome } from './home.js';
import type { Home } from './home.js';

const entropy = systemEntropy;
const opener = fileURLToPath(new URL('../../dist/home/testing/open-home-process.js', import.meta.url));

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'paramo-home-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function open(path: string): Promise<Home> {
  const home = await openHome(path, { entropy });
  onTestFinished(() => home.release());
  return home;
}

const info = { version: '1.2.3', instanceId: '01J0000000000000000000000', address: '127.0.0.1:7077' };

test('a home is made private, with the paths of its things', async () => {
  const path = join(directory(), 'project', '.paramo');
  const home = await open(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(home).toMatchObject({ path, storePath: join(path, 'store'), socketPath: join(path, 'daemon.sock'), logPath: join(path, 'daemon.log') });
});

test('a home that others may read is made private', async () => {
  const path = directory();
  chmodSync(path, 0o755);
  await open(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('the daemon file says how to reach the daemon, and only its owner can read it', async () => {
  const home = await open(directory());
  const file = join(home.path, 'daemon.json');
  home.writeDaemonFile({ ...info, socket: home.socketPath });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...info, protocol: 1, pid: process.pid, socket: home.socketPath, token: home.token });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  home.release();
  expect(readdirSync(home.path)).toEqual([]);
});

test('a token has 256 bits and is another one each time', async () => {
  const path = directory();
  const first = await open(path);
  first.release();
  const second = await open(path);
  for (const { token } of [first, second]) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect(second.token).not.toBe(first.token);
  expect((await openHome(directory(), { entropy: createSeededEntropy(1) })).token).toBe((await openHome(directory(), { entropy: createSeededEntropy(1) })).token);
});

test('a released home leaves a daemon file alone that is another daemon\'s', async () => {
  const home = await open(directory());
  const file = join(home.path, 'daemon.json');
  home.writeDaemonFile(info);
  writeFileSync(file, JSON.stringify({ ...info, token: 'other' }));
  home.release();
  expect(existsSync(file)).toBe(true);
});

test('a home in use is refused, naming the process and what to do', async () => {
  const home = await open(directory());
  home.writeDaemonFile(info);
  const refused = openHome(home.path, { entropy });
  await expect(refused).rejects.toMatchObject({ code: 'HOME_LOCKED', details: { pid: process.pid }, hint: expect.stringContaining('paramo down') });
  await expect(refused).rejects.toThrow(/process \d+ owns it and answers at 127\.0\.0\.1:7077/);
  home.release();
  await open(home.path);
});

test.each([
  ['a file in its place', (root: string) => { writeFileSync(join(root, 'home'), ''); return join(root, 'home'); }, 'a file lies there'],
  ['a file on its path', (root: string) => { writeFileSync(join(root, 'file'), ''); return join(root, 'file', 'home'); }, 'a part of the path is a file'],
  ['a file system that takes no directory', () => '/proc/paramo-home', 'no directory can be made there'],
])('a home cannot be written because of %s', async (_, make, why) => {
  const path = make(directory());
  const refused = openHome(path, { entropy });
  await expect(refused).rejects.toMatchObject({ code: 'HOME_NOT_WRITABLE', summary: `the home ${path} cannot be written: ${why}`, hint: expect.stringContaining('PARAMO_HOME') });
});

test('a home whose permissions forbid writing is refused', async () => {
  const root = directory();
  chmodSync(root, 0o500);
  // Root may write everywhere.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    const refused = openHome(join(root, 'home'), { entropy });
    await expect(refused).rejects.toMatchObject({ code: 'HOME_NOT_WRITABLE', summary: expect.stringContaining('its permissions do not allow it') });
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(root, 0o700);
  }
});

test.each([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xff534d42 | 0, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
])('a home on the file system %i (%s) is refused before anything is written', async (type, name) => {
  const path = directory();
  const refused = openHome(path, { entropy, statfs: () => ({ type }) });
  await expect(refused).rejects.toMatchObject({ code: 'HOME_ON_NETWORK', summary: expect.stringContaining(`(${name})`), hint: expect.stringContaining('PARAMO_HOME=') });
  expect(readdirSync(path)).toEqual([]);
});

test('the socket of a home with a long path lies in a private directory elsewhere, the same each time', async () => {
  const path = join(directory(), 'a-long-name-of-a-project'.repeat(4), '.paramo');
  const home = await open(path);
  expect(Buffer.byteLength(home.socketPath)).toBeLessThanOrEqual(107);
  expect(home.socketPath).not.toContain(path);
  expect(statSync(dirname(home.socketPath)).mode & 0o777).toBe(0o700);
  onTestFinished(() => rmSync(dirname(home.socketPath), { recursive: true }));
  home.release();
  expect((await open(path)).socketPath).toBe(home.socketPath);
  home.release();
});

test('a private directory for the socket that others can write is refused', async () => {
  const path = join(directory(), 'another-long-name-of-a-project'.repeat(4), '.paramo');
  const home = await open(path);
  home.release();
  chmodSync(dirname(home.socketPath), 0o777);
  onTestFinished(() => rmSync(dirname(home.socketPath), { recursive: true }));
  await expect(openHome(path, { entropy })).rejects.toMatchObject({ code: 'HOME_NOT_WRITABLE', summary: expect.stringContaining(dirname(home.socketPath)) });
});

test('a lock whose claim makes no sense, as after a power cut, is taken over', async () => {
  const path = directory();
  mkdirSync(join(path, 'daemon.lock'));
  writeFileSync(join(path, 'daemon.lock', 'torn'), '{"pid":');
  await open(path);
});

test('a lock of a process of the same number that started at another time or in another boot is taken over', async () => {
  for (const change of [{ started: '1' }, { boot: 'another' }]) {
    const path = directory();
    const home = await open(path);
    const lock = join(path, 'daemon.lock');
    const claim = join(lock, readdirSync(lock)[0]!);
    writeFileSync(claim, JSON.stringify({ ...JSON.parse(readFileSync(claim, 'utf8')), ...change }));
    const next = await open(path);
    home.release();
    await expect(openHome(path, { entropy })).rejects.toSatisfy((error) => isParamoError(error, 'HOME_LOCKED'));
    next.release();
  }
});

/** Another process that opens the home, says what came of it and keeps what it got until its input ends. */
function openElsewhere(path: string): { readonly child: ChildProcess; readonly outcome: Promise<string> } {
  const child = spawn(process.execPath, [opener, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const outcome = once(child.stdout!, 'data').then(([data]) => String(data).trim());
  return { child, outcome };
}

test('a home whose daemon was killed is opened again, by a process that never heard of it', async () => {
  const path = directory();
  const { child, outcome } = openElsewhere(path);
  expect(await outcome).toBe('opened');
  expect(existsSync(join(path, 'daemon.json'))).toBe(true);
  await expect(openHome(path, { entropy })).rejects.toMatchObject({ code: 'HOME_LOCKED', details: { pid: child.pid } });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await open(path);
  expect(existsSync(join(path, 'daemon.json'))).toBe(false);
});

test('of ten processes that open a home at once exactly one gets it, over a stale lock and after each kill too', async () => {
  const path = directory();
  for (let round = 0; round < 3; round++) {
    const starters = Array.from({ length: 10 }, () => openElsewhere(path));
    const outcomes = await Promise.all(starters.map(({ outcome }) => outcome));
    expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'HOME_LOCKED')).toHaveLength(9);
    await Promise.all(starters.map(async ({ child }) => {
      // The winner dies with the lock held: the next round starts over a stale one.
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }));
  }
  await open(path);
  expect(readdirSync(path)).toEqual(['daemon.lock']);
}, 60_000);
