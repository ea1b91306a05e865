import type { Clock, LogEntry, LogEvent, TrialId, TrialRecord } from '@paramo/core';
import type { StudyStore } from '../store/study-store.js';
import { createWrites, type StudyWrites } from '../store/study-writes.js';
import { applyEvent, lead } from './apply-event.js';
import { rankOf } from './ranking.js';
import { createStudyState, type StudyState } from './study-state.js';

/** How many events a block of a reading holds. */
const blockSize = 1000;

/** The log of one study and the state folded from it. The state runs ahead of the disk; nothing is told before it is durable. */
export interface Journal {
  readonly state: StudyState;
  /** Position of the newest event that is on disk. */
  readonly durable: number;
  /**
   * Appends entries in one transaction, with whatever else `also` writes. The state has changed when this returns; the
   * promise resolves once everything is on disk.
   */
  append(entries: readonly LogEntry[], also?: (writes: StudyWrites) => void): Promise<void>;
  /** Events with `after` < position ≤ `through`, those on their way to disk included. */
  events(after: number, through: number): Iterable<readonly LogEvent[]>;
  /** A trial as the state has it: live, over and not yet on disk, or on disk. */
  trial(trial: TrialId): TrialRecord | undefined;
  /** Resolves once all that was appended so far is on disk. */
  settled(): Promise<void>;
  /** Calls `listener` whenever more of the log is on disk; returns how to end that. */
  onDurable(listener: () => void): () => void;
  /** Calls the listeners although the log has not grown: it was deleted. */
  wake(): void;
}

/** Where a journal lives. */
export interface JournalOptions {
  readonly studyId: string;
  readonly studies: StudyStore;
  readonly clock: Clock;
}

/** Opens a study's journal: folds what is on disk. A study without events starts at position 0. */
export function openJournal({ studyId, studies, clock }: JournalOptions): Journal {
  const state = createStudyState(studyId);
  /** Events not on disk yet, in order. */
  const pending: LogEvent[] = [];
  /** Trials that ended and are not on disk yet. */
  const ended = new Map<TrialId, TrialRecord>();
  const listeners = new Set<() => void>();
  let durable = 0;

  const past = {
    trial: (trial: TrialId): TrialRecord | undefined => ended.get(trial) ?? studies.trial(studyId, trial),
    best: leader,
  };
  for (const block of stored(0, Number.MAX_SAFE_INTEGER)) {
    for (const event of block) applyEvent(state, event);
  }
  // Without what is on disk the fold could not tell who leads after a trial had been taken back, or a run taken up again.
  if (state.retracted.size > 0 || !state.record.spec.strategy) lead(state, leader());
  durable = state.record.position;
  const wallMs = studies.study(studyId)?.spent.wallMs ?? 0;
  state.record = { ...state.record, spent: { ...state.record.spent, wallMs } };

  /** The best trial that is over and not retracted, those on their way to disk included. */
  function leader(): TrialRecord | undefined {
    let best: { readonly trial: TrialRecord; readonly rank: number } | undefined;
    // Only runs that were taken up again are ranked and live at once, until their new record is on disk.
    const revived = state.record.spec.strategy ? 0 : state.live.size;
    const onDisk = studies.ranked(studyId, '', ended.size + state.retracted.size + revived + 1).filter(({ number }) => !ended.has(number));
    for (const trial of [...ended.values(), ...onDisk]) {
      const rank = state.live.has(trial.number) || state.retracted.has(trial.number) || (trial.fidelity?.data ?? 1) !== 1 ? undefined : rankOf(trial, state.record.spec.objectives);
      if (rank === undefined || (best && (rank > best.rank || (rank === best.rank && trial.number > best.trial.number)))) continue;
      best = { trial, rank };
    }
    return best?.trial;
  }

  function* stored(after: number, through: number): Iterable<readonly LogEvent[]> {
    let position = after;
    while (position < through) {
      const block = studies.log(studyId, position, Math.min(blockSize, through - position));
      if (block.length === 0) return;
      yield block;
      position = block[block.length - 1]!.position;
    }
  }

  const journal: Journal = {
    state,
    get durable() {
      return durable;
    },
    append(entries, also) {
      const writes = createWrites();
      const wallMs = clock.wallMs();
      const over: TrialRecord[] = [];
      let position = state.record.position;
      for (const entry of entries) {
        const event: LogEvent = { position: ++position, wallMs, ...entry };
        pending.push(event);
        writes.event(studyId, event);
        const changed = applyEvent(state, event, past);
        if (!changed) continue;
        writes.trial(changed.after, changed.before, state.record.spec.objectives);
        if (state.live.has(changed.after.number)) continue;
        ended.set(changed.after.number, changed.after);
        over.push(changed.after);
      }
      writes.study(state.record);
      also?.(writes);
      return studies.commit(writes).then(() => {
        durable = Math.max(durable, position);
        pending.splice(0, pending.findLastIndex((event) => event.position <= durable) + 1);
        for (const trial of over) if (ended.get(trial.number) === trial) ended.delete(trial.number);
        journal.wake();
      });
    },
    *events(after, through) {
      yield* stored(after, Math.min(through, durable));
      const rest = pending.filter((event) => event.position > Math.max(after, durable) && event.position <= through);
      if (rest.length > 0) yield rest;
    },
    settled: () => studies.commit(createWrites()),
    trial: (trial) => state.live.get(trial)?.record ?? past.trial(trial),
    onDurable(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wake() {
      for (const listener of [...listeners]) listener();
    },
  };
  return journal;
}
