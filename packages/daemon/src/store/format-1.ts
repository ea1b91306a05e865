import { SeriesColumns } from '@paramo/protocol';
import { decodeKey, prefixRange } from './key.js';
import { addPoints, noPoints } from './points.js';
import type { Points } from './points.js';
import { chunkWrites } from './series-chunks.js';
import type { SeriesKey } from './series-chunks.js';
import type { Store, Write } from './store.js';

/** The tables of format 1 for points: `p` in time, `y` late. Keys: study, trial, metric, attempt, sequence, writer; values: SeriesColumns. */
const oldTables = [{ table: 'p', late: false }, { table: 'y', late: true }] as const;
/** Points, and old values, that go in one transaction. */
const stepPoints = 50_000;
const stepValues = 1000;

/** Brings the points of format 1, which had a value for each metric of each batch, into chunks. */
export async function migrateFormat1(store: Store): Promise<void> {
  for (const { table, late } of oldTables) await moveTable(store, table, late);
}

async function moveTable(store: Store, table: string, late: boolean): Promise<void> {
  let series: SeriesKey | undefined;
  let points = noPoints();
  let removals: Write[] = [];
  const move = async (): Promise<void> => {
    if (series) await store.commit([...chunkWrites(store, series, [points]), ...removals]);
    points = noPoints();
    removals = [];
  };
  for (const [key, value] of store.range(prefixRange(table))) {
    const [, studyId, trial, name, attempt] = decodeKey(key, ['text', 'text', 'count', 'text', 'count']) as [string, string, number, string, number];
    const isSame = series?.studyId === studyId && series.trial === trial && series.name === name && series.attempt === attempt;
    if (!isSame || points.steps.length >= stepPoints || removals.length >= stepValues) await move();
    series = { studyId, trial, name, attempt, late };
    addPoints(points, pointsOf(SeriesColumns.decode(value)));
    removals.push({ key, value: undefined });
  }
  await move();
}

function pointsOf({ steps, values, timesMs }: SeriesColumns): Points {
  return { steps: steps.map(Number), values, timesMs: timesMs.map(Number) };
}
