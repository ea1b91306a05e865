import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TrialRecord } from '@paramo/core';
import { toJson } from '../output.js';

/** Trials kept in a temporary file until all of them are known. */
export interface TrialSpool {
  add(trial: TrialRecord): Promise<void>;
  /** The trials in the order they were added. Numbers that are not finite come back as text. */
  read(): AsyncGenerator<TrialRecord, void, undefined>;
  /** Removes the file. */
  close(): Promise<void>;
}

/** Opens an empty spool. */
export async function openTrialSpool(): Promise<TrialSpool> {
  const directory = await mkdtemp(join(tmpdir(), 'paramo-export-'));
  const path = join(directory, 'trials.jsonl');
  const file = await open(path, 'wx', 0o600);
  return {
    async add(trial) {
      await file.appendFile(`${toJson(trial)}\n`);
    },
    async *read() {
      for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) yield JSON.parse(line) as TrialRecord;
    },
    async close() {
      await file.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
