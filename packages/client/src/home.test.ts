import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDaemonBinary } from './daemon-binary.js';
import { readDaemonFile } from './daemon-file.js';
import { findHome } from './home.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'paramo-home-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the home is PARAMO_HOME, else the nearest .paramo upward, else one here', () => {
  const deep = join(root, 'a', 'b');
  mkdirSync(deep, { recursive: true });
  expect(findHome(deep, {})).toBe(join(deep, '.paramo'));
  mkdirSync(join(root, '.paramo'));
  expect(findHome(deep, {})).toBe(join(root, '.paramo'));
  mkdirSync(join(root, 'a', '.paramo'));
  expect(findHome(deep, {})).toBe(join(root, 'a', '.paramo'));
  expect(findHome(deep, { PARAMO_HOME: '../elsewhere' })).toBe(join(root, 'a', 'elsewhere'));
});

test('the program is PARAMO_BIN, else the nearest installed one, else one on the path', () => {
  const bin = join(root, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(root, 'path'));
  expect(findDaemonBinary(root, {})).toBeUndefined();
  writeFileSync(join(root, 'path', 'paramo'), '', { mode: 0o755 });
  expect(findDaemonBinary(root, { PATH: `/nowhere:${join(root, 'path')}` })).toEqual({ file: join(root, 'path', 'paramo'), args: [] });
  writeFileSync(join(bin, 'paramo'), '', { mode: 0o755 });
  expect(findDaemonBinary(join(root, 'path'), { PATH: join(root, 'path') })).toEqual({ file: join(bin, 'paramo'), args: [] });
  expect(findDaemonBinary(root, { PARAMO_BIN: './cli.js' })).toEqual({ file: process.execPath, args: [join(root, 'cli.js')] });
});

test('a daemon.json that is absent, half-written or foreign is none', async () => {
  expect(await readDaemonFile(root)).toBeUndefined();
  for (const text of ['', '{"version"', '[]', '{"version":"1","protocol":1}']) {
    writeFileSync(join(root, 'daemon.json'), text);
    expect(await readDaemonFile(root)).toBeUndefined();
  }
  const whole = { version: '0.1.0', protocol: 1, pid: 7, instanceId: 'I', address: '127.0.0.1:9', token: 't' };
  writeFileSync(join(root, 'daemon.json'), JSON.stringify({ ...whole, more: 1 }));
  expect(await readDaemonFile(root)).toEqual(whole);
});
