import { ParamoError } from '@paramo/core';
import type { Clock, LogEvent, StudyRecord, TrialId, TrialRecord } from '@paramo/core';
import { ArtifactHeader, CheckpointListing, decodeLogEvent, OutputRecord, Study, studyRecordFromMessage, Trial, trialRecordFromMessage } from '@paramo/protocol';
import { after as afterKey, decodeKey, encodeKey, orderedFloat, prefixRange } from './key.js';
import { rankPrefix, tables } from './layout.js';
import type { AttemptKey, AttemptRecord, CheckpointKey, RequestRecord, WriterKey } from './layout.js';
import type { MetricBatch } from './metric-batch.js';
import { openMetricLog } from './metric-log.js';
import { sealStore } from './sealed-store.js';
import type { AttemptTail } from './series-tails.js';
import type { Range, Store } from './store.js';
import { checkpointKey } from './study-writes.js';
import type { StudyWrites } from './study-writes.js';
import { systemClock } from '../system-clock.js';

/**
 * Reads what is durable, synchronously, and commits. What cannot be decoded is thrown as STORE_CORRUPT, with what it is. Records are
 * fresh copies; reads with no await between them agree.
 */
export interface StudyStore {
  /** The study of this id. */
  study(studyId: string): StudyRecord | undefined;
  /** The id of the study that has this name. */
  studyIdByName(name: string): string | undefined;
  /** Studies, newest first. `after`: the id of the last one already seen. Those that cannot be decoded are left out. */
  studies(page?: { readonly limit?: number; readonly after?: string }): StudyRecord[];
  /** The name that leads to a study. */
  nameOf(studyId: string): string | undefined;
  /** The ids of all studies, newest first, of those that cannot be decoded too. */
  studyIds(after?: string): Iterable<string>;
  /** One trial. */
  trial(studyId: string, number: TrialId): TrialRecord | undefined;
  /** Trials by number, from `from` on, or down from it when reversed. */
  trials(studyId: string, scan?: TrialScan): Iterable<TrialRecord>;
  /** Trials that are not over, by number. */
  liveTrials(studyId: string): TrialRecord[];
  /** Events of the log after a position, at most `limit`. */
  log(studyId: string, after: number, limit: number): LogEvent[];
  /** Completed trials with a finite value of a phase (empty: none) and data share, best first; none when the study has several objectives. */
  ranked(studyId: string, phase: string, limit: number, data?: number): TrialRecord[];
  /** What a request was answered. */
  request(studyId: string, requestId: string): RequestRecord | undefined;
  /** The highest sequence on disk; 0: none. */
  sequence(writer: WriterKey): number;
  /** A trial's attempts, first to last. */
  attempts(studyId: string, trial: TrialId): AttemptRecord[];
  /** The trial imported from an origin. */
  imported(studyId: string, originId: string): TrialId | undefined;
  /** A trial's artifacts in order of arrival. */
  artifacts(studyId: string, trial: TrialId): ArtifactHeader[];
  /** Those of them with this content. */
  artifactsOf(studyId: string, trial: TrialId, sha256: string): ArtifactHeader[];
  /** The index of a trial's next artifact: how many it has. */
  nextArtifact(studyId: string, trial: TrialId): number;
  /** A checkpoint that is kept. */
  checkpoint(key: CheckpointKey): CheckpointListing | undefined;
  /** A trial's kept checkpoints, by steps done; `after`: the last one already seen. */
  checkpoints(studyId: string, trial: TrialId, after?: { readonly done: number; readonly checkpoint: string }): Iterable<CheckpointListing>;
  /** The kept checkpoints of a trial, or of all trials of a study, without reading what they consist of. */
  checkpointKeys(studyId: string, ...trial: readonly TrialId[]): Iterable<CheckpointKey>;
  /** The chunks of an attempt's output that begin at `from` or later, but before `to`; at most `limit`, the last ones first when reversed. */
  output(attempt: AttemptKey, scan?: { readonly from?: number; readonly to?: number; readonly reverse?: boolean; readonly limit?: number }): Iterable<OutputRecord>;
  /** Whether any artifact or checkpoint of any trial has this content. */
  isBlobUsed(sha256: string): boolean;
  /** Blobs that may be nobody's. */
  blobsToCheck(): Iterable<string>;
  /** Whether a trial's data is being deleted. */
  isDeleting(studyId: string, trial: TrialId): boolean;
  /** The points of a trial that may not be in chunks yet, in the order they were written. */
  tails(studyId: string, trial: TrialId): AttemptTail[];
  /** Makes the collected changes in one transaction, after all that was asked for before, and resolves once it is durable. */
  commit(writes: StudyWrites): Promise<void>;
  /** Stores a batch of points that may wait up to 5 ms for others to share its transaction. Resolves once it is durable. */
  gather(batch: MetricBatch): Promise<void>;
  /** Moves all points into chunks. It happens by itself; whoever copies or checks the store may want it sooner. */
  drain(): Promise<void>;
  /** Waits for what is under way and drains the metric log; the store below stays open. */
  close(): Promise<void>;
  /** The store below, its values without their checksums. What is committed there itself may overtake gathered points. */
  readonly store: Store;
}

/** Which trials a scan goes over. */
export interface TrialScan {
  /** First number; absent: the lowest, or the highest when reversed. */
  readonly from?: TrialId;
  readonly reverse?: boolean;
}

/** The study store over a store of bytes, each with its checksum. Reads the metric log that the last one left; there must be one at a time, but for those that only look. */
export function createStudyStore(below: Store, clock: Clock = systemClock, options: { readonly looks?: boolean } = {}): StudyStore {
  const store = sealStore(below);
  const metrics = openMetricLog(store, clock, options);
  const json = <T>(key: Uint8Array): T | undefined => {
    const bytes = store.get(key);
    return bytes && decoding(() => `an entry of table ${String.fromCharCode(key[0]!)}`, () => JSON.parse(Buffer.from(bytes).toString()) as T);
  };
  const trial = (studyId: string, number: TrialId): TrialRecord | undefined => {
    const bytes = store.get(encodeKey(tables.trial, studyId, number));
    return bytes && decoding(() => `trial ${number} of study ${studyId}`, () => trialRecordFromMessage(Trial.decode(bytes)));
  };
  const trialsAt = (range: Range, studyId: string, at: number): TrialRecord[] => {
    const found: TrialRecord[] = [];
    for (const [key] of store.range(range)) {
      const record = trial(studyId, decodeKey(key.subarray(at), ['count'])[0] as number);
      if (record) found.push(record);
    }
    return found;
  };
  const studies: StudyStore = {
    store,
    study(studyId) {
      const bytes = store.get(encodeKey(tables.study, studyId));
      return bytes && decoding(() => `study ${studyId}`, () => studyRecordFromMessage(Study.decode(bytes)));
    },
    studyIdByName(name) {
      const bytes = store.get(encodeKey(tables.name, name));
      return bytes && Buffer.from(bytes).toString();
    },
    studies({ limit = Infinity, after } = {}) {
      const found: StudyRecord[] = [];
      for (const studyId of studies.studyIds(after)) {
        if (found.length >= limit) break;
        try {
          found.push(studies.study(studyId)!);
        } catch {
          // Asked for by its id or name it says what is wrong.
        }
      }
      return found;
    },
    nameOf(studyId) {
      for (const [key, value] of store.range(prefixRange(tables.name))) if (Buffer.from(value).toString() === studyId) return decodeKey(key, ['text', 'text'])[1] as string;
      return undefined;
    },
    *studyIds(after) {
      const all = prefixRange(tables.study);
      for (const [key] of store.range({ ...all, to: after === undefined ? all.to : encodeKey(tables.study, after), reverse: true, keysOnly: true })) yield decodeKey(key, ['text', 'text'])[1] as string;
    },
    trial,
    *trials(studyId, { from, reverse = false } = {}) {
      const all = prefixRange(tables.trial, studyId);
      const start = from === undefined ? undefined : encodeKey(tables.trial, studyId, from);
      const range = { from: reverse ? all.from : (start ?? all.from), to: reverse && start ? afterKey(start) : all.to, reverse };
      let number = from ?? (reverse ? undefined : 0);
      for (const [, value] of store.range(range)) {
        const record = trialRecordFromMessage(Trial.decode(value));
        // A database that lost a page has no entry to tell of it; a study that is being deleted has no record any more.
        if (record.number !== (number ?? record.number) && studies.study(studyId)) throw missing(`trial ${number} of study ${studyId}`);
        yield record;
        number = record.number + (reverse ? -1 : 1);
      }
      if (reverse ? (number ?? -1) >= 0 && studies.study(studyId) : number! < trialCount(studies.study(studyId))) throw missing(`trial ${number} of study ${studyId}`);
    },
    liveTrials(studyId) {
      const range = prefixRange(tables.live, studyId);
      return trialsAt(range, studyId, range.from.length);
    },
    log(studyId, after, limit) {
      const range = { from: encodeKey(tables.log, studyId, after + 1), to: prefixRange(tables.log, studyId).to, limit };
      const events = Array.from(store.range(range), ([, value], i) => {
        const position = after + 1 + i;
        return decoding(() => `position ${position} of the log of study ${studyId}`, () => {
          const event = decodeLogEvent(value);
          if (event.position !== position) throw new Error(`position ${event.position} is there in its place`);
          return event;
        });
      });
      const end = after + events.length;
      if (events.length < limit && end < (studies.study(studyId)?.position ?? 0)) throw missing(`position ${end + 1} of the log of study ${studyId}`);
      return events;
    },
    ranked(studyId, phase, limit, data = 1) {
      const range = prefixRange(...rankPrefix(studyId, { phase, data }));
      return trialsAt({ ...range, limit }, studyId, range.from.length + encodeKey(orderedFloat(0)).length);
    },
    request: (studyId, requestId) => json<RequestRecord>(encodeKey(tables.request, studyId, requestId)),
    sequence: metrics.sequence,
    attempts: (studyId, number) =>
      Array.from(store.range(prefixRange(tables.attempt, studyId, number)), ([, value]) => JSON.parse(Buffer.from(value).toString()) as AttemptRecord),
    imported: (studyId, originId) => json<TrialId>(encodeKey(tables.imported, studyId, originId)),
    artifacts: (studyId, number) => Array.from(store.range(prefixRange(tables.artifact, studyId, number)), ([, value]) => ArtifactHeader.decode(value)),
    artifactsOf: (studyId, number, sha256) => studies.artifacts(studyId, number).filter((header) => header.sha256 === sha256),
    nextArtifact(studyId, number) {
      const range = prefixRange(tables.artifact, studyId, number);
      for (const [key] of store.range({ ...range, reverse: true, limit: 1, keysOnly: true })) return (decodeKey(key.subarray(range.from.length), ['count'])[0] as number) + 1;
      return 0;
    },
    checkpoint(key) {
      const bytes = store.get(checkpointKey(key));
      return bytes && CheckpointListing.decode(bytes);
    },
    *checkpoints(studyId, number, after) {
      const all = prefixRange(tables.checkpoint, studyId, number);
      const from = after === undefined ? all.from : afterKey(checkpointKey({ studyId, trial: number, ...after }));
      for (const [, value] of store.range({ ...all, from })) yield CheckpointListing.decode(value);
    },
    *checkpointKeys(studyId, ...number) {
      for (const [key] of store.range({ ...prefixRange(tables.checkpoint, studyId, ...number), keysOnly: true })) {
        const [, , number, done, checkpoint] = decodeKey(key, ['text', 'text', 'count', 'count', 'text']) as [string, string, number, number, string];
        yield { studyId, trial: number, done, checkpoint };
      }
    },
    *output({ studyId, trial: number, attempt }, { from = 0, to, ...scan } = {}) {
      const at = (offset: number): Uint8Array => encodeKey(tables.output, studyId, number, attempt, offset);
      const range = { from: at(from), to: to === undefined ? prefixRange(tables.output, studyId, number, attempt).to : at(to), ...scan };
      for (const [, value] of store.range(range)) yield decoding(() => `the output of trial ${number} of study ${studyId}`, () => OutputRecord.decode(value));
    },
    isBlobUsed: (sha256) => [tables.blobUse, tables.chunkUse].some((table) => Array.from(store.range({ ...prefixRange(table, sha256), limit: 1, keysOnly: true })).length > 0),
    *blobsToCheck() {
      for (const [key] of store.range({ ...prefixRange(tables.blobCheck), keysOnly: true })) yield decodeKey(key, ['text', 'text'])[1] as string;
    },
    isDeleting: (studyId, number) => [0, number + 1].some((which) => store.get(encodeKey(tables.deletion, studyId, which)) !== undefined),
    tails: metrics.tails,
    commit: ({ writes, records }) => metrics.commit(writes, records),
    gather: metrics.gather,
    drain: metrics.drain,
    close: metrics.close,
  };
  return studies;
}

function trialCount(study: StudyRecord | undefined): number {
  return Object.values(study?.counts ?? {}).reduce((sum, count) => sum + count, 0);
}

function missing(what: string): ParamoError {
  return new ParamoError({ code: 'STORE_CORRUPT', message: `${what} is missing`, hint: '`paramo doctor` says what else is; `paramo restore` brings a backup back.' });
}

function decoding<T>(what: () => string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new ParamoError({ code: 'STORE_CORRUPT', message: `${what()} is damaged: ${ParamoError.from(cause).summary}`, hint: '`paramo doctor` says what else is; `paramo restore` brings a backup back.', cause });
  }
}
