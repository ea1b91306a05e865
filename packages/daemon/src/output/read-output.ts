import type { TrialId } from '@paramo/core';
import { OutputStream } from '@paramo/protocol';
import type { AttemptKey } from '../store/layout.js';
import type { StudyStore } from '../store/study-store.js';

/** A run of bytes that a program wrote. */
export interface OutputPart {
  readonly stream: OutputStream;
  /** Bytes of the output before it, of both streams, with those that are left out. */
  readonly offset: number;
  /** How many bytes right before it are left out. */
  readonly leftOut: number;
  readonly timeMs: number;
  readonly content: Uint8Array;
}

/** What is asked of an output. */
export interface OutputQuery {
  readonly studyId: string;
  readonly trial: TrialId;
  /** 0: the newest. */
  readonly attempt: number;
  readonly fromOffset: number;
  /** Unspecified: both. */
  readonly stream: OutputStream;
  readonly follow: boolean;
}

/** What a reader of an output needs. */
export interface OutputReading {
  readonly studies: StudyStore;
  readonly attempt: AttemptKey;
  readonly query: Pick<OutputQuery, 'fromOffset' | 'stream' | 'follow'>;
  readonly signal: AbortSignal;
  /** Calls `wake` whenever something was appended; returns how to end that. */
  onAppend(wake: () => void): () => void;
  /** As in `AttemptWatch`. */
  onOver(listener: () => void): (() => void) | undefined;
}

/** Chunks read from the store at once: no read is left open while the reader is slow. */
const readAtOnce = 16;

/** The parts of an output from an offset on; when it is followed, all that come until the attempt is over. */
export async function* readOutput({ studies, attempt, query: { fromOffset, stream, follow }, signal, onAppend, onOver }: OutputReading): AsyncGenerator<OutputPart, void, undefined> {
  let news = 0;
  let wake = (): void => undefined;
  const note = (): void => {
    news++;
    wake();
  };
  const undo = [onAppend(note)];
  signal.addEventListener('abort', note);
  let isOver = !follow;
  if (follow) {
    const forget = onOver(() => {
      isOver = true;
      note();
    });
    if (forget) undo.push(forget);
    else isOver = true;
  }
  /** Where what was read ends, and what is left out since the last part that was answered. */
  let position = fromOffset;
  let leftOut = 0;
  try {
    while (!signal.aborted) {
      // Taken down before the store is read: what comes meanwhile is looked for again.
      const seen = news;
      const last = isOver;
      const parts = partsFrom(studies, attempt, position);
      for (const part of parts) {
        leftOut += part.offset - position;
        position = part.offset + part.content.length;
        if (stream !== OutputStream.OUTPUT_STREAM_UNSPECIFIED && part.stream !== stream) continue;
        yield { ...part, leftOut };
        leftOut = 0;
      }
      if (parts.length > 0) continue;
      if (last) return;
      if (seen === news) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', note);
    for (const forget of undo) forget();
  }
}

/** The next parts that reach beyond `position`, the first one cut to begin there. */
function partsFrom(studies: StudyStore, attempt: AttemptKey, position: number): OutputPart[] {
  // Only the chunk before it may reach beyond.
  const [before] = studies.output(attempt, { to: position, reverse: true, limit: 1 });
  return [...(before ? [before] : []), ...studies.output(attempt, { from: position, limit: readAtOnce })].flatMap(({ chunk }) => {
    const { stream, timeMs, content } = chunk!;
    const begin = Number(chunk!.offset);
    const offset = Math.max(begin, position);
    if (offset >= begin + content.length) return [];
    return [{ stream, offset, leftOut: 0, timeMs: Number(timeMs), content: content.subarray(offset - begin) }];
  });
}
