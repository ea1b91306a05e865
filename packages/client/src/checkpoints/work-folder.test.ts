import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test, onTestFinished } from 'vitest';
import { createWorkFolder } from './work-folder.js';

function emptyParent(): string {
  const parent = mkdtempSync(join(tmpdir(), 'paramo-work-test-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return parent;
}

/** The id of a process that has ended. */
const deadPid = (): number => spawnSync('true').pid;

test('what a dead process of this host has left is removed, and nothing of the living or of other hosts', async () => {
  const parent = emptyParent();
  const dead = deadPid();
  const stay = [`${hostname()}-${process.pid}-01LIVING`, `elsewhere-${dead}-01OTHER`, `${hostname()}-7-${dead}-01OTHER`, `${dead}-01OTHER`];
  for (const name of [...stay, `${hostname()}-${dead}-01DEAD`]) mkdirSync(join(parent, name));
  const folder = createWorkFolder(parent, '01OWN');
  const directory = await folder.open();
  expect(readdirSync(parent).sort()).toEqual([...stay, basename(dirname(directory))].sort());
  await folder.close();
  expect(readdirSync(parent).sort()).toEqual(stay.sort());
});

test('without a parent each user of the host has one of their own', async () => {
  const folder = createWorkFolder(undefined, '01OWN');
  const directory = await folder.open();
  expect(basename(dirname(dirname(directory)))).toBe(`paramo-work-${process.getuid!()}`);
  await folder.close();
  expect(existsSync(directory)).toBe(false);
});
