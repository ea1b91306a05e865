import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@paramo/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createDiskModel } from './disk-model.js';
import type { DiskOperation } from './write-log.js';

const random = createRandom('disk model');
const made: string[] = [];
afterEach(() => made.splice(0).forEach((path) => rmSync(path, { recursive: true })));

/** The folder after a power cut that keeps what `keep` says; operations are numbered by their place. */
function cut(operations: readonly DiskOperation[], keep: number, inFlight?: DiskOperation): string {
  const disk = createDiskModel();
  for (const operation of operations) disk.apply(operation);
  const path = mkdtempSync(join(tmpdir(), 'paramo-disk-'));
  made.push(path);
  disk.materialize(path, keep, random, inFlight);
  return path;
}

const create: DiskOperation = { kind: 'create', file: 1, path: 'f', folder: false };
const write = (at: number, text: string, synced = false): DiskOperation => ({ kind: 'write', file: 1, at, content: Buffer.from(text), synced });
const sync = (file: number, upTo: number): DiskOperation => ({ kind: 'sync', file, upTo });
const named: readonly DiskOperation[] = [create, sync(0, 1)];

describe('a disk that loses power', () => {
  it('keeps what was synced', () => {
    const path = cut([...named, write(0, 'one'), sync(1, 3), write(0, 'two')], 0);
    expect(readFileSync(join(path, 'f'), 'utf8')).toBe('one');
  });

  it('shows everything when nothing is lost', () => {
    const path = cut([create, write(0, 'one'), write(3, ' two'), { kind: 'rename', from: 'f', to: 'g' }], 1);
    expect(readdirSync(path)).toEqual(['g']);
    expect(readFileSync(join(path, 'g'), 'utf8')).toBe('one two');
  });

  it('loses a name whose folder was not synced, whatever was synced in the file', () => expect(readdirSync(cut([create, write(0, 'one'), sync(1, 2)], 0))).toEqual([]));

  it('loses a write that ended after the sync had begun', () => {
    const path = cut([...named, write(0, 'one'), write(0, 'two'), sync(1, 3)], 0);
    expect(readFileSync(join(path, 'f'), 'utf8')).toBe('one');
  });

  it('keeps a write through a descriptor that syncs, and that write alone', () => {
    const path = cut([...named, write(0, 'x'.repeat(512)), write(512, 'meta', true)], 0);
    expect(readFileSync(join(path, 'f'))).toEqual(Buffer.concat([Buffer.alloc(512), Buffer.from('meta')]));
  });

  it('undoes a rename as a whole', () => {
    const operations: readonly DiskOperation[] = [...named, { kind: 'create', file: 2, path: 'd', folder: true }, sync(0, 3), { kind: 'rename', from: 'f', to: 'd/f' }];
    expect(readdirSync(cut(operations, 0))).toEqual(['d', 'f']);
    const after = cut([...operations, sync(2, 5)], 0);
    expect([readdirSync(after), readdirSync(join(after, 'd'))]).toEqual([['d'], ['f']]);
  });

  it('tears a write at the borders of sectors', () => {
    const torn = new Set<string>();
    for (let i = 0; i < 40; i++) torn.add(readFileSync(join(cut([...named, write(0, 'a'.repeat(1024)), sync(1, 3)], 0.5, write(0, 'b'.repeat(1024))), 'f'), 'utf8'));
    const [a, b] = ['a'.repeat(512), 'b'.repeat(512)];
    expect(torn).toEqual(new Set([a + a, a + b, b + a, b + b]));
  });
});
