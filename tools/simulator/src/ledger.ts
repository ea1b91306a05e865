import { isParamoError } from '@paramo/core';
import type { ParamoError, TrialRecord } from '@paramo/core';
import { trialRecordFromMessage } from '@paramo/protocol';
import type { AskRequest, AskResponse, Assignment, AttemptKey, Batch, CompleteRequest, CompleteResponse, EnqueueRequest, EnqueueResponse, OpenStudyResponse, PutCheckpointRequest, PutCheckpointResponse, ReportRequest, ReportResponse } from '@paramo/protocol';
import type { History } from './history.js';
import type { WireTap } from './wire.js';

/** What one writer sent of one attempt, if only a heartbeat or its end, and how much of it the daemon has said to be on disk. */
export interface WrittenAttempt {
  readonly studyId: string;
  readonly trial: number;
  readonly attempt: number;
  readonly writer: string;
  /** By sequence, as it was first sent. */
  readonly batches: Map<number, Batch>;
  acked: number;
}

/** An attempt that the daemon handed out. */
export interface HandedOut {
  readonly studyId: string;
  readonly trial: number;
  readonly attempt: number;
  readonly requestId: string;
}

/** An end that the daemon has said to be on disk. */
export interface ToldEnd {
  readonly studyId: string;
  readonly trial: number;
  readonly attempt: number;
  readonly record: TrialRecord;
}

/** A checkpoint that the daemon has said to be on disk. */
export interface ToldCheckpoint {
  readonly studyId: string;
  readonly trial: number;
  readonly done: number;
  readonly checkpoint: string;
}

/** What was said between workers and daemon, as far as the daemon will be held to it. */
export interface Ledger {
  readonly studies: ReadonlySet<string>;
  readonly written: ReadonlyMap<string, WrittenAttempt>;
  readonly handedOut: readonly HandedOut[];
  readonly ends: readonly ToldEnd[];
  readonly checkpoints: readonly ToldCheckpoint[];
  /** Promises that were seen broken while they were made. */
  readonly broken: readonly string[];
  readonly tap: WireTap;
}

/** What is asked with an ending; all three have the same fields here. */
type EndRequest = Pick<CompleteRequest, 'attempt' | 'writerId' | 'batches' | 'requestId' | 'askNext'>;
type EndResponse = Pick<CompleteResponse, 'trial' | 'next'>;

const endings = new Set(['Complete', 'Fail', 'Release']);
/** Refusals of an end that keep what came along. */
const keeping = ['FENCED', 'TRIAL_ENDED', 'OBJECTIVE_MISSING'] as const;

/** Nothing was said yet. */
export function createLedger(history: History): Ledger {
  const studies = new Set<string>();
  const written = new Map<string, WrittenAttempt>();
  const handedOut: HandedOut[] = [];
  const ends: ToldEnd[] = [];
  const checkpoints: ToldCheckpoint[] = [];
  const broken: string[] = [];
  /** The first request of every call that an answer must be read with. */
  const asked = new Map<number, unknown>();

  function entry(key: AttemptKey, writer: string): WrittenAttempt {
    const { studyId, attempt } = key;
    const trial = Number(key.trial);
    const name = `${studyId}/${trial}/${attempt}/${writer}`;
    let found = written.get(name);
    if (!found) written.set(name, (found = { studyId, trial, attempt, writer, batches: new Map(), acked: 0 }));
    return found;
  }
  function sent(writer: string, batches: readonly Batch[]): void {
    for (const batch of batches) {
      const { batches: known } = entry(batch, writer);
      const sequence = Number(batch.sequence);
      const before = known.get(sequence);
      if (!before) known.set(sequence, batch);
      else if (text(before) !== text(batch)) broken.push(`writer ${writer} sent batch ${sequence} of trial ${batch.trial} twice, with different points: ${text(before)} and ${text(batch)}`);
    }
  }
  function acked(writer: string, batches: readonly Batch[]): void {
    for (const batch of batches) {
      const known = entry(batch, writer);
      known.acked = Math.max(known.acked, Number(batch.sequence));
    }
  }
  function assigned(requestId: string, assignment: Assignment | undefined): void {
    if (assignment?.trial) handedOut.push({ studyId: assignment.trial.studyId, trial: Number(assignment.trial.number), attempt: assignment.attempt, requestId });
  }

  return {
    studies, written, handedOut, ends, checkpoints, broken,
    tap: {
      request(client, method, message, call) {
        const name = nameOf(method);
        history.note(client, `${call}: ${name} ${text(message)}`);
        if (name === 'Report') {
          const { writerId, batches, heartbeats } = message as ReportRequest;
          for (const key of heartbeats) entry(key, writerId);
          sent(writerId, batches);
          if (!asked.has(call)) asked.set(call, message);
        } else if (!asked.has(call)) asked.set(call, message);
        if (endings.has(name)) {
          const { attempt, writerId, batches } = message as EndRequest;
          entry(attempt!, writerId);
          sent(writerId, batches);
        }
      },
      answer(client, method, message, call) {
        const name = nameOf(method);
        history.note('daemon', `${call}: ${name} to ${client}: ${text(message)}`);
        if (name === 'Report') {
          const { writerId } = asked.get(call) as ReportRequest;
          for (const update of (message as ReportResponse).updates) {
            const known = entry(update, writerId);
            known.acked = Math.max(known.acked, Number(update.ackedSequence));
          }
        } else if (name === 'Ask') assigned((asked.get(call) as AskRequest).requestId, (message as AskResponse).assignment);
        else if (name === 'Enqueue') assigned((asked.get(call) as EnqueueRequest).requestId, (message as EnqueueResponse).assignment);
        else if (name === 'OpenStudy') studies.add((message as OpenStudyResponse).study!.studyId);
        else if (name === 'PutCheckpoint') {
          const { part } = asked.get(call) as PutCheckpointRequest;
          const answer = (message as PutCheckpointResponse).part;
          if (part?.$case === 'header' && answer?.$case === 'stored') {
            const { attempt, done } = part.value;
            checkpoints.push({ studyId: attempt!.studyId, trial: Number(attempt!.trial), done: Number(done), checkpoint: answer.value.checkpoint });
          }
        } else if (endings.has(name)) {
          const { writerId, batches, attempt, askNext } = asked.get(call) as EndRequest;
          const { trial, next } = message as EndResponse;
          acked(writerId, batches);
          ends.push({ studyId: attempt!.studyId, trial: Number(attempt!.trial), attempt: attempt!.attempt, record: trialRecordFromMessage(trial!) });
          if (askNext) assigned(askNext.requestId, next?.assignment);
        }
      },
      refusal(client, method, error: ParamoError, call) {
        const name = nameOf(method);
        history.note('daemon', `${call}: ${name} refused to ${client}: ${error.code} ${error.summary}`);
        if (endings.has(name) && keeping.some((code) => isParamoError(error, code))) acked((asked.get(call) as EndRequest).writerId, (asked.get(call) as EndRequest).batches);
      },
      fault: (client, what) => history.note('fault', `${client}: ${what}`),
    },
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What differs from one run of a seed to the next without meaning anything. */
const accidental = new Set(['pid', 'host', 'id', 'stack', 'manifest', 'folder']);

/** A message as text. */
function text(message: unknown): string {
  return JSON.stringify(message, (key, value: unknown) => {
    if (accidental.has(key)) return undefined;
    if (typeof value === 'bigint') return Number(value);
    if (value instanceof Map) return Object.fromEntries(value);
    if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer') return '…';
    return value;
  });
}
