import { existsSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connect, deliverLeftovers } from '@paramo/client';
import type { Leftovers } from '@paramo/client';
import type { Random } from '@paramo/core';
import type { HistoryEntry, Recorder } from './history.js';

/**
 * What a process that was killed had logged so long before must be on disk: a flush is made every 100 ms, by a thread that a busy
 * machine wakes late.
 */
const flushedMs = 800;

/** The spools of a home that hold something. */
export function filledSpools(home: string): ReadonlySet<string> {
  const path = join(home, 'spool');
  const files = existsSync(path) ? (readdirSync(path, { recursive: true }) as string[]).filter((name) => name.endsWith('.spool') && sizeOf(join(path, name)) > ownerBytes) : [];
  return new Set(files.map((name) => dirname(name)));
}

/** Puts down as acked what the workers of a process that was killed had in its spool: it must come to the daemon in the end. */
export function recordSpooled(history: readonly HistoryEntry[], name: string, killedMs: number, record: Recorder): number {
  const last = new Map<string, Extract<HistoryEntry, { readonly kind: 'sent' }>>();
  const own = new Set(history.flatMap((entry) => (entry.kind === 'taken' && entry.worker.startsWith(name) ? [`${entry.trial}/${entry.attempt}`] : [])));
  for (const entry of history) {
    if (entry.kind === 'sent' && own.has(`${entry.trial}/${entry.attempt}`) && entry.atMs < killedMs - flushedMs) last.set(`${entry.trial}/${entry.attempt}`, entry);
  }
  for (const { studyId, trial, attempt, sequence } of last.values()) record({ kind: 'acked', studyId, trial, attempt, sequence });
  return last.size;
}

/** Delivers what dead processes have left in the home, as `paramo sync` does. */
export async function syncSpools(home: string): Promise<Leftovers> {
  const connection = await connect({ home, start: false });
  try {
    const { link, clock, writerId } = connection;
    return await deliverLeftovers({ spoolPath: join(home, 'spool'), link, clock, writerId, signal: new AbortController().signal });
  } finally {
    await connection.close();
  }
}

/** What was done to a spool. */
export interface SpoolDamage {
  readonly directory: string;
  readonly what: string;
  /** False for a file that was cut: that may be where a record ends. */
  readonly isDetectable: boolean;
}

/** Turns a bit of one of the spools' files, or cuts it; answers what was done and to which spool. */
export function damageSpool(home: string, random: Random): SpoolDamage | undefined {
  const path = join(home, 'spool');
  const files = (readdirSync(path, { recursive: true }) as string[]).filter((name) => name.endsWith('.spool') && readFileSync(join(path, name)).length > 0).sort();
  if (files.length === 0) return undefined;
  const file = random.pick(files);
  const directory = join(path, file, '..');
  const content = readFileSync(join(path, file));
  const at = random.int(content.length);
  if (random.next() < 0.3) {
    truncateSync(join(path, file), at);
    return { directory, what: `${file} cut to ${at} of ${content.length} bytes`, isDetectable: false };
  }
  content[at]! ^= 1 << random.int(8);
  writeFileSync(join(path, file), content);
  return { directory, what: `a bit of byte ${at} of ${content.length} of ${file} turned`, isDetectable: true };
}

/** More than the record with which a spool begins. */
const ownerBytes = 250;

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
