import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBatch, SpoolRecord } from '@paramo/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifyOwner } from './process-identity.js';
import { readSpoolFile, spoolFiles } from './spool-files.js';
import { createSpool } from './spool.js';
import type { SpoolEntry } from './spool.js';

let parent: string;
let directory: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'paramo-'));
  directory = join(parent, 'home', 'spool', 'W');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const open = (quotaBytes = 1e9) => createSpool({ directory, owner: identifyOwner('W'), quotaBytes });

function batch(trial: number, sequence: number, points = 1): SpoolEntry {
  const steps = Array.from({ length: points }, (_, i) => BigInt(i));
  const series = [{ name: 'loss', steps, values: steps.map(() => 0.1), timesMs: steps }];
  return { attempt: `s/${trial}/1`, sequence, record: SpoolRecord.create({ kind: { $case: 'batch', value: { studyId: 's', trial: BigInt(trial), attempt: 1, sequence: BigInt(sequence), series } } }) };
}

function end(trial: number): SpoolEntry {
  return { attempt: `s/${trial}/1`, record: SpoolRecord.create({ kind: { $case: 'release', value: { attempt: { studyId: 's', trial: BigInt(trial), attempt: 1 }, writerId: 'W', batches: [], requestId: `e${trial}`, reason: '' } } }) };
}

const kinds = (): readonly string[] => spoolFiles(directory).flatMap((path) => readSpoolFile(path).records.map(({ kind }) => kind!.$case));

test('nothing is made on disk until there is something to write', () => {
  const spool = open();
  expect(existsSync(directory)).toBe(false);
  spool.close();
  expect(existsSync(directory)).toBe(false);
});

test('what was appended is read back, owner first', () => {
  const spool = open();
  expect(spool.append([batch(0, 1), batch(1, 1), end(1)])).toBe(true);
  expect(kinds()).toEqual(['owner', 'batch', 'batch', 'release']);
  expect(decodeBatch(spool.read('s/1/1', 1)!)).toMatchObject({ trial: 1n, sequence: 1n });
  expect(spool.read('s/1/1', 2)).toBeUndefined();
});

test('files change at a mebibyte, and one whose batches are all acked is removed', () => {
  const spool = open();
  for (let sequence = 1; sequence <= 400; sequence++) spool.append([batch(0, sequence, 500)]);
  const files = spoolFiles(directory);
  expect(files.length).toBeGreaterThan(2);
  expect(statSync(files[0]!).size).toBeGreaterThan(1024 * 1024);
  const lastOfFirst = readSpoolFile(files[0]!).records.length - 1;
  spool.ack('s/0/1', lastOfFirst - 1);
  expect(spoolFiles(directory)).toEqual(files);
  spool.ack('s/0/1', lastOfFirst);
  expect(spoolFiles(directory)).toEqual(files.slice(1));
  expect(decodeBatch(spool.read('s/0/1', lastOfFirst + 1)!)).toMatchObject({ sequence: BigInt(lastOfFirst + 1) });
  spool.ack('s/0/1', 400);
  spool.close();
  expect(existsSync(directory)).toBe(false);
});

test('an end is kept although all batches are acked, until it is settled', () => {
  const spool = open();
  spool.append([batch(0, 1), end(0)]);
  spool.ack('s/0/1', 1);
  spool.settle('s/0/1');
  expect(kinds().at(-1)).toBe('settled');
  spool.append([end(1)]);
  spool.ack('s/1/1', 99);
  spool.close();
  expect(readdirSync(directory)).toEqual(['0000000001.spool', 'closed']);
  expect(kinds()).toContain('release');
});

test('past its quota it asks for every second point, then for every fourth, and for all again once there is room', () => {
  const spool = open(100_000);
  const seen = new Set<number>();
  for (let sequence = 1; sequence <= 130; sequence++) {
    spool.append([batch(0, sequence, 100)]);
    seen.add(spool.keepEvery);
  }
  expect([...seen].slice(0, 4)).toEqual([1, 2, 4, 8]);
  spool.ack('s/0/1', 130);
  expect(spool.keepEvery).toBe(1);
});

test('where nothing can be written it says why, and goes on when it can', () => {
  const inTheWay = join(parent, 'home');
  writeFileSync(inTheWay, '');
  const spool = open();
  expect(spool.append([batch(0, 1)])).toBe(false);
  expect(spool.trouble).toMatch(/ENOTDIR|EEXIST/);
  rmSync(inTheWay);
  expect(spool.append([batch(0, 1)])).toBe(true);
  expect(spool.trouble).toBeUndefined();
});

test('the files are for the user alone', () => {
  const spool = open();
  spool.append([batch(0, 1)]);
  expect(statSync(directory).mode & 0o077).toBe(0);
  expect(statSync(spoolFiles(directory)[0]!).mode & 0o077).toBe(0);
});
