import type { Batch } from '@paramo/protocol';
import type { WrittenAttempt } from './ledger.js';
import type { StoredStudy } from './stored-study.js';
import { lossOf } from './workload.js';

/** Reads the points of a trial by metric and step: of one attempt, or with 0 the effective series. */
export type PointsOf = (trial: number, attempt: number) => Promise<ReadonlyMap<string, ReadonlyMap<number, number>>>;

/** What the series of a study are compared with. */
export interface SeriesCheck {
  readonly seed: number;
  readonly name: string;
  readonly stored: StoredStudy;
  readonly written: readonly WrittenAttempt[];
  readonly points: PointsOf;
  readonly say: (what: string) => void;
}

type Points = Map<string, Map<number, number>>;

/**
 * Every attempt's series is that of the first so many batches of its writer, of as many at least as were acked, each once and in
 * order; the effective series is made of them by the rule alone; a trial's value is what it says at its step.
 */
export async function checkSeries({ seed, name, stored, written, points, say }: SeriesCheck): Promise<void> {
  for (const trial of stored.trials.values()) {
    const starts = new Map<number, number>();
    for (const event of stored.log) if (event.kind === 'trial_started' && event.trial === trial.number && !starts.has(event.attempt)) starts.set(event.attempt, event.done);
    const loss = new Map<number, number>();
    for (let attempt = 1; attempt <= trial.attempt; attempt++) {
      const own = await points(trial.number, attempt);
      const writers = written.filter((one) => one.trial === trial.number && one.attempt === attempt && one.batches.size > 0);
      checkAttempt(own, writers, `trial ${trial.number}/${attempt}`, say);
      const hiddenFrom = Math.min(...[...starts].filter(([later]) => later > attempt).map(([, done]) => done));
      for (const [step, value] of own.get('loss') ?? []) {
        if (value !== lossOf(seed, name, trial.number, attempt, step)) say(`trial ${trial.number}/${attempt} has at step ${step} what is not its own`);
        if (step < hiddenFrom) loss.set(step, value);
      }
    }
    const effective = (await points(trial.number, 0)).get('loss') ?? new Map<number, number>();
    if (render(effective) !== render(loss)) say(`the effective series of trial ${trial.number} is ${render(effective)} and should be ${render(loss)}`);
    if (trial.state === 'completed' && trial.at !== undefined && trial.value !== effective.get(trial.at)) say(`the value of trial ${trial.number} is ${trial.value} at step ${trial.at}, where the series has ${effective.get(trial.at)}`);
  }
}

function checkAttempt(own: ReadonlyMap<string, ReadonlyMap<number, number>>, writers: readonly WrittenAttempt[], name: string, say: (what: string) => void): void {
  if (writers.length > 1) return say(`${name} has ${writers.length} writers with points`);
  const found = renderAll(own);
  if (writers.length === 0) {
    if (own.size > 0) say(`${name} has points that nobody sent: ${found}`);
    return;
  }
  const { batches, acked } = writers[0]!;
  const sums: Points = new Map();
  const fitting: number[] = [];
  if (acked === 0 && found === renderAll(sums)) fitting.push(0);
  for (let sequence = 1; batches.has(sequence); sequence++) {
    add(sums, batches.get(sequence)!);
    if (sequence >= acked && renderAll(sums) === found) fitting.push(sequence);
  }
  if (fitting.length === 0) say(`${name} has ${found}; of its ${batches.size} batches ${acked} were acked, and with all of them it would have ${renderAll(sums)}`);
}

function add(sums: Points, { series }: Batch): void {
  for (const { name, steps, values } of series) {
    const points = sums.get(name) ?? new Map<number, number>();
    steps.forEach((step, i) => points.set(Number(step), values[i]!));
    sums.set(name, points);
  }
}

function renderAll(points: ReadonlyMap<string, ReadonlyMap<number, number>>): string {
  return [...points].filter(([, one]) => one.size > 0).sort(([a], [b]) => (a < b ? -1 : 1)).map(([metric, one]) => `${metric} ${render(one)}`).join('; ');
}

function render(points: ReadonlyMap<number, number>): string {
  return [...points].sort(([a], [b]) => a - b).map(([step, value]) => `${step}:${value}`).join(' ');
}
