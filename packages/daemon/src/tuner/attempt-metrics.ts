import { isBetter, isSystemMetric, type Objective, type Step, type Values } from '@paramo/core';

/**
 * What an attempt has reported so far, as far as values, milestones and the trial's end need it. Metrics of the machine (`system/…`)
 * count as series of the trial and for nothing else.
 */
export interface AttemptMetrics {
  /** Steps done: one more than the highest step index seen. */
  readonly done: Step;
  /** The last value of every metric in the effective series. */
  readonly last: Values;
  /** How many metrics it has. */
  readonly count: number;
  has(metric: string): boolean;
  /** Takes one point. Of two at one step the later wins; a step that goes back changes no last value. */
  add(metric: string, step: Step, value: number): void;
  /** Takes the points of several metrics; those of several objectives in order of step, so that they meet. */
  addColumns(columns: readonly PointColumns[]): void;
  /** So many steps are done, which points need not show. */
  advance(done: Step): void;
  /** Steps at which all objectives became known since the last call, ascending, with their values. */
  takeReports(): readonly { readonly done: Step; readonly values: Values }[];
  /** The objectives' values at the step that counts, or undefined while one is missing. `at` is that step's index. */
  outcome(): { readonly values: Values; readonly value: number | undefined; readonly at: Step | undefined } | undefined;
}

/** Points of one metric. */
export interface PointColumns {
  readonly name: string;
  readonly steps: readonly (number | bigint)[];
  readonly values: readonly number[];
}

interface Tail {
  step: Step;
  value: number;
}

/** Starts empty. A resumed attempt is fed the points of the effective series it goes on from. */
export function createAttemptMetrics(objectives: readonly Objective[]): AttemptMetrics {
  const tails = new Map<string, Tail>();
  const system = new Set<string>();
  const chosen = new Map<string, Tail>();
  const byMetric = new Map(objectives.map((objective) => [objective.metric, objective]));
  let done = 0;
  let joint: { step: Step; values: Values } | undefined;
  let fresh: { done: Step; values: Values }[] = [];

  function objectivesAt(step: Step): Values | undefined {
    const values: Record<string, number> = {};
    for (const { metric } of objectives) {
      const tail = tails.get(metric);
      if (tail?.step !== step) return undefined;
      values[metric] = tail.value;
    }
    return values;
  }

  const metrics: AttemptMetrics = {
    get done() {
      return done;
    },
    get last() {
      return Object.fromEntries([...tails].map(([metric, tail]) => [metric, tail.value]));
    },
    get count() {
      return tails.size + system.size;
    },
    has: (metric) => tails.has(metric) || system.has(metric),
    add(metric, step, value) {
      if (isSystemMetric(metric)) {
        system.add(metric);
        return;
      }
      done = Math.max(done, step + 1);
      const tail = tails.get(metric);
      if (tail && step < tail.step) return;
      tails.set(metric, { step, value });
      const objective = byMetric.get(metric);
      if (!objective) return;
      const best = chosen.get(metric);
      if (counts(objective, { step, value }, best)) chosen.set(metric, { step, value });
      const values = objectivesAt(step);
      if (!values) return;
      joint = { step, values };
      const newest = fresh.at(-1);
      if (newest?.done === step + 1) newest.values = values;
      else fresh.push({ done: step + 1, values });
    },
    addColumns(columns) {
      const rows: { readonly step: Step; readonly name: string; readonly value: number }[] = [];
      for (const { name, steps, values } of columns) {
        for (let i = 0; i < steps.length; i++) {
          const step = Number(steps[i]);
          if (byMetric.size > 1 && byMetric.has(name)) rows.push({ step, name, value: values[i]! });
          else metrics.add(name, step, values[i]!);
        }
      }
      rows.sort((a, b) => a.step - b.step);
      for (const { step, name, value } of rows) metrics.add(name, step, value);
    },
    advance(count) {
      done = Math.max(done, count);
    },
    takeReports() {
      const taken = fresh;
      fresh = [];
      return taken;
    },
    outcome() {
      const [only, ...others] = objectives;
      if (!only) return { values: {}, value: undefined, at: undefined };
      // Several objectives are taken at one step: the last at which all of them are known.
      if (others.length > 0) return joint && { values: joint.values, value: undefined, at: joint.step };
      const tail = only.at === 'last' ? tails.get(only.metric) : chosen.get(only.metric);
      if (!tail) return undefined;
      return { values: { [only.metric]: tail.value }, value: Number.isFinite(tail.value) ? tail.value : undefined, at: tail.step };
    },
  };
  return metrics;
}

function counts(objective: Objective, point: Tail, best: Tail | undefined): boolean {
  if (objective.at === 'best') {
    if (best === undefined || !Number.isFinite(best.value)) return true;
    return Number.isFinite(point.value) && isBetter(point.value, best.value, objective.goal);
  }
  return typeof objective.at === 'object' && point.step === objective.at.step;
}
