import { createSpace, type Json, type LogEntry, type Params, type Step, type TrialId, type Values } from '@paramo/core';
import type { SeriesColumns } from '@paramo/protocol';
import { metricBatch } from '../store/metric-batch.js';
import { objectivesOf, type StudyRuntime } from './runtime.js';

/** A finished trial from elsewhere. */
export interface ImportedTrial {
  readonly params: Params;
  readonly state: 'completed' | 'stopped' | 'failed';
  readonly values: Values;
  readonly metrics: Values;
  readonly series: readonly SeriesColumns[];
  readonly done: Step;
  readonly attributes: Readonly<Record<string, Json>>;
  /** Identifies it where it comes from; empty: it is added every time. */
  readonly originId: string;
}

/** What became of an import. */
export interface ImportCount {
  readonly added: number;
  readonly skipped: number;
  readonly first: TrialId | undefined;
}

/** Adds the trials in one transaction. They were never started here, so they count for no budget. */
export async function importInto(runtime: StudyRuntime, trials: readonly ImportedTrial[]): Promise<ImportCount> {
  const { journal, studies, studyId, clock, origins } = runtime;
  const { spec, revision } = journal.state.record;
  const space = spec.space && createSpace(spec.space);
  const known = new Set<string>();
  const fresh = trials.filter(({ originId }) => {
    const isNew = originId === '' || !(known.has(originId) || origins.get(originId) !== undefined || studies.imported(studyId, originId) !== undefined);
    if (originId !== '') known.add(originId);
    return isNew;
  });
  // Checked before anything is written, so that a bad one leaves nothing behind.
  for (const { params } of fresh) space?.validate(params);
  const first = journal.state.nextTrial;
  const entries = fresh.flatMap((one, i) => entriesOf(runtime, one, first + i, revision));
  const durable = runtime.commit(entries, (writes) => {
    fresh.forEach(({ originId, series }, i) => {
      if (originId !== '') writes.imported(studyId, originId, first + i);
      if (series.length === 0) return;
      writes.attempt({ studyId, trial: first + i }, { attempt: 1, done: 0, late: false });
      writes.points(metricBatch({ studyId, trial: first + i, attempt: 1, writer: 'import', sequence: 1, late: false, wallMs: clock.wallMs() }, series));
    });
  });
  fresh.forEach(({ originId }, i) => originId !== '' && origins.add(originId, first + i, durable));
  await durable;
  return { added: fresh.length, skipped: trials.length - fresh.length, first: fresh.length === 0 ? undefined : first };
}

function entriesOf(runtime: StudyRuntime, one: ImportedTrial, trial: TrialId, revision: number): LogEntry[] {
  const objectives = objectivesOf(runtime);
  const value = objectives.length === 1 ? one.values[objectives[0]!.metric] : undefined;
  return [
    { kind: 'trial_created', trial, by: 'user', params: one.params, revision, seen: 0, because: { kind: 'user', detail: 'imported' }, attributes: one.attributes },
    {
      kind: 'trial_ended', trial, attempt: 0, state: one.state, done: one.done, reason: 'imported', values: one.values, metrics: one.metrics,
      ...(value !== undefined && Number.isFinite(value) ? { value } : {}),
    },
  ];
}
