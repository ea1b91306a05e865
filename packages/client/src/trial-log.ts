import { isSystemMetric } from '@paramo/core';
import type { Values } from '@paramo/core';
import type { Attempt } from './attempt.js';
import type { Reporter } from './reporter.js';

/** The points of a trial: which step they belong to, and which of them can be stored. */
export interface TrialLog {
  /** Metrics logged so far. */
  readonly names: ReadonlySet<string>;
  /** Steps done at the newest step for which every objective was logged; 0: none yet. */
  readonly objectiveDone: number;
  /** Hands points on. Never throws; what cannot be stored is counted, and said once on stderr. */
  log(metrics: Values, step?: number): void;
  /** Steps done: one more than the highest step that was entered or noted. */
  readonly done: number;
  /** The loop stands at `step`: from here on points without a step belong to it. */
  enter(step: number): void;
}

const maxStep = Number.MAX_SAFE_INTEGER - 1;
const maxNameBytes = 256;
/** Names that cannot be stored: control characters, or half of a surrogate pair. */
const badName = /[\p{Cc}\p{Cs}]/u;
const maxNames = 1000;

/** What the log of an attempt needs. */
export interface TrialLogOptions {
  readonly reporter: Reporter;
  readonly attempt: Attempt;
  readonly objectives: readonly string[];
  /** Steps behind the attempt when it starts. */
  readonly from: number;
}

/** The log of one attempt. */
export function createTrialLog({ reporter, attempt, objectives, from }: TrialLogOptions): TrialLog {
  const number = attempt.trial;
  const names = new Set<string>();
  /** What has been checked of a metric, by its name. */
  const known = new Map<string, { readonly isObjective: boolean; step: number }>();
  const required = objectives.length;
  let counter = from;
  let done = from;
  let loopStep: number | undefined;
  let objectiveDone = 0;

  const refuse = (subject: string, why: string): void => reporter.refuse(`${subject} of ${number}`, `trial ${number}: ${why}`);
  const learn = (name: string): { readonly isObjective: boolean; step: number } | undefined => {
    if (name === '' || badName.test(name) || Buffer.byteLength(name) > maxNameBytes) {
      refuse('metric name', `the metric name ${JSON.stringify(name.slice(0, 40))} cannot be used: it must have 1 to ${maxNameBytes} bytes and no control characters; its points are refused`);
      return undefined;
    }
    if (isSystemMetric(name)) {
      refuse(`metric ${name}`, `names that begin with system/ are kept for what tells of the machine; the points of ${name} are refused: log them under another name`);
      return undefined;
    }
    const metric = { isObjective: objectives.includes(name), step: -1 };
    if (known.size < maxNames || metric.isObjective) known.set(name, metric);
    return metric;
  };
  const add = (name: string, value: unknown, step: number): void => {
    const metric = known.get(name) ?? learn(name);
    if (!metric) return;
    if (typeof value !== 'number') {
      refuse(`metric ${name}`, `${name} was ${describe(value)} and not a number; such points are refused`);
      return;
    }
    if (metric.isObjective) {
      if (step < metric.step) {
        refuse(`order of ${name}`, `${name} is the objective and was logged at step ${step} after step ${metric.step}: its steps never go back within an attempt; such points are refused`);
        return;
      }
      metric.step = step;
      if (required === 1 || objectives.every((objective) => known.get(objective)?.step === step)) objectiveDone = step + 1;
    }
    if (names.size < maxNames) names.add(name);
    reporter.add(attempt, name, step, value);
  };

  return {
    names,
    get done() {
      return done;
    },
    get objectiveDone() {
      return objectiveDone;
    },
    log(metrics, given) {
      const step = given ?? loopStep ?? counter;
      if (!Number.isSafeInteger(step) || step < 0 || step > maxStep) {
        refuse('step', `step ${describe(given)} is no whole number from 0; such points are refused`);
        return;
      }
      if (typeof metrics !== 'object' || metrics === null) {
        refuse('metrics', `log takes an object of metrics, not ${describe(metrics)}`);
        return;
      }
      // Outside the loop every call is a step of its own; inside, and after it, the loop's last step stands.
      if (loopStep === undefined || given !== undefined) counter = step + 1;
      done = Math.max(done, step + 1);
      for (const name of Object.keys(metrics)) add(name, metrics[name], step);
    },
    enter(step) {
      loopStep = step;
      done = Math.max(done, step + 1);
    },
  };
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
