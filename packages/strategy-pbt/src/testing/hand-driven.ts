import type { Decision, Json, NewTrial, Params, Space, Strategy, Suggestion, TerminalState, TrialEvent, TrialId } from '@paramo/core';
import { float, isResumption, parseObjective, space } from '@paramo/core';
import { createPluginContext } from '@paramo/core/testing';
import strategy from '../index.js';

type EventBody = TrialEvent extends infer E ? (E extends { readonly position: number } ? Omit<E, 'position'> : never) : never;

/** A study with `pbt` whose events a test gives one by one. */
export interface HandDriven {
  readonly strategy: Strategy;
  readonly events: readonly TrialEvent[];
  tell(event: EventBody): void;
  /** Takes what is suggested as a new trial, and its number. */
  found(): TrialId;
  /** A trial of anybody: created, and started where it is not said otherwise. */
  create(trial: NewTrial, more?: { readonly own?: boolean; readonly started?: boolean }): TrialId;
  start(trial: TrialId, done?: number): void;
  report(trial: TrialId, done: number, value: number): void;
  checkpoint(trial: TrialId, done: number): void;
  /** A report and a checkpoint at the same step. */
  arrive(trial: TrialId, done: number, value: number): void;
  /** Commits a decision as the host does, the worker's part included. */
  commit(decision: Decision): TrialId | undefined;
  end(trial: TrialId, state: TerminalState, done: number): void;
  suggestion(): NewTrial | undefined;
  resumption(): TrialId | undefined;
}

/** The number of a study that says nothing else. */
export const oneNumber: Space<{ readonly x: number }> = space({ x: float(0, 10) });

/** An empty study with the options given; milestones at every multiple of `every`, 5 unless the options say otherwise. */
export function driveByHand(options: Readonly<Record<string, Json>> = {}, more: { readonly space?: Space; readonly objective?: 'min loss' | 'max score'; readonly steps?: number; readonly trials?: number } = {}): HandDriven {
  const { space: where = oneNumber, objective = 'min loss', steps = 100, trials } = more;
  const every = (options['every'] as number | undefined) ?? 5;
  const context = createPluginContext(strategy, {
    space: where, objectives: parseObjective(objective), options: { every, ...options }, steps, ...(trials !== undefined && { trials }),
  });
  const instance = strategy.create(context);
  const events: TrialEvent[] = [];
  const metric = objective.slice(4);
  let next = 0;

  function tell(event: EventBody): void {
    const placed = { position: events.length + 1, ...event };
    events.push(placed);
    instance.observe(placed);
  }

  function ask(): Suggestion | undefined {
    return instance.suggest();
  }

  const driver: HandDriven = {
    strategy: instance, events, tell,
    found: () => driver.create(driver.suggestion()!),
    create: ({ params, from, member, memo }, { own = true, started = true } = {}) => {
      const trial = next++;
      tell({ kind: 'created', trial, own, params: params as Params, ...(from && { from }), ...(member !== undefined && { member }), ...(memo !== undefined && { memo }) });
      if (started) driver.start(trial, from?.done);
      return trial;
    },
    start: (trial, done = 0) => tell({ kind: 'started', trial, attempt: 1, done }),
    report: (trial, done, value) => tell({ kind: 'reported', trial, done, values: { [metric]: value }, milestone: done - (done % every) }),
    checkpoint: (trial, done) => tell({ kind: 'checkpointed', trial, checkpoint: `checkpoint-${trial}-${done}`, done }),
    arrive: (trial, done, value) => {
      driver.report(trial, done, value);
      driver.checkpoint(trial, done);
    },
    commit: (decision) => {
      const { trial, action } = decision;
      if (action !== 'replace') {
        tell({ kind: 'decided', trial, action, by: 'self' });
        if (action === 'pause') tell({ kind: 'yielded', trial, to: 'paused' });
        else driver.end(trial, 'stopped', 0);
        return undefined;
      }
      tell({ kind: 'decided', trial, action, by: 'self', replacement: next });
      const child = driver.create(decision.by, { started: false });
      driver.end(trial, 'stopped', 0);
      driver.start(child, decision.by.from?.done);
      return child;
    },
    end: (trial, state, done) => tell({ kind: 'ended', trial, state, done }),
    suggestion: () => {
      const suggestion = ask();
      return suggestion && !isResumption(suggestion) ? suggestion : undefined;
    },
    resumption: () => {
      const suggestion = ask();
      return suggestion && isResumption(suggestion) ? suggestion.resume : undefined;
    },
  };
  return driver;
}
