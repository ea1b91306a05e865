import { createRandom, float, space } from '@paramo/core';
import type { Objective, Stopper, TrialEvent } from '@paramo/core';
import { createPluginContext, simulateStudy } from '@paramo/core/testing';
import type { SimulatedTrial } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import stopper, { asha } from './index.js';
import type { AshaOptions } from './index.js';

const line = space({ x: float(0, 1) });
const minLoss: Objective = { metric: 'loss', goal: 'min', at: 'last' };

interface StudySetup {
  readonly objective?: Objective;
  readonly steps?: number;
}

type Context = Parameters<typeof stopper.create>[0];

function contextOf(options: AshaOptions, { objective = minLoss, steps }: StudySetup = {}): Context {
  return createPluginContext(stopper, { space: line, objectives: [objective], options: asha(options).options, ...(steps !== undefined && { steps }) });
}

/** An instance told of a study's events one by one, by a host that obeys at once. */
function study(options: AshaOptions = {}, setup: StudySetup = { steps: 9 }) {
  const instance: Stopper = stopper.create(contextOf(options, setup));
  const { metric } = setup.objective ?? minLoss;
  let position = 0;
  let trials = 0;
  const tell = (event: { readonly kind: string; readonly [field: string]: unknown }): void => instance.observe({ position: ++position, ...event } as unknown as TrialEvent);
  const decided = (): (readonly [number, string])[] => instance.decisions().map(({ trial, action }) => [trial, action] as const);
  const report = (trial: number, done: number, value: number): void => tell({ kind: 'reported', trial, done, milestone: done, values: { [metric]: value } });
  const start = (): number => {
    tell({ kind: 'created', trial: trials, own: false, params: { x: 0 } });
    tell({ kind: 'started', trial: trials, attempt: 1, done: 0 });
    return trials++;
  };
  const pause = (trial: number, by = 'self'): void => {
    tell({ kind: 'decided', trial, action: 'pause', by });
    tell({ kind: 'yielded', trial, to: 'paused' });
  };
  return {
    instance, tell, start, report, decided, pause,
    /** New trials that get to `done` with these values and are paused there; their numbers. */
    wait: (done: number, ...values: readonly number[]): number[] => values.map((value) => {
      const trial = start();
      report(trial, done, value);
      pause(trial);
      return trial;
    }),
    resumed: (): number | undefined => instance.resume?.()?.resume,
    goOn: (trial: number, by = 'self'): void => tell({ kind: 'resumed', trial, by }),
    end: (trial: number, state: string, done = 1): void => tell({ kind: 'ended', trial, state, done }),
  };
}

/** How many trials got to each number of steps. */
function counts(trials: readonly SimulatedTrial[], steps: readonly number[]): number[] {
  return steps.map((step) => trials.filter(({ done }) => done >= step).length);
}

const anyOrder = (seed: number) => (_: unknown, done: number, trial: number) => ({ loss: createRandom('order', seed, trial, done).next() });

describe('the stop form', () => {
  test('lets the first η − 1 go on, and then who is among the best ⌊n/η⌋', () => {
    const { start, report, decided, instance } = study();
    const arrive = (value: number): boolean => {
      const trial = start();
      report(trial, 1, value);
      return decided().every(([id]) => id !== trial);
    };
    expect([9, 8].map(arrive)).toEqual([true, true]);
    expect([7, 7.5, 6, 6.5, 5.5, 10].map(arrive)).toEqual([true, false, true, true, true, false]);
    expect(instance.decisions()[0]).toEqual({ trial: 3, action: 'stop', reason: 'place 2 of 4 at 1 step (loss 7.5); only the best goes on' });
  });

  test('judges at every rung by the results of that rung, and nobody at maxSteps', () => {
    const { start, report, decided } = study({ eta: 2 }, { steps: 4 });
    const [a, b] = [start(), start()];
    for (const done of [1, 2, 4]) report(a, done, done);
    for (const done of [1, 2]) report(b, done, 0.5);
    expect(decided()).toEqual([]);
    report(b, 4, 99);
    expect(decided()).toEqual([]);
    report(start(), 1, 2);
    expect(decided()).toEqual([[2, 'stop']]);
  });

  test('with max, more is better; NaN is worse than every number; of equal values that of the lower number is better', () => {
    const { start, report, decided } = study({ eta: 2 }, { steps: 9, objective: { metric: 'accuracy', goal: 'max', at: 'last' } });
    const values = [NaN, -Infinity, 0.5, 0.5, 0.4, 0.6, NaN];
    for (const value of values) report(start(), 1, value);
    // Of 2 and of 3 one goes on, of 4 and of 5 two, of 6 and of 7 three.
    expect(decided()).toEqual([[4, 'stop'], [6, 'stop']]);
    const late = study({ eta: 2 });
    const [first, second] = [late.start(), late.start()];
    late.report(second, 1, 3);
    late.report(first, 1, 3);
    expect(late.decided()).toEqual([]);
    late.report(late.start(), 1, 3);
    expect(late.decided()).toEqual([[2, 'stop']]);
  });

  test('a trial that is tried again is not counted twice, and its standing decision stays', () => {
    const { start, report, decided, tell, end } = study({ eta: 2 });
    const [good, bad] = [start(), start()];
    report(good, 1, 1);
    report(bad, 1, 2);
    tell({ kind: 'yielded', trial: bad, to: 'waiting' });
    tell({ kind: 'started', trial: bad, attempt: 2, done: 0 });
    report(bad, 1, 0);
    expect(decided()).toEqual([[bad, 'stop']]);
    // Three results, were the repetition counted: the best of them would still be one, of four two.
    report(start(), 1, 1.5);
    expect(decided()).toEqual([[bad, 'stop'], [2, 'stop']]);
    tell({ kind: 'decided', trial: bad, action: 'stop', by: 'self' });
    report(bad, 3, 9);
    expect(decided()).toEqual([[2, 'stop']]);
    end(2, 'failed');
    expect(decided()).toEqual([]);
  });

  test('lets go on whom the promotion form had paused, where a study changes to it', () => {
    const { wait, resumed, goOn } = study();
    const [trial] = wait(1, 5);
    expect(resumed()).toBe(trial);
    goOn(trial!);
    expect(resumed()).toBeUndefined();
  });

  test('of 243 trials gets about 81, 27 and 10 to 3, 9 and 27 steps', () => {
    // Of m that come to a rung one by one in random order, each n-th goes on with probability ⌊n/3⌋/n: 80.9 of 243, 26.9 of 81, 9.6 of 27.
    const runs = Array.from({ length: 20 }, (_, seed) => simulateStudy({ space: line, stopper, workers: 8, steps: 27, seed, budget: { trials: 243 }, evaluate: anyOrder(seed) }));
    const each = runs.map(({ trials }) => counts(trials, [1, 3, 9, 27]));
    const means = [0, 1, 2, 3].map((rung) => each.reduce((sum, count) => sum + count[rung]!, 0) / runs.length);
    expect(means[0]).toBe(243);
    // Four standard errors of the mean of 20 such studies.
    for (const [rung, expected, tolerance] of [[1, 80.9, 6.4], [2, 26.9, 4.4], [3, 9.6, 2.8]] as const) {
      expect(Math.abs(means[rung]! - expected), `mean at rung ${rung} is ${means[rung]}`).toBeLessThan(tolerance);
    }
  });
});

describe('the promotion form', () => {
  const promote: AshaOptions = { form: 'promote' };

  test('pauses at a rung and promotes the best of three', () => {
    const { instance, start, report, wait, resumed, goOn, pause } = study(promote);
    const [a, b] = wait(1, 2, 1);
    expect([a, b, resumed()]).toEqual([0, 1, undefined]);
    const c = start();
    report(c, 1, 3);
    expect(instance.decisions()).toEqual([{ trial: c, action: 'pause', reason: 'it waits at 1 step until it is among the best 1/3 there' }]);
    // The third result counts before its trial has yielded.
    expect(instance.resume!()).toEqual({ resume: b, because: { kind: 'promotion', detail: 'place 1 of 3 at 1 step (loss 1); the best goes on' } });
    pause(c);
    goOn(b!);
    expect(resumed()).toBeUndefined();
  });

  test('promotes from the highest rung first, and lets trials at maxSteps go on to their end', () => {
    const { wait, resumed, goOn, report, decided, pause } = study(promote);
    wait(1, 1, 2, 3, 4, 5, 6);
    for (const trial of [0, 1]) goOn(trial);
    report(0, 3, 1);
    pause(0);
    report(1, 3, 2);
    pause(1);
    wait(3, 3);
    wait(1, 0, 0.5, 7);
    expect(resumed()).toBe(0);
    goOn(0);
    expect(resumed()).toBe(7);
    report(0, 9, 1);
    expect(decided()).toEqual([]);
  });

  test('of 9 trials at least 3 get to step 3 and 1 to step 9, and in about nine of ten orders no more', () => {
    // More workers than trials, so that all are under way before the first is promoted.
    let exact = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const { trials } = simulateStudy({ space: line, stopper, stopperOptions: promote, workers: 12, steps: 9, seed, budget: { trials: 9 }, evaluate: anyOrder(seed) });
      const [all, third, last] = counts(trials, [1, 3, 9]) as [number, number, number];
      expect(all).toBe(9);
      expect(third).toBeGreaterThanOrEqual(3);
      expect(last).toBeGreaterThanOrEqual(1);
      if (third === 3 && last === 1) exact++;
    }
    expect(exact).toBeGreaterThanOrEqual(0.85 * 300);
  });

  test('with one worker it promotes exactly those that were ever among the best of their rung', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { trials } = simulateStudy({ space: line, stopper, stopperOptions: promote, workers: 1, steps: 27, seed, budget: { trials: 40 }, evaluate: ({ x }) => ({ loss: x as number }) });
      expect(trials.map(({ done }) => done)).toEqual(byTheBook(trials.map(({ params }) => params['x'] as number), 3, [1, 3, 9, 27]));
    }
  });

  test('a resumed or retried trial that repeats its steps is not counted twice', () => {
    const { wait, report, goOn, decided, resumed, tell } = study(promote);
    wait(1, 1, 2, 3);
    goOn(0);
    tell({ kind: 'started', trial: 0, attempt: 2, done: 0 });
    report(0, 1, 1);
    expect(decided()).toEqual([]);
    wait(1, 4, 5);
    expect(resumed()).toBeUndefined();
    wait(1, 6);
    expect(resumed()).toBe(1);
  });

  test('a pause that is due survives the loss of the attempt, and is dropped when the trial ends', () => {
    const { start, report, decided, tell, end } = study(promote);
    const [lost, dead] = [start(), start()];
    for (const trial of [lost, dead]) report(trial, 1, 1);
    tell({ kind: 'yielded', trial: lost, to: 'waiting' });
    end(dead, 'failed');
    expect(decided()).toEqual([[lost, 'pause']]);
  });

  test('a worker that hears late takes its trial to a higher rung, where it waits on; past the last rung nothing holds it', () => {
    const { start, report, tell, wait, resumed, goOn, decided, instance } = study(promote);
    const overshoot = (...later: readonly number[]): number => {
      const trial = start();
      report(trial, 1, 0);
      tell({ kind: 'decided', trial, action: 'pause', by: 'self' });
      for (const done of later) report(trial, done, 0);
      expect(decided()).toEqual([]);
      tell({ kind: 'yielded', trial, to: 'paused' });
      return trial;
    };
    const third = overshoot(3);
    wait(1, 1, 2);
    expect(resumed()).toBeUndefined();
    wait(3, 1, 2);
    expect(resumed()).toBe(third);
    goOn(third);
    const last = overshoot(3, 9);
    expect(instance.resume!()).toEqual({ resume: last, because: { kind: 'promotion', detail: 'no rung holds it any more' } });
  });

  test('leaves alone whom a person paused, and takes a person\'s resumption for a promotion', () => {
    const { wait, start, report, pause, resumed, goOn, decided } = study(promote);
    const best = start();
    report(best, 1, 0);
    pause(best, 'user');
    const [second] = wait(1, 1, 2);
    expect(resumed()).toBeUndefined();
    goOn(second!, 'user');
    report(second!, 3, 5);
    expect(decided()).toEqual([[second, 'pause']]);
    wait(1, 3, 4, 5);
    expect(resumed()).toBeUndefined();
  });

  test('a trial that ended keeps its place in the ranking and is not promoted', () => {
    const { wait, end, resumed } = study(promote);
    const [best] = wait(1, 1, 2);
    end(best!, 'cancelled');
    wait(1, 3, 4, 5);
    expect(resumed()).toBeUndefined();
    wait(1, 6);
    expect(resumed()).toBe(1);
  });

  test('when the study is closed and nothing moves, rungs promote what they have until a trial is completed', () => {
    const { wait, start, tell, end, resumed, goOn, report, pause, instance } = study(promote);
    wait(1, 2, 1);
    const running = start();
    tell({ kind: 'closed' });
    expect(resumed()).toBeUndefined();
    end(running, 'failed', 0);
    expect(instance.resume!()).toEqual({ resume: 1, because: { kind: 'promotion', detail: 'place 1 of 2 at 1 step (loss 1); no further trial comes, and none has been completed: the best that waits goes on' } });
    tell({ kind: 'opened' });
    expect(resumed()).toBeUndefined();
    tell({ kind: 'closed' });
    goOn(1);
    expect(resumed()).toBeUndefined();
    report(1, 3, 1);
    pause(1);
    expect(resumed()).toBe(1);
    goOn(1);
    end(1, 'failed', 5);
    expect(resumed()).toBe(0);
    goOn(0);
    end(0, 'completed', 9);
    expect(resumed()).toBeUndefined();
  });

  test('of fewer trials than η one is completed all the same, and the rest is stopped', () => {
    for (const trials of [1, 2]) {
      const ended = simulateStudy({ space: line, stopper, stopperOptions: promote, steps: 9, budget: { trials }, seed: trials }).trials;
      expect(counts(ended, [1, 3, 9])).toEqual([trials, 1, 1]);
      expect(ended.filter(({ state }) => state === 'stopped')).toHaveLength(trials - 1);
    }
  });
});

describe('the rungs', () => {
  const milestones = (options: AshaOptions, steps?: number) => stopper.milestones!(contextOf(options, steps === undefined ? {} : { steps }));

  test('lie at minSteps times the powers of eta, up to the lesser of maxSteps and the steps of the study', () => {
    expect(milestones({}, 9)).toEqual([1, 3, 9]);
    expect(milestones({ minSteps: 2, eta: 4 }, 100)).toEqual([2, 8, 32]);
    expect(milestones({ maxSteps: 10 }, 100)).toEqual([1, 3, 9]);
    expect(milestones({ maxSteps: 100 }, 10)).toEqual([1, 3, 9]);
  });

  test('go on without end where nothing says how long a trial is', () => {
    const steps = milestones({ minSteps: 5, eta: 2 }) as readonly number[];
    expect(steps.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(steps.every(Number.isSafeInteger)).toBe(true);
    expect(steps.at(-1)! * 2).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  test('a trial that was to do fewer steps is not held at its last', () => {
    const { instance, report, tell } = study({ form: 'promote' });
    tell({ kind: 'created', trial: 0, own: false, params: { x: 0 }, fidelity: { steps: 3 } });
    report(0, 3, 1);
    expect(instance.decisions()).toEqual([]);
  });
});

describe('options', () => {
  const problem = (options: Record<string, number | string>, steps?: number): unknown => {
    try {
      stopper.create(createPluginContext(stopper, { space: line, options, ...(steps !== undefined && { steps }) }));
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('that cannot be are refused with what to set', () => {
    expect(problem({ eta: 1 })).toMatch(/^INVALID_OPTIONS: asha: option eta is 1, but it must be at least 2/);
    expect(problem({ eta: 2.5 })).toMatch(/it must be a whole number/);
    expect(problem({ minSteps: 0 })).toMatch(/minSteps is 0, but it must be at least 1/);
    expect(problem({ form: 'promotion' })).toMatch(/it must be one of stop, promote \(did you mean promote\?\)/);
    expect(problem({ minSteps: 10, maxSteps: 9 })).toMatch(/^INVALID_OPTIONS: asha: minSteps is 10, but maxSteps is 9, so .*Set minSteps to 9 or less/);
    expect(problem({ minSteps: 10 }, 9)).toMatch(/minSteps is 10, but a trial of this study takes 9 steps/);
    expect(problem({ minSteps: 9, maxSteps: 9 }, 9)).toBeUndefined();
  });

  test('are typed where users name it', () => {
    expect(asha({ eta: 4, form: 'promote' })).toEqual({ name: 'asha', options: { eta: 4, form: 'promote' } });
    // @ts-expect-error no such form
    asha({ form: 'pause' });
    // @ts-expect-error no such option
    asha({ reductionFactor: 4 });
  });
});

/** Steps done by each trial when one worker promotes whatever can be promoted before it takes the next trial: the algorithm with lists and sorting. */
function byTheBook(values: readonly number[], eta: number, milestones: readonly number[]): number[] {
  const done = values.map(() => 0);
  const rungs = milestones.map(() => [] as number[]);
  const best = (rung: readonly number[]): number[] => rung.toSorted((a, b) => values[a]! - values[b]!).slice(0, Math.floor(rung.length / eta));
  const arrive = (trial: number, rung: number): void => {
    rungs[rung]!.push(trial);
    done[trial] = milestones[rung]!;
  };
  const promotable = (): readonly [number, number] | undefined => {
    for (let rung = milestones.length - 2; rung >= 0; rung--) {
      const trial = best(rungs[rung]!).find((each) => done[each] === milestones[rung]);
      if (trial !== undefined) return [trial, rung + 1];
    }
    return undefined;
  };
  for (const trial of values.keys()) {
    arrive(trial, 0);
    for (let next = promotable(); next; next = promotable()) arrive(...next);
  }
  return done;
}
