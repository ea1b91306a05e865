import { createRequire } from 'node:module';
import type { Decision, OptionsInput, OptionsOf, PluginContext, PluginReference, ReportedEvent, Step, Stopper, StopperPlugin, TrialId } from '@paramo/core';
import { defineStopper } from '@paramo/core';
import { createMedianCurve } from './median-curve.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

const options = {
  startupTrials: {
    type: 'integer', minimum: 1, default: 5,
    description: 'How many completed trials there must be before any trial is stopped.',
  },
  warmupSteps: {
    type: 'integer', minimum: 0, default: 1,
    description: 'No trial is stopped while it has done this many steps or fewer.',
  },
  interval: {
    type: 'integer', minimum: 1, default: 1,
    description: 'A trial is judged at its first report after every so many steps; 1: at each report.',
  },
} as const;

/** Options of `median`. */
export type MedianOptions = OptionsInput<typeof options>;

/** Names the median stopping rule for a study: `stopper: median({ warmupSteps: 4 })`. */
export function median(given: MedianOptions = {}): PluginReference {
  return { name: 'median', options: { ...given } };
}

/**
 * The median stopping rule of Golovin et al. 2017 ("Google Vizier", §3.2.2): at a report, a trial is stopped if its
 * best value so far is strictly worse than the median, over all completed trials, of their running averages up to this
 * step. (Optuna's variant takes their values at the step, not the averages.) NaN is worse than every number, and an
 * average with NaN in it is NaN. Beyond 256 steps, steps less than a hundredth apart count as one.
 */
export const medianStopper: StopperPlugin<typeof options> = defineStopper({
  name: 'median',
  version,
  description: 'Stops a trial that is worse at its best than the median of the others on average.',
  options,
  create,
});

/** What is known of a trial that has not ended. Values are costs: less is better, and NaN is +Infinity. */
interface LiveTrial {
  readonly steps: Step[];
  readonly averages: number[];
  reports: number;
  sum: number;
  best: number;
  /** Steps done at the last report. */
  done: Step;
  /** The log shows that it is to stop; its worker may not have heard yet. */
  stopping: boolean;
}

function create({ objectives, options: { startupTrials, warmupSteps, interval } }: PluginContext<OptionsOf<typeof options>>): Stopper {
  const { metric, goal } = objectives[0]!;
  const sign = goal === 'min' ? 1 : -1;
  const curve = createMedianCurve();
  const live = new Map<TrialId, LiveTrial>();
  const verdicts = new Map<TrialId, Decision>();

  function liveTrial(id: TrialId): LiveTrial {
    const trial = live.get(id) ?? { steps: [], averages: [], reports: 0, sum: 0, best: Infinity, done: 0, stopping: false };
    live.set(id, trial);
    return trial;
  }

  function report({ trial: id, done, values }: ReportedEvent): void {
    const trial = liveTrial(id);
    if (done <= trial.done) return;
    const cost = orWorst(sign * (values[metric] ?? NaN));
    trial.reports++;
    trial.sum = orWorst(trial.sum + cost);
    trial.best = Math.min(trial.best, cost);
    const step = groupOf(done);
    if (trial.steps.at(-1) === step) trial.averages.pop();
    else trial.steps.push(step);
    trial.averages.push(trial.sum / trial.reports);
    curve.watch(step);
    if (!trial.stopping && isDue(trial.done, done)) judge(id, trial, step, done);
    trial.done = done;
  }

  function judge(id: TrialId, { best }: LiveTrial, step: Step, done: Step): void {
    const others = curve.at(step);
    if (others.count < startupTrials || !(best > others.median())) return;
    const shown = (cost: number): string => (cost === Infinity ? 'not a number' : String(Number((sign * cost).toPrecision(6))));
    const reason = `after ${done} steps its best ${metric} is ${shown(best)}; the median of the running averages of ${others.count} completed trials is ${shown(others.median())}`;
    verdicts.set(id, { trial: id, action: 'stop', reason });
  }

  /** Whether one of warmupSteps + 1, + 1 + interval, … lies in (before, done]. */
  function isDue(before: Step, done: Step): boolean {
    return done > warmupSteps && Math.floor((done - warmupSteps - 1) / interval) > Math.floor((Math.max(before, warmupSteps) - warmupSteps - 1) / interval);
  }

  return {
    observe: (event) => {
      if (event.kind === 'reported') report(event);
      else if (event.kind === 'decided' && event.action !== 'pause') {
        liveTrial(event.trial).stopping = true;
        verdicts.delete(event.trial);
      } else if (event.kind === 'ended') {
        const trial = live.get(event.trial);
        if (trial && event.state === 'completed') curve.add(trial);
        live.delete(event.trial);
        verdicts.delete(event.trial);
      }
    },
    decisions: () => [...verdicts.values()],
  };
}

/** Infinity for NaN: also that of −Infinity + Infinity. */
function orWorst(cost: number): number {
  return Number.isNaN(cost) ? Infinity : cost;
}

/** The step rounded down to eight significant bits, so that irregular steps cannot make the curve long. */
function groupOf(step: Step): Step {
  let width = 1;
  while (step / width >= 256) width *= 2;
  return Math.floor(step / width) * width;
}
