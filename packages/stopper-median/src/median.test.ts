import { float, space } from '@paramo/core';
import type { Objective, Stopper, TrialEvent } from '@paramo/core';
import { createPluginContext, simulateStudy } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import stopper, { median } from './index.js';
import type { MedianOptions } from './index.js';
import { createRunningMedian } from './running-median.js';

const line = space({ x: float(0, 1) });
const minLoss: Objective = { metric: 'loss', goal: 'min', at: 'last' };

function study(options: MedianOptions = {}, objective: Objective = minLoss) {
  const instance: Stopper = stopper.create(createPluginContext(stopper, { space: line, objectives: [objective], options: median(options).options }));
  let position = 0;
  let trials = 0;
  const tell = (event: { kind: string }): void => instance.observe({ position: ++position, ...event } as TrialEvent);
  return {
    instance,
    tell,
    start: (): number => {
      tell({ kind: 'created', trial: trials, own: false, params: { x: 0 } } as { kind: string });
      return trials++;
    },
    report: (trial: number, done: number, value: number): void => tell({ kind: 'reported', trial, done, milestone: done, values: { [objective.metric]: value } } as { kind: string }),
    /** A trial that reports these values at steps 1, 2, … and is completed. */
    complete(...values: number[]): void {
      const trial = this.start();
      values.forEach((value, i) => this.report(trial, i + 1, value));
      tell({ kind: 'ended', trial, state: 'completed', done: values.length, value: values.at(-1) } as { kind: string });
    },
    stopped: (): number[] => instance.decisions().map(({ trial }) => trial),
  };
}

describe('the median rule', () => {
  test('stops a trial whose best is strictly worse than the median of the running averages', () => {
    // Running averages at step 2: 2, 4, 6. Their median is 4.
    const { complete, start, report, stopped, instance } = bound(study({ startupTrials: 3 }));
    complete(1, 3);
    complete(5, 3);
    complete(6, 6);
    const [equal, worse, better] = [start(), start(), start()];
    for (const trial of [equal, worse, better]) report(trial, 1, 9);
    report(equal, 2, 4);
    report(worse, 2, 4.001);
    report(better, 2, 1);
    expect(stopped()).toEqual([worse]);
    expect(instance.decisions()[0]).toEqual({
      trial: worse, action: 'stop', reason: 'after 2 steps its best loss is 4.001; the median of the running averages of 3 completed trials is 4',
    });
  });

  test('looks at the best so far, not at the last value', () => {
    const { complete, start, report, stopped } = bound(study({ startupTrials: 1 }));
    complete(5, 5, 5);
    const trial = start();
    report(trial, 1, 4);
    report(trial, 2, 100);
    report(trial, 3, 100);
    expect(stopped()).toEqual([]);
  });

  test('with max, less is worse', () => {
    const { complete, start, report, stopped } = bound(study({ startupTrials: 1 }, { metric: 'accuracy', goal: 'max', at: 'last' }));
    complete(0.5, 0.9);
    const [low, high] = [start(), start()];
    report(low, 2, 0.6);
    report(high, 2, 0.8);
    expect(stopped()).toEqual([low]);
  });

  test('waits for warmup steps, startup trials and the interval', () => {
    const early = bound(study({ startupTrials: 2, warmupSteps: 0 }));
    early.complete(1);
    const trial = early.start();
    early.report(trial, 1, 9);
    expect(early.stopped()).toEqual([]);
    early.complete(1);
    const next = early.start();
    early.report(next, 1, 9);
    expect(early.stopped()).toEqual([next]);

    // With 3 warmup steps and an interval of 2, trials are judged at 4, 6, 8, or at their first report past that.
    const patient = bound(study({ startupTrials: 1, warmupSteps: 3, interval: 2 }));
    const [regular, sparse] = [patient.start(), patient.start()];
    const judgedAt = (id: number, steps: readonly number[]): number | undefined => steps.find((done) => (patient.report(id, done, 9), patient.stopped().includes(id)));
    expect(judgedAt(regular, [1, 2, 3, 4])).toBeUndefined();
    expect(judgedAt(sparse, [4])).toBeUndefined();
    patient.complete(1, 1, 1, 1, 1, 1, 1, 1);
    expect(judgedAt(regular, [5, 6])).toBe(6);
    expect(judgedAt(sparse, [5, 9])).toBe(9);
    expect(judgedAt(patient.start(), [1, 2, 3, 4])).toBe(4);
  });

  test('only completed trials count, and those that ended early go on counting', () => {
    const { complete, start, report, tell, stopped } = bound(study({ startupTrials: 2 }));
    complete(1, 1);
    const failed = start();
    report(failed, 3, 1);
    tell({ kind: 'ended', trial: failed, state: 'failed', done: 3 } as { kind: string });
    const trial = start();
    report(trial, 3, 9);
    expect(stopped()).toEqual([]);
    complete(1);
    report(trial, 4, 9);
    expect(stopped()).toEqual([trial]);
  });

  test('NaN is worse than every number: such a trial is stopped, and pulls the median to its side', () => {
    const { complete, start, report, stopped, instance } = bound(study({ startupTrials: 1 }));
    complete(1, 1);
    const nan = start();
    report(nan, 2, NaN);
    expect(stopped()).toEqual([nan]);
    expect(instance.decisions()[0]!.reason).toMatch(/its best loss is not a number/);

    const lost = bound(study({ startupTrials: 1 }));
    lost.complete(NaN, NaN);
    const worse = lost.start();
    lost.report(worse, 2, 1e300);
    const nanToo = lost.start();
    lost.report(nanToo, 2, NaN);
    expect(lost.stopped()).toEqual([]);
  });

  test('a decision stands until the log shows it, and is not made again', () => {
    const { complete, start, report, tell, stopped } = bound(study({ startupTrials: 1 }));
    complete(1, 1, 1);
    const trial = start();
    report(trial, 2, 9);
    tell({ kind: 'yielded', trial, to: 'waiting' } as { kind: string });
    tell({ kind: 'started', trial, attempt: 2, done: 0 } as { kind: string });
    expect(stopped()).toEqual([trial]);
    tell({ kind: 'decided', trial, action: 'stop', by: 'self' } as { kind: string });
    report(trial, 3, 9);
    expect(stopped()).toEqual([]);
  });

  test('a hundred thousand trials are folded without growing slower', () => {
    const { complete, start, report, stopped } = bound(study());
    for (let i = 0; i < 100_000; i++) complete(i % 97, i % 89, i % 83);
    const trial = start();
    report(trial, 3, 96);
    expect(stopped()).toEqual([trial]);
  });

  test('irregular steps cost a bounded number of medians', () => {
    const { start, report, tell, stopped } = bound(study({ startupTrials: 1 }));
    for (let i = 0; i < 2000; i++) {
      const trial = start();
      report(trial, 1_000_000 + 7 * i, 1);
      tell({ kind: 'ended', trial, state: 'completed', done: 1_000_000 + 7 * i, value: 1 } as { kind: string });
    }
    const trial = start();
    report(trial, 1_020_000, 2);
    expect(stopped()).toEqual([trial]);
  });

  test('in a whole study it spends fewer steps and keeps the best trial', () => {
    const setup = { space: space({ x: float(0, 1), y: float(0, 1) }), steps: 10, workers: 4, budget: { trials: 60 }, seed: 1 };
    const best = (trials: ReturnType<typeof simulateStudy>['trials']) => Math.min(...trials.map(({ values }) => values!['loss']!));
    const [full, stopped] = [simulateStudy(setup).trials, simulateStudy({ ...setup, stopper }).trials];
    const steps = (trials: typeof full) => trials.reduce((sum, { done }) => sum + done, 0);
    expect(steps(full)).toBe(600);
    expect(steps(stopped)).toBeLessThan(500);
    expect(best(stopped)).toBe(best(full));
  });

  test('users name it with typed options', () => {
    expect(median({ warmupSteps: 4 })).toEqual({ name: 'median', options: { warmupSteps: 4 } });
    // @ts-expect-error no such option
    median({ warmup: 4 });
  });
});

test('a running median is that of the sorted numbers, ±Infinity included', () => {
  const running = createRunningMedian();
  const seen: number[] = [];
  expect(running.median()).toBeNaN();
  for (let i = 0; i < 500; i++) {
    const value = i % 11 === 0 ? Infinity : i % 13 === 0 ? -Infinity : ((i * 7919) % 263) - 100;
    running.add(value);
    seen.push(value);
    const sorted = [...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)]!, sorted[Math.floor(sorted.length / 2)]!];
    expect(running.median()).toBe(low === high ? low : low / 2 + high / 2);
    expect(running.count).toBe(seen.length);
  }
  const copy = running.copy();
  copy.add(0);
  expect([running.count, copy.count]).toEqual([500, 501]);
});

/** The methods, free to be taken apart. */
function bound<T extends { complete(...values: number[]): void }>(of: T): T {
  return { ...of, complete: of.complete.bind(of) };
}
