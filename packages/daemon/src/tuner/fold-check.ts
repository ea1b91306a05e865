import { isDeepStrictEqual } from 'node:util';
import type { LogEvent, TrialId, TrialRecord } from '@paramo/core';
import { decodeLogEvent, Study, studyRecordFromMessage, studyRecordToMessage, Trial, trialRecordFromMessage, trialRecordToMessage } from '@paramo/protocol';
import { decodeKey, encodeKey, prefixRange } from '../store/key.js';
import { rankKey, tables } from '../store/layout.js';
import type { StudyStore } from '../store/study-store.js';
import { applyEvent } from './apply-event.js';
import { rankOf } from './ranking.js';
import { createStudyState } from './study-state.js';

/** Where the store and the log of a study differ. */
export interface FoldDifference {
  /** What it is about, such as `trial 7`. */
  readonly object: string;
  readonly detail: string;
}

/**
 * Compares what is stored of a study with the fold of its log: the log without gaps from position 1, the study, its
 * trials, the indexes, and the checkpoints that are kept. After each difference it goes on where that makes sense. What it
 * reads must not change meanwhile. `onEvent` is called after each event.
 */
export function* foldDifferences(studies: StudyStore, studyId: string, onEvent: () => void = () => undefined): Generator<FoldDifference, void, undefined> {
  const { store } = studies;
  const state = createStudyState(studyId);
  /** As they are stored, for a million of them fit into memory so. */
  const trials = new Map<TrialId, Uint8Array>();
  const trial = (number: TrialId): TrialRecord | undefined => {
    const bytes = trials.get(number);
    return bytes && trialRecordFromMessage(Trial.decode(bytes));
  };
  const best = (): TrialRecord | undefined => {
    let leader: { readonly record: TrialRecord; readonly rank: number } | undefined;
    for (const number of trials.keys()) {
      const record = trial(number)!;
      const rank = state.retracted.has(number) || (record.fidelity?.data ?? 1) !== 1 ? undefined : rankOf(record, state.record.spec.objectives);
      if (rank !== undefined && (!leader || rank < leader.rank)) leader = { record, rank };
    }
    return leader?.record;
  };

  let position = 0;
  const logRange = prefixRange(tables.log, studyId);
  for (const [key, value] of store.range(logRange)) {
    const at = decodeKey(key.subarray(logRange.from.length), ['count'])[0] as number;
    if (at !== position + 1) return yield { object: 'log', detail: `after position ${position} comes ${at}` };
    position = at;
    let event: LogEvent;
    try {
      event = decodeLogEvent(value);
    } catch (error) {
      return yield { object: `log position ${at}`, detail: `cannot be decoded: ${(error as Error).message}` };
    }
    if (event.position !== at) return yield { object: `log position ${at}`, detail: `holds the event of position ${event.position}` };
    try {
      const changed = applyEvent(state, event, { trial, best });
      if (changed) trials.set(changed.after.number, Trial.encode(trialRecordToMessage(changed.after)).finish());
    } catch (error) {
      return yield { object: `log position ${at}`, detail: `does not fit what came before: ${(error as Error).message}` };
    }
    onEvent();
  }
  if (position === 0) yield { object: 'log', detail: 'is empty' };

  const stored = studies.study(studyId);
  if (stored) {
    const { bestTrial, bestValue, ...rest } = stored;
    const { bestTrial: _trial, bestValue: _value, ...folded } = studyRecordFromMessage(Study.decode(Study.encode(studyRecordToMessage(state.record)).finish()));
    yield* differences('study', rest, { ...folded, spent: { ...folded.spent, wallMs: stored.spent.wallMs } });
    const first = best();
    if (bestTrial !== first?.number || bestValue !== first?.value) yield { object: 'study', detail: `names trial ${bestTrial} as its best, but by the log it is ${first?.number}` };
  } else yield { object: 'study', detail: 'has no record' };

  const ranks = new Set<string>();
  const live = new Set<TrialId>();
  const expected = new Set(trials.keys());
  const trialRange = prefixRange(tables.trial, studyId);
  for (const [key, value] of store.range(trialRange)) {
    const number = decodeKey(key.subarray(trialRange.from.length), ['count'])[0] as number;
    const bytes = trials.get(number);
    if (!expected.delete(number) || !bytes) {
      yield { object: `trial ${number}`, detail: 'is stored, but the log does not know it' };
      continue;
    }
    const folded = trialRecordFromMessage(Trial.decode(bytes));
    if (state.live.has(number)) live.add(number);
    const rank = rankKey(folded, state.record.spec.objectives);
    if (rank) ranks.add(Buffer.from(rank).toString('hex'));
    if (Buffer.compare(bytes, value) === 0) continue;
    let record: TrialRecord;
    try {
      record = trialRecordFromMessage(Trial.decode(value));
    } catch (error) {
      yield { object: `trial ${number}`, detail: `cannot be decoded: ${(error as Error).message}` };
      continue;
    }
    yield* differences(`trial ${number}`, record, folded);
  }
  for (const number of expected) yield { object: `trial ${number}`, detail: 'is in the log, but not stored' };

  for (const [key] of store.range(prefixRange(tables.rank, studyId))) {
    if (!ranks.delete(Buffer.from(key).toString('hex'))) yield { object: 'ranking', detail: 'has an entry that no trial accounts for' };
  }
  if (ranks.size > 0) yield { object: 'ranking', detail: `lacks ${ranks.size} trials` };
  const liveRange = prefixRange(tables.live, studyId);
  for (const [key] of store.range(liveRange)) {
    const number = decodeKey(key.subarray(liveRange.from.length), ['count'])[0] as number;
    if (!live.delete(number)) yield { object: `trial ${number}`, detail: 'is listed as not over, but it is' };
  }
  for (const number of live) yield { object: `trial ${number}`, detail: 'is not over, but not listed so' };

  // What is kept too much goes at the next start.
  for (const [number, kept] of state.checkpoints) {
    for (const { done, checkpoint } of kept) {
      if (!store.get(encodeKey(tables.checkpoint, studyId, number, done, checkpoint))) yield { object: `trial ${number}`, detail: `lacks its checkpoint ${checkpoint} of step ${done}` };
    }
  }
}

function* differences(object: string, stored: object, folded: object): Generator<FoldDifference, void, undefined> {
  const known = folded as Record<string, unknown>;
  const there = stored as Record<string, unknown>;
  const fields = [...new Set([...Object.keys(there), ...Object.keys(known)])].filter((field) => !isDeepStrictEqual(there[field], known[field]));
  if (fields.length > 0) yield { object, detail: `differs from the log in ${fields.join(', ')}` };
}
