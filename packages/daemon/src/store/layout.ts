import type { StudyRecord, TrialId, TrialRecord } from '@paramo/core';
import { encodeKey, orderedFloat } from './key.js';
import type { KeyPart } from './key.js';

/**
 * The on-disk layout: one ordered map. A key is a tuple (`encodeKey`) that starts with the letter of its table; a value
 * is a protobuf message of proto/paramo/v1 or, for the small internal records, JSON, and has a CRC-32 of 4 bytes, little-endian,
 * in front that covers key and value (`sealed-store.ts`); that of table `f` has none. Tables:
 *
 * | letter | key after the letter                              | value                                             |
 * |--------|---------------------------------------------------|---------------------------------------------------|
 * | f      |                                                   | JSON { magic, format }: what this file is         |
 * | s      | study                                             | Study: the study as it stands                     |
 * | n      | name                                              | the study's id as UTF-8                           |
 * | l      | study, position                                   | LogEvent: the truth; goes only with its study     |
 * | t      | study, number                                     | Trial: the trial as it stands                     |
 * | w      | study, number                                     | nothing: the trial is not over (waits, runs, …)   |
 * | r      | study, phase, data share, ordered value, number   | nothing: rank of a completed trial, best first    |
 * | q      | study, request id                                 | JSON RequestRecord: what the request was answered |
 * | a      | study, trial, attempt                             | JSON AttemptRecord: where it started, if it is late |
 * | m      | position                                          | metric record: the batches of one commit          |
 * | u      | study, trial, attempt, writer                     | JSON number: highest sequence that is in chunks   |
 * | v      | study, trial, metric, attempt, index              | chunk of points; the last one is filled up        |
 * | x      | study, trial, metric, attempt, index              | the same, written after the attempt was fenced    |
 * | o      | study, origin id                                  | JSON number: the trial imported from there        |
 * | b      | study, trial, index                               | ArtifactHeader: an artifact; its chunks are files |
 * | h      | sha256, study, trial, index                       | nothing: a chunk of that artifact is this blob    |
 * | c      | study, trial, done, checkpoint                    | CheckpointListing: a checkpoint that is kept      |
 * | k      | sha256, study, trial, done, checkpoint            | nothing: a chunk of that checkpoint is this blob  |
 * | g      | sha256                                            | nothing: a blob that may be nobody's, to be looked at |
 * | e      | study, trial, attempt, offset                     | OutputRecord: what its program wrote from there on |
 * | d      | study, 0 or trial + 1                             | nothing: data being deleted, to be gone on with   |
 *
 * A point is stored twice in its life. It comes to disk, and is acked, in a record of the metric log `m`; the points of the
 * log are in memory as well (`metric-log.ts`). When the log is large (16 MiB), a minute old or being closed, they are drained: put at
 * the end of their series in `v` or `x`, in one transaction with the sequences in `u` up to which a writer's batches are
 * there, at most 500 series at once. Then the records go, the oldest first. At a start the log is read again; what is
 * at or below its sequence in `u` is in chunks already. Formats, numbers little-endian:
 *
 * - metric record: 4 bytes length of its head; the head, JSON `{ batches: [{ studyId, trial, attempt, writer, sequence, late,
 *   series: [[metric, bytes], …] }] }` or `{ deleted: { studyId, trial? } }`; then of each series in turn its packed points.
 * - chunk: packed points (`series-chunk.ts`, `whole-column.ts`), with the checksum at most 4080 bytes: a page of the database.
 *
 * All tables but `m`, `u`, `v`, `x`, `b`, `h`, `c`, `k`, `g` and `e` could be built again from `l`; they change in the same transaction as the log.
 * Nothing in here depends on the order of two tables. A change of this table's meaning raises `storeFormat`. Format 1 had points
 * in the tables `p` and `y`, a value a batch; format 2 had checksums in `m`, `v` and `x` alone.
 */
export const tables = {
  format: 'f',
  study: 's',
  name: 'n',
  log: 'l',
  trial: 't',
  live: 'w',
  rank: 'r',
  request: 'q',
  attempt: 'a',
  metricLog: 'm',
  sequence: 'u',
  chunk: 'v',
  lateChunk: 'x',
  imported: 'o',
  artifact: 'b',
  blobUse: 'h',
  checkpoint: 'c',
  chunkUse: 'k',
  blobCheck: 'g',
  output: 'e',
  deletion: 'd',
} as const;

/** The version of the layout above. */
export const storeFormat = 3;

/** Names an attempt. */
export interface AttemptKey {
  readonly studyId: string;
  readonly trial: TrialId;
  /** From 1. */
  readonly attempt: number;
}

/** Names the batches of one writer (a process) in one attempt. */
export interface WriterKey extends AttemptKey {
  readonly writer: string;
}

/** Names one batch: `sequence` counts 1, 2, 3, … of its writer in its attempt. */
export interface BatchKey extends WriterKey {
  readonly sequence: number;
}

/** Names an artifact: `index` counts a trial's artifacts 0, 1, 2, … in order of arrival. */
export interface ArtifactKey {
  readonly studyId: string;
  readonly trial: TrialId;
  readonly index: number;
}

/** Names a kept checkpoint. */
export interface CheckpointKey {
  readonly studyId: string;
  readonly trial: TrialId;
  /** Steps done when it was taken. */
  readonly done: number;
  /** The hash that names its content. */
  readonly checkpoint: string;
}

/** Names a place in what the program of an attempt wrote. */
export interface OutputKey extends AttemptKey {
  /** Bytes before it. */
  readonly offset: number;
}

/** What a request was answered, so that its repetition is answered the same. */
export interface RequestRecord {
  readonly trial: TrialId;
  readonly attempt: number;
}

/** An attempt as the store knows it. */
export interface AttemptRecord {
  readonly attempt: number;
  /** Steps behind it when it started: it hides earlier attempts' points at step indices from here on. */
  readonly done: number;
  /** Whether it was fenced: a later attempt owns the trial. */
  readonly late: boolean;
}

/** Where a trial's value is compared: within one phase and one share of the training data. */
export interface RankGroup {
  /** Empty: the study has no phases. */
  readonly phase: string;
  /** The share of the training data, 1 unless the trial's fidelity says otherwise. */
  readonly data: number;
}

/** The parts of the keys of one rank group, best first. */
export function rankPrefix(studyId: string, group: RankGroup): readonly KeyPart[] {
  return [tables.rank, studyId, group.phase, orderedFloat(group.data)];
}

/** The rank key of a trial, or undefined when it has none: only completed, not retracted, finite ones of a single objective do. */
export function rankKey(trial: TrialRecord, objectives: StudyRecord['spec']['objectives']): Uint8Array | undefined {
  const [objective] = objectives;
  if (objective === undefined || objectives.length > 1) return undefined;
  if (trial.state !== 'completed' || trial.retracted || trial.value === undefined || !Number.isFinite(trial.value)) return undefined;
  const ascending = objective.goal === 'min' ? trial.value : -trial.value;
  return encodeKey(...rankPrefix(trial.studyId, rankGroup(trial)), orderedFloat(ascending), trial.number);
}

/** The group a trial's value is compared in. */
function rankGroup(trial: TrialRecord): RankGroup {
  return { phase: trial.phase ?? '', data: trial.fidelity?.data ?? 1 };
}
