import { isTerminal } from '@paramo/core';
import type { LogEvent, Objective, StudyRecord, TrialId, TrialRecord } from '@paramo/core';
import { ArtifactHeader, CheckpointListing, chunksOf, encodeLogEvent, OutputRecord, Study, studyRecordToMessage, Trial, trialRecordToMessage } from '@paramo/protocol';
import { encodeKey } from './key.js';
import { rankKey, tables } from './layout.js';
import type { ArtifactKey, AttemptRecord, CheckpointKey, OutputKey, RequestRecord } from './layout.js';
import type { MetricBatch } from './metric-batch.js';
import type { MetricRecord } from './metric-record.js';
import type { Write } from './store.js';

/** Collects the changes of one transaction, for one `studies.commit(writes)`. */
export interface StudyWrites {
  /** Appends to the study's log, at the event's position. */
  event(studyId: string, event: LogEvent): void;
  /** Puts the study's record. */
  study(record: StudyRecord): void;
  /** Gives a name to a study, or with undefined frees it. */
  name(name: string, studyId: string | undefined): void;
  /** Puts the trial's record, and keeps the live and rank indexes in step. `before`: the record this one replaces, as last put. */
  trial(record: TrialRecord, before: TrialRecord | undefined, objectives: readonly Objective[]): void;
  /** Remembers what a request was answered. */
  request(studyId: string, requestId: string, answer: RequestRecord): void;
  /** Puts what is known of an attempt. */
  attempt(trial: { readonly studyId: string; readonly trial: TrialId }, record: AttemptRecord): void;
  /**
   * Stores the points of one batch, and that its sequence is on disk; it must be above those before it. Within an attempt
   * the last written point of a step wins.
   */
  points(batch: MetricBatch): void;
  /** Remembers the trial that was imported from an origin. */
  imported(studyId: string, originId: string, trial: TrialId): void;
  /** Puts an artifact, and notes that its chunks are in use; they must be on disk. */
  artifact(key: ArtifactKey, header: ArtifactHeader): void;
  /** Puts a checkpoint, and notes that its chunks are in use; they must be on disk. */
  checkpoint(key: CheckpointKey, listing: CheckpointListing): void;
  /** Removes a checkpoint that is not kept any more, and has its chunks looked at. */
  dropCheckpoint(key: CheckpointKey, listing: CheckpointListing): void;
  /** Puts a chunk of the output of an attempt; with undefined removes it. */
  output(key: OutputKey, record: OutputRecord | undefined): void;
  /** Notes that the data of a trial is being deleted: from then on none of it is shown or added. */
  trialDeletion(studyId: string, trial: TrialId): void;
  /** Removes a study's record, and notes that its data is being deleted. */
  studyDeletion(studyId: string): void;
  /** Notes that a blob may be nobody's and is to be looked at; or, with false, that it was. */
  blobCheck(sha256: string, wanted: boolean): void;
  /** What was collected so far, in order. */
  readonly writes: readonly Write[];
  /** What of it goes to the metric log. */
  readonly records: readonly MetricRecord[];
}

const nothing = new Uint8Array(0);

/** An empty collection of changes. */
export function createWrites(): StudyWrites {
  const writes: Write[] = [];
  const records: MetricRecord[] = [];
  const put = (key: Uint8Array, value: Uint8Array): void => void writes.push({ key, value });
  const remove = (key: Uint8Array): void => void writes.push({ key, value: undefined });
  const putJson = (key: Uint8Array, value: number | RequestRecord | AttemptRecord): void => put(key, Buffer.from(JSON.stringify(value)));
  return {
    writes,
    records,
    event: (studyId, event) => put(encodeKey(tables.log, studyId, event.position), encodeLogEvent(event)),
    study: (record) => put(encodeKey(tables.study, record.studyId), Study.encode(studyRecordToMessage(record)).finish()),
    name(name, studyId) {
      const key = encodeKey(tables.name, name);
      if (studyId === undefined) remove(key);
      else put(key, Buffer.from(studyId));
    },
    trial(record, before, objectives) {
      const { studyId, number } = record;
      put(encodeKey(tables.trial, studyId, number), Trial.encode(trialRecordToMessage(record)).finish());
      const live = !isTerminal(record.state);
      if (live !== (before !== undefined && !isTerminal(before.state))) {
        const key = encodeKey(tables.live, studyId, number);
        if (live) put(key, nothing);
        else remove(key);
      }
      const old = before && rankKey(before, objectives);
      const rank = rankKey(record, objectives);
      if (old && !(rank && Buffer.compare(old, rank) === 0)) remove(old);
      if (rank) put(rank, nothing);
    },
    request: (studyId, requestId, { trial, attempt }) => putJson(encodeKey(tables.request, studyId, requestId), { trial, attempt }),
    attempt: ({ studyId, trial }, { attempt, done, late }) => putJson(encodeKey(tables.attempt, studyId, trial, attempt), { attempt, done, late }),
    points: (batch) => void records.push({ batches: [batch] }),
    imported: (studyId, originId, trial) => putJson(encodeKey(tables.imported, studyId, originId), trial),
    artifact({ studyId, trial, index }, header) {
      put(encodeKey(tables.artifact, studyId, trial, index), ArtifactHeader.encode(header).finish());
      for (const sha256 of new Set(header.chunks.map((hash) => Buffer.from(hash).toString('hex')))) put(encodeKey(tables.blobUse, sha256, studyId, trial, index), nothing);
    },
    checkpoint(key, listing) {
      put(checkpointKey(key), CheckpointListing.encode(listing).finish());
      for (const use of chunkUses(key, listing)) put(use.key, nothing);
    },
    dropCheckpoint(key, listing) {
      remove(checkpointKey(key));
      for (const use of chunkUses(key, listing)) {
        remove(use.key);
        put(encodeKey(tables.blobCheck, use.sha256), nothing);
      }
    },
    output({ studyId, trial, attempt, offset }, record) {
      const key = encodeKey(tables.output, studyId, trial, attempt, offset);
      if (record) put(key, OutputRecord.encode(record).finish());
      else remove(key);
    },
    trialDeletion(studyId, trial) {
      put(encodeKey(tables.deletion, studyId, trial + 1), nothing);
      records.push({ deleted: { studyId, trial } });
    },
    studyDeletion(studyId) {
      put(encodeKey(tables.deletion, studyId, 0), nothing);
      remove(encodeKey(tables.study, studyId));
      records.push({ deleted: { studyId } });
    },
    blobCheck(sha256, wanted) {
      const key = encodeKey(tables.blobCheck, sha256);
      if (wanted) put(key, nothing);
      else remove(key);
    },
  };
}

/** The key of a kept checkpoint. */
export function checkpointKey({ studyId, trial, done, checkpoint }: CheckpointKey): Uint8Array {
  return encodeKey(tables.checkpoint, studyId, trial, done, checkpoint);
}

/** Each chunk of a checkpoint once, with the key that notes its use. */
function chunkUses({ studyId, trial, done, checkpoint }: CheckpointKey, { manifest }: CheckpointListing): { readonly sha256: string; readonly key: Uint8Array }[] {
  const hashes = new Set(chunksOf(manifest!).map(({ sha256 }) => sha256));
  return [...hashes].map((sha256) => ({ sha256, key: encodeKey(tables.chunkUse, sha256, studyId, trial, done, checkpoint) }));
}
