import { ParamoError } from '@paramo/core';
import type { TrialId } from '@paramo/core';
import { createTurns } from '../blobs/turns.js';
import { defaultOutputLimits } from '../limits.js';
import type { OutputLimits } from '../limits.js';
import type { AttemptKey } from '../store/layout.js';
import type { StudyStore } from '../store/study-store.js';
import { createWrites } from '../store/study-writes.js';
import { readOutput } from './read-output.js';
import type { OutputPart, OutputQuery } from './read-output.js';

/** Tells whether an attempt is at work. */
export interface AttemptWatch {
  /** Calls `listener` once it is over; undefined: it is over already. The returned function ends that. */
  onOver(attempt: AttemptKey, listener: () => void): (() => void) | undefined;
}

/** What the programs of trials wrote to stdout and stderr. */
export interface Outputs {
  /**
   * Adds to the output of an attempt; durable when it resolves, with the offset at which it ends. What is there already changes nothing.
   * @throws ParamoError STUDY_NOT_FOUND, TRIAL_NOT_FOUND, INVALID_ARGUMENT, STORE_FULL; ABORTED when something before it is missing.
   */
  append(attempt: AttemptKey, parts: readonly OutputPart[]): Promise<number>;
  /** The output of an attempt; with `follow`, as it comes, until the attempt is over. @throws ParamoError STUDY_NOT_FOUND, TRIAL_NOT_FOUND. */
  read(query: OutputQuery, signal: AbortSignal): AsyncIterable<OutputPart>;
}

/** How far an output goes, and what it takes, as its quota counts. */
interface Extent {
  readonly end: number;
  readonly kept: number;
}

/** Extents in memory; others are read again from the last chunk. */
const mostKnown = 1000;

/** Outputs over a store. */
export function openOutputs(studies: StudyStore, attempts: AttemptWatch, limits: OutputLimits = defaultOutputLimits): Outputs {
  const turns = createTurns();
  const extents = new Map<string, Extent>();
  const readers = new Map<string, Set<() => void>>();

  function checkTrial(studyId: string, trial: TrialId): { readonly attempt: number } {
    if (!studies.study(studyId)) throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no study with the id "${studyId}"`, hint: 'List the studies with `paramo studies`.' });
    const record = studies.trial(studyId, trial);
    if (!record || studies.isDeleting(studyId, trial)) throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `the study has no trial ${trial}`, hint: 'List its trials first.' });
    return record;
  }

  function checkAttempt({ studyId, trial, attempt }: AttemptKey): void {
    const { attempt: last } = checkTrial(studyId, trial);
    if (attempt < 1 || attempt > last) throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `trial ${trial} has no attempt ${attempt}`, hint: last === 0 ? 'It was not started yet.' : `It has 1 to ${last}.` });
  }

  function extentOf(attempt: AttemptKey): Extent {
    for (const { chunk, kept } of studies.output(attempt, { reverse: true, limit: 1 })) return { end: Number(chunk!.offset) + chunk!.content.length, kept: Number(kept) };
    return { end: 0, kept: 0 };
  }

  async function append(attempt: AttemptKey, parts: readonly OutputPart[]): Promise<number> {
    checkAttempt(attempt);
    const shortage = studies.store.shortage();
    if (shortage) throw shortage;
    const key = nameOf(attempt);
    let { end, kept } = extents.get(key) ?? extentOf(attempt);
    const added: OutputPart[] = [];
    for (const part of parts) {
      if (part.offset - part.leftOut > end) {
        throw new ParamoError({
          code: 'ABORTED', message: `output of trial ${attempt.trial} at offset ${part.offset} came before what lies at ${end}`,
          hint: 'Send it in order, again from the first byte that was not answered; say in left_out what was given up.',
        });
      }
      const content = part.content.subarray(Math.max(0, end - part.offset));
      if (content.length === 0) continue;
      const offset = part.offset + part.content.length - content.length;
      end = offset + content.length;
      kept += content.length + limits.chunkCost;
      added.push({ ...part, offset, content });
    }
    if (added.length === 0) return end;
    const writes = createWrites();
    for (const { chunk } of studies.output(attempt, { from: limits.headBytes })) {
      if (kept <= limits.attemptBytes) break;
      kept -= chunk!.content.length + limits.chunkCost;
      writes.output({ ...attempt, offset: Number(chunk!.offset) }, undefined);
    }
    for (const { stream, offset, timeMs, content } of added) {
      writes.output({ ...attempt, offset }, { chunk: { stream, offset: BigInt(offset), leftOut: 0n, timeMs: BigInt(timeMs), content: Buffer.from(content) }, kept: BigInt(kept) });
    }
    await studies.store.commit(writes.writes);
    extents.delete(key);
    extents.set(key, { end, kept });
    const [oldest] = extents.keys();
    if (extents.size > mostKnown) extents.delete(oldest!);
    for (const wake of [...(readers.get(key) ?? [])]) wake();
    return end;
  }

  /** Calls `wake` whenever something was appended. */
  function onAppend(attempt: AttemptKey, wake: () => void): () => void {
    const key = nameOf(attempt);
    const mine = readers.get(key) ?? new Set();
    readers.set(key, mine.add(wake));
    return () => {
      mine.delete(wake);
      if (mine.size === 0 && readers.get(key) === mine) readers.delete(key);
    };
  }

  return {
    append: (attempt, parts) => turns.take(nameOf(attempt), () => append(attempt, parts)),
    async *read(query, signal) {
      const { studyId, trial } = query;
      const { attempt: last } = checkTrial(studyId, trial);
      const attempt = { studyId, trial, attempt: query.attempt === 0 ? last : query.attempt };
      if (query.attempt > 0) checkAttempt(attempt);
      yield* readOutput({ studies, attempt, query, signal, onAppend: (wake) => onAppend(attempt, wake), onOver: (listener) => attempts.onOver(attempt, listener) });
    },
  };
}

function nameOf({ studyId, trial, attempt }: AttemptKey): string {
  return `${studyId}/${trial}/${attempt}`;
}
