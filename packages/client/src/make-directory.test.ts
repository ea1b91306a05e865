import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory } from './make-directory.js';

const folder = mkdtempSync(join(tmpdir(), 'paramo-make-'));

test('a directory is made with all that is missing above it, for the user alone', () => {
  makeDirectory(join(folder, 'a', 'b', 'c'));
  expect(statSync(join(folder, 'a', 'b', 'c')).mode & 0o777).toBe(0o700);
  makeDirectory(join(folder, 'a', 'b', 'c'));
});

test('where none can be made the system says why, and the call returns', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeDirectory(join(folder, 'file'))).toThrow('EEXIST');
  expect(() => makeDirectory(join(folder, 'file', 'below'))).toThrow('ENOTDIR');
  if (existsSync('/proc/self')) expect(() => makeDirectory('/proc/paramo/home')).toThrow('ENOENT');
});
