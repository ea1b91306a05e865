import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@paramo/core';
import { afterAll, describe, expect, it } from 'vitest';
import { createDiskModel } from './disk-model.js';
import { has } from './has.js';
import { readWriteLog, traceInto } from './write-log.js';

const folder = mkdtempSync(join(tmpdir(), 'paramo-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = `
  const fs = require('node:fs');
  const root = process.argv[1];
  fs.mkdirSync(root + '/d');
  const fd = fs.openSync(root + '/d/a', 'w');
  fs.writeSync(fd, 'hello');
  fs.writevSync(fd, [Buffer.from('one'), Buffer.from('two')], 2);
  fs.fdatasyncSync(fd);
  fs.ftruncateSync(fd, 7);
  fs.renameSync(root + '/d/a', root + '/d/b');
  fs.writeSync(fd, 'Z', 0);
  fs.linkSync(root + '/d/b', root + '/c');
  fs.writeFileSync(root + '/gone', 'x');
  fs.unlinkSync(root + '/gone');
  fs.renameSync(root + '/d', root + '/e');
`;

describe('the write log', () => {
  it.runIf(has('strace'))('played again gives the folder that was written', () => {
    const root = join(folder, 'root');
    mkdirSync(root);
    const [file, ...args] = [...traceInto(join(folder, 'log')), process.execPath, '-e', program, root];
    expect(spawnSync(file!, args, { encoding: 'utf8' }).stderr).toBe('');
    const operations = readWriteLog([join(folder, 'log')], root);
    expect(operations.map(({ kind }) => kind)).toEqual(['create', 'create', 'write', 'write', 'sync', 'truncate', 'rename', 'write', 'link', 'create', 'write', 'remove', 'rename']);
    const disk = createDiskModel();
    for (const operation of operations) disk.apply(operation);
    disk.materialize(join(folder, 'played'), 1, createRandom('log'));
    for (const path of ['c', 'e/b']) expect(readFileSync(join(folder, 'played', path), 'utf8')).toBe(readFileSync(join(root, path), 'utf8'));
    expect(readFileSync(join(root, 'c'), 'utf8')).toBe('Zeonetw');
  });
});
