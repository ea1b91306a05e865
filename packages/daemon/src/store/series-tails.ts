import type { TrialId } from '@paramo/core';
import type { AttemptKey, WriterKey } from './layout.js';
import type { MetricBatch, SeriesOwner } from './metric-batch.js';
import { pushRun, runLength } from './series-run.js';
import type { Run } from './series-run.js';

/** What the metric log holds of one attempt. */
export interface AttemptTail extends AttemptKey {
  /** Points written in time, by metric: runs, one after the other. */
  readonly inTime: Map<string, Run[]>;
  /** Points written after the attempt was fenced. */
  readonly late: Map<string, Run[]>;
  /** The highest sequence by writer. */
  readonly sequences: Map<string, number>;
}

/** The points of the metric log in memory, in the order of the log: the ends of series whose beginnings are chunks. */
export interface SeriesTails {
  /** How many points there are. */
  readonly points: number;
  /** Whether there is nothing, not even a sequence. */
  readonly isEmpty: boolean;
  /** Adds the points of a batch, whose sequence is above those before it. */
  add(batch: MetricBatch<Run>): void;
  /** Forgets the series of a study or a trial. Of a trial the sequences stay: what is sent again is still a repetition. */
  delete(owner: SeriesOwner): void;
  /** Takes an attempt out. */
  take(attempt: AttemptKey): void;
  /** All attempts. */
  attempts(): Iterable<AttemptTail>;
  /** The attempts of one trial. */
  ofTrial(studyId: string, trial: TrialId): Iterable<AttemptTail>;
  /** The highest sequence of a writer, when the log has one. */
  sequence(writer: WriterKey): number | undefined;
}

/** No tails yet. */
export function createSeriesTails(): SeriesTails {
  const studies = new Map<string, Map<TrialId, Map<number, AttemptTail>>>();
  let count = 0;

  function tailOf({ studyId, trial, attempt }: AttemptKey): AttemptTail {
    const trials = ensure(studies, studyId, () => new Map<TrialId, Map<number, AttemptTail>>());
    const attempts = ensure(trials, trial, () => new Map<number, AttemptTail>());
    return ensure(attempts, attempt, () => ({ studyId, trial, attempt, inTime: new Map(), late: new Map(), sequences: new Map() }));
  }

  function clear({ inTime, late }: AttemptTail): void {
    for (const series of [inTime, late]) {
      for (const runs of series.values()) for (const run of runs) count -= runLength(run);
      series.clear();
    }
  }

  function* attempts(): Iterable<AttemptTail> {
    for (const trials of studies.values()) for (const tails of trials.values()) yield* tails.values();
  }

  return {
    get points() {
      return count;
    },
    get isEmpty() {
      return studies.size === 0;
    },
    add(batch) {
      const tail = tailOf(batch);
      tail.sequences.set(batch.writer, batch.sequence);
      const series = batch.late ? tail.late : tail.inTime;
      for (const [name, run] of batch.series) {
        count += runLength(run);
        pushRun(ensure(series, name, () => []), run);
      }
    },
    delete({ studyId, trial }) {
      const trials = studies.get(studyId);
      if (!trials) return;
      for (const [number, tails] of trials) if (trial === undefined || trial === number) for (const tail of tails.values()) clear(tail);
      if (trial === undefined) studies.delete(studyId);
    },
    take({ studyId, trial, attempt }) {
      const trials = studies.get(studyId);
      const tails = trials?.get(trial);
      const tail = tails?.get(attempt);
      if (!trials || !tails || !tail) return;
      clear(tail);
      tails.delete(attempt);
      if (tails.size === 0) trials.delete(trial);
      if (trials.size === 0) studies.delete(studyId);
    },
    attempts,
    ofTrial: (studyId, trial) => studies.get(studyId)?.get(trial)?.values() ?? [],
    sequence: ({ studyId, trial, attempt, writer }) => studies.get(studyId)?.get(trial)?.get(attempt)?.sequences.get(writer),
  };
}

function ensure<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
