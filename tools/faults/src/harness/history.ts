import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Names an attempt. */
export interface AttemptId {
  readonly studyId: string;
  readonly trial: number;
  readonly attempt: number;
}

/** A step and its value. */
export type Point = readonly [step: number, value: number];

/** What a client did or heard, in words the checker understands. */
export type Happening =
  /** An Ask was answered with this attempt. */
  | (AttemptId & { readonly kind: 'given'; readonly requestId: string })
  /** A worker of the SDK has been given this attempt. */
  | (AttemptId & { readonly kind: 'taken'; readonly worker: string })
  /** Points are about to be sent for the first time; sequences count 1, 2, 3, … in an attempt. */
  | (AttemptId & { readonly kind: 'sent'; readonly sequence: number; readonly points: readonly Point[] })
  /** The same for consecutive steps whose values are those of `bulkValue`. */
  | (AttemptId & { readonly kind: 'sent in bulk'; readonly sequence: number; readonly from: number; readonly count: number })
  /** Everything sent through this sequence was acked. */
  | (AttemptId & { readonly kind: 'acked'; readonly sequence: number })
  /** The end of a trial was acked, in this state. */
  | (AttemptId & { readonly kind: 'ended'; readonly state: string })
  /** A checkpoint was acked. */
  | (AttemptId & { readonly kind: 'checkpointed'; readonly done: number; readonly checkpoint: string })
  /** An artifact was acked. */
  | (AttemptId & { readonly kind: 'kept'; readonly sha256: string; readonly size: number })
  /** A call was refused with a code, or its connection was lost: whether it took effect is unknown. */
  | { readonly kind: 'refused' | 'lost'; readonly call: string; readonly code: string }
  /** Something a client must never see. */
  | { readonly kind: 'wrong'; readonly what: string };

/** The value of a step that is sent in bulk. */
export function bulkValue({ trial, attempt }: Pick<AttemptId, 'trial' | 'attempt'>, step: number): number {
  return (trial * 16 + attempt) / 1024 + Math.sqrt(step);
}

/** A happening and when it was heard, in whole milliseconds since 1970, never before it was. */
export type HistoryEntry = Happening & { readonly atMs: number };

/** Takes down what happens. */
export type Recorder = (happening: Happening) => void;

/** A history in this process. */
export interface History {
  readonly entries: HistoryEntry[];
  readonly record: Recorder;
}

/** An empty history. */
export function createHistory(): History {
  const entries: HistoryEntry[] = [];
  return { entries, record: (happening) => void entries.push({ ...happening, atMs: nowMs() }) };
}

/** A history in a file: what was recorded is there even when the recording process is killed the next moment. */
export function recordInto(path: string): Recorder {
  return (happening) => appendFileSync(path, `${JSON.stringify({ ...happening, atMs: nowMs() })}\n`);
}

/** The history in a file; a last line that was cut off is left out. */
export function readHistory(path: string): HistoryEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as HistoryEntry);
}

/** What had been heard by a moment, and all that was ever sent: that may have arrived before its sender knew. */
export function historyUntil(history: readonly HistoryEntry[], ms: number): HistoryEntry[] {
  return history.filter(({ kind, atMs }) => kind === 'sent' || kind === 'sent in bulk' || atMs < ms);
}

function nowMs(): number {
  return Date.now() + 1;
}
