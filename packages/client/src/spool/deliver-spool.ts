import { unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { isParamoError, ParamoError } from '@paramo/core';
import type { AttemptKey, Batch, SpoolRecord } from '@paramo/protocol';
import { callEnd } from '../carrier/call-end.js';
import type { Link } from '../link.js';
import type { AttemptEnd } from './attempt-end.js';
import type { Claim } from './claim.js';
import type { Delivery } from './delivery.js';
import { createBatchSender } from './send-batches.js';
import { attemptName, readSpoolFile, spoolFiles } from './spool-files.js';

/** A file of which not all could be read. */
export interface DamagedFile {
  readonly path: string;
  /** So much at its end. */
  readonly bytes: number;
  /** It is the last one, which ends where its process was cut off. */
  readonly isTail: boolean;
}

/** What a delivery works on. */
export interface SpoolDelivery {
  readonly claim: Claim;
  readonly link: Link;
  readonly delivery: Delivery;
  readonly signal: AbortSignal;
  readonly onDamage: (file: DamagedFile) => void;
  /** Told when one of so many files is delivered. */
  readonly onFile?: (done: number, of: number) => void;
}

/** The daemon will not take this end, now or later. */
const refused = ['FENCED', 'TRIAL_ENDED', 'TRIAL_NOT_FOUND', 'STUDY_NOT_FOUND', 'OBJECTIVE_MISSING', 'INVALID_METRIC', 'INVALID_ARGUMENT', 'LIMIT_EXCEEDED'] as const;

/**
 * Delivers a claimed spool, file by file, and removes what is delivered. However often it is cut short and begun again, the
 * daemon stores each point once.
 * @throws ParamoError what the link throws when the daemon stays away; the claim is to be released then.
 */
export async function deliverSpool({ claim, link, delivery, signal, onDamage, onFile }: SpoolDelivery): Promise<void> {
  const { writerId } = claim;
  const sender = createBatchSender({ link, writerId, delivery, signal });
  const paths = spoolFiles(claim.directory);
  const settled = settledAt(paths);
  const open = new Map<string, AttemptKey>();
  let position = 0;

  const isSettled = (attempt: AttemptKey): boolean => position < (settled.get(attemptName(attempt)) ?? 0);
  const tellEnd = async (end: AttemptEnd): Promise<void> => {
    const attempt = end.value.attempt!;
    open.delete(attemptName(attempt));
    const unknown = sender.refusal(attempt);
    if (unknown) return delivery.refused(attempt, 'end', unknown);
    try {
      await callEnd(link, end, { batches: [], askNext: undefined }, { signal });
      delivery.ended(attempt);
    } catch (error) {
      if (!refused.some((code) => isParamoError(error, code))) throw error;
      if (isParamoError(error, 'OBJECTIVE_MISSING')) open.set(attemptName(attempt), attempt);
      delivery.refused(attempt, 'end', ParamoError.from(error));
    }
  };

  try {
    for (const [i, path] of paths.entries()) {
      const { records, unreadBytes } = readSpoolFile(path);
      if (unreadBytes > 0) onDamage({ path: basename(path), bytes: unreadBytes, isTail: i === paths.length - 1 });
      let batches: Batch[] = [];
      for (const { kind, dropped } of records) {
        position++;
        const attempt = attemptOf(kind);
        if (!attempt || isSettled(attempt)) continue;
        delivery.dropped(attempt, Number(dropped));
        if (kind?.$case === 'batch') {
          batches.push(kind.value);
          open.set(attemptName(attempt), attempt);
        } else if (kind?.$case === 'complete' || kind?.$case === 'fail' || kind?.$case === 'release') {
          await sender.send(batches);
          batches = [];
          await tellEnd(kind);
        }
      }
      await sender.send(batches);
      unlinkSync(path);
      onFile?.(i + 1, paths.length);
    }
    // What it still held is nobody's now: waiting for its lease would only take longer.
    await sender.close([...open.values()].some((attempt) => !sender.refusal(attempt)));
  } catch (error) {
    await sender.close(false).catch(() => undefined);
    throw error;
  }
}

/** Of each attempt, the position behind which its records are not settled. */
function settledAt(paths: readonly string[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  let position = 0;
  for (const path of paths) {
    for (const { kind } of readSpoolFile(path).records) {
      position++;
      if (kind?.$case === 'settled') positions.set(attemptName(kind.value), position);
    }
  }
  return positions;
}

function attemptOf(kind: SpoolRecord['kind']): AttemptKey | undefined {
  switch (kind?.$case) {
    case 'batch':
      return { studyId: kind.value.studyId, trial: kind.value.trial, attempt: kind.value.attempt };
    case 'complete':
    case 'fail':
    case 'release':
      return kind.value.attempt;
    default:
      return undefined;
  }
}
