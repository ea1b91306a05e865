import type { TrialId } from '@paramo/core';
import { SeriesColumns } from '@paramo/protocol';
import { after, decodeKey, encodeKey, prefixRange } from './key.js';
import type { tables } from './layout.js';
import type { Store } from './store.js';

/** Points of one metric as columns of equal length. */
export interface Points {
  /** Step indices, from 0. */
  readonly steps: number[];
  readonly values: number[];
  /** Wall clock, in milliseconds since 1970. */
  readonly timesMs: number[];
}

/** Names a trial's points in the store. */
export interface TrialPoints {
  readonly store: Store;
  readonly studyId: string;
  readonly trial: TrialId;
  /** Those written in time, or those written after their attempt was fenced. */
  readonly table: typeof tables.points | typeof tables.latePoints;
}

/** The names of the metrics a trial has points of, in byte order; reads one key a name. */
export function pointNames({ store, studyId, trial, table }: TrialPoints): string[] {
  const names: string[] = [];
  const all = prefixRange(table, studyId, trial);
  let { from } = all;
  for (;;) {
    const [entry] = store.range({ from, to: all.to, limit: 1 });
    if (entry === undefined) return names;
    const name = decodeKey(entry[0], ['text', 'text', 'count', 'text'])[3] as string;
    names.push(name);
    from = after(encodeKey(table, studyId, trial, name));
  }
}

/** A metric's points as they were written, by attempt and, in an attempt, in the order of their batches. */
export function pointsByAttempt({ store, studyId, trial, table }: TrialPoints, name: string): Map<number, Points> {
  const byAttempt = new Map<number, Points>();
  for (const [key, value] of store.range(prefixRange(table, studyId, trial, name))) {
    const attempt = decodeKey(key, ['text', 'text', 'count', 'text', 'count'])[4] as number;
    let points = byAttempt.get(attempt);
    if (!points) byAttempt.set(attempt, (points = noPoints()));
    const columns = SeriesColumns.decode(value);
    for (let i = 0; i < columns.steps.length; i++) {
      points.steps.push(Number(columns.steps[i]));
      points.values.push(columns.values[i]!);
      points.timesMs.push(Number(columns.timesMs[i] ?? 0));
    }
  }
  return byAttempt;
}

/** No points yet. */
export function noPoints(): Points {
  return { steps: [], values: [], timesMs: [] };
}

/** The points at these indices, in this order. */
export function pickPoints({ steps, values, timesMs }: Points, indices: readonly number[]): Points {
  return { steps: indices.map((i) => steps[i]!), values: indices.map((i) => values[i]!), timesMs: indices.map((i) => timesMs[i]!) };
}

/** The points in order of step, and of each step the last one. */
export function inStepOrder(points: Points): Points {
  const { steps } = points;
  let ascending = true;
  for (let i = 1; ascending && i < steps.length; i++) ascending = steps[i - 1]! < steps[i]!;
  if (ascending) return points;
  const order = steps.map((_, i) => i).sort((i, j) => steps[i]! - steps[j]! || i - j);
  return pickPoints(points, order.filter((i, place) => steps[order[place + 1] ?? -1] !== steps[i]));
}
