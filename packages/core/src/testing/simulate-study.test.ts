import { describe, expect, test } from 'vitest';
import { float, int } from '../parameter.js';
import type { StopperPlugin, StrategyPlugin } from '../plugin.js';
import { defineStopper, defineStrategy } from '../plugin.js';
import { space } from '../space.js';
import type { Decision } from '../strategy.js';
import type { TrialEvent, TrialId } from '../trial-event.js';
import { simulateStudy } from './simulate-study.js';
import { stopperCases } from './stopper-cases.js';

const samples = space({ x: float(0, 1), n: int(1, 9) });
const stormy = { death: 0.15, failure: 0.05, cancel: 0.03, nan: 0.1, enqueue: 0.1, pause: 0.05, late: 0.3, raise: 0.5, rebuild: 0.1 };

/** Pauses every trial at two steps done; when closed, or when three wait, lets the best of them go on. */
const twoRungs: StopperPlugin = defineStopper({
  name: 'two-rungs', version: '1.0.0', description: 'A rung at two steps.', options: {},
  milestones: () => [2],
  create: ({ objectives }) => {
    const { metric, goal } = objectives[0]!;
    const due = new Set<TrialId>();
    const values = new Map<TrialId, number>();
    const standing = new Set<TrialId>();
    const paused = new Set<TrialId>();
    const running = new Set<TrialId>();
    let closed = false;
    return {
      observe: (event) => {
        if (event.kind === 'closed' || event.kind === 'opened') closed = event.kind === 'closed';
        else if (event.kind === 'reported') {
          values.set(event.trial, event.values[metric]!);
          // A worker that has not heard of a decision yet still reports.
          if (!standing.has(event.trial)) due.add(event.trial);
        } else if (event.kind === 'decided' || event.kind === 'ended') due.delete(event.trial);
        if (event.kind === 'decided') standing.add(event.trial);
        if (event.kind === 'yielded' || event.kind === 'ended') standing.delete(event.trial);
        if (event.kind === 'decided' && event.by === 'self') paused.add(event.trial);
        if (event.kind === 'decided' && event.by !== 'self') paused.delete(event.trial);
        if (event.kind === 'ended' || event.kind === 'resumed') paused.delete(event.trial);
        if (event.kind === 'started') running.add(event.trial);
        if (event.kind === 'yielded' || event.kind === 'ended') running.delete(event.trial);
      },
      decisions: () => [...due].map((trial) => ({ trial, action: 'pause', reason: 'it waits for the others' })),
      resume: () => {
        const waiting = [...paused].filter((trial) => !running.has(trial));
        if (waiting.length < (closed ? 1 : 3)) return undefined;
        const cost = (trial: TrialId): number => { const value = values.get(trial)! * (goal === 'min' ? 1 : -1); return Number.isNaN(value) ? Infinity : value; };
        const best = waiting.sort((a, b) => (cost(a) < cost(b) ? -1 : cost(a) > cost(b) ? 1 : a - b))[0]!;
        return { resume: best, because: { kind: 'promotion', detail: 'the best of those that wait' } };
      },
    };
  },
});

describe('simulateStudy', () => {
  test('the same setup gives the same simulation, another seed another', () => {
    const run = (seed: number) => simulateStudy({ space: samples, seed, budget: { trials: 20 }, faults: stormy }).strategyEvents;
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  test('what plugins see is a log: positions ascend, numbers have no gaps, a step comes once, nothing follows the end of a trial', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { stopperEvents } = simulateStudy({ space: samples, stopper: everyReport, seed, workers: 5, budget: { trials: 25 }, faults: stormy });
      const furthest = new Map<TrialId, number>();
      const ended = new Set<TrialId>();
      let position = 0;
      let next = 0;
      for (const event of stopperEvents) {
        expect(event.position).toBeGreaterThan(position);
        position = event.position;
        if (!('trial' in event)) continue;
        expect(ended.has(event.trial)).toBe(false);
        if (event.kind === 'created') expect(event.trial).toBe(next++);
        if (event.kind === 'reported') expect(event.done).toBeGreaterThan(furthest.get(event.trial) ?? 0);
        if (event.kind === 'reported') furthest.set(event.trial, event.done);
        if (event.kind === 'ended') ended.add(event.trial);
      }
      expect(ended.size).toBe(next);
    }
  });

  test('faults happen: every kind of event comes, attempts are repeated, users interfere', () => {
    const runs = Array.from({ length: 10 }, (_, seed) => simulateStudy({ space: samples, stopper: twoRungs, seed, workers: 4, budget: { trials: 25 }, faults: stormy }));
    const events = runs.flatMap(({ stopperEvents }) => stopperEvents);
    const has = (pick: (event: TrialEvent) => boolean): boolean => events.some(pick);
    for (const kind of ['created', 'started', 'reported', 'checkpointed', 'decided', 'yielded', 'resumed', 'ended', 'closed', 'opened']) expect(has((event) => event.kind === kind), kind).toBe(true);
    for (const state of ['completed', 'failed', 'cancelled']) expect(has((event) => event.kind === 'ended' && event.state === state), state).toBe(true);
    for (const by of ['self', 'user']) expect(has((event) => event.kind === 'resumed' && event.by === by), by).toBe(true);
    expect(has((event) => event.kind === 'started' && event.attempt === 3)).toBe(true);
    expect(has((event) => event.kind === 'reported' && Number.isNaN(event.values['loss']))).toBe(true);
    expect(runs.some(({ trials }) => trials.some(({ own }) => !own))).toBe(true);
  });

  test('the budget counts trials that started, under any number of workers', () => {
    for (const workers of [1, 3, 16]) {
      const { trials, reason } = simulateStudy({ space: samples, workers, budget: { trials: 12 }, seed: workers });
      expect([trials.length, reason]).toEqual([12, 'budget']);
      expect(trials.every(({ state, attempts, done }) => state === 'completed' && attempts === 1 && done === 3)).toBe(true);
    }
  });

  test('a strategy that replaces trials never shrinks its population', () => {
    const { trials, decisions } = simulateStudy({ space: samples, strategy: replacing, workers: 4, steps: 4, budget: { trials: 4 }, seed: 3 });
    expect(decisions.length).toBeGreaterThan(0);
    expect(decisions.every(({ action }) => action === 'replace')).toBe(true);
    expect(trials.length).toBe(4 + decisions.length);
    expect(trials.filter(({ state }) => state === 'completed').length).toBe(4);
  });
});

describe('a population', () => {
  test('training has a state, which comes back from the checkpoint of an attempt or of the trial a successor goes on from', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { trials, decisions } = simulateStudy({
        space: samples, strategy: population(), workers: 3, steps: 6, budget: { trials: 4 }, seed, faults: { death: 0.1, rebuild: 0.1 },
        train: ({ saved, done }) => {
          let taken = (saved as number | undefined) ?? 0;
          expect(taken).toBe(done);
          return { step: () => ({ loss: -++taken }), save: () => taken };
        },
      });
      expect(decisions.some(({ action }) => action === 'replace')).toBe(true);
      for (const { state, values, from } of trials) if (state === 'completed') expect([values!['loss'], from === undefined || from.done > 0]).toEqual([-6, true]);
    }
  });

  test('successors do not count, also when they are suggested, and after the budget is used up: failed members are filled again', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { trials, reason } = simulateStudy({ space: samples, strategy: population(), workers: 3, steps: 6, budget: { trials: 4 }, seed, faults: { failure: 0.05, late: 0.3 } });
      expect(reason).toBe('done');
      expect(trials.filter(({ state }) => state === 'completed').map(({ member }) => member).sort()).toEqual([0, 1, 2, 3]);
    }
  });

  test('what the strategy paused goes on after the budget is used up', () => {
    for (const workers of [1, 2, 4]) {
      const { trials, suggestions } = simulateStudy({ space: samples, strategy: population({ pauses: true }), workers, steps: 6, budget: { trials: 4 }, seed: 1 });
      expect(suggestions.filter((suggestion) => 'resume' in suggestion).length).toBeGreaterThan(0);
      expect(trials.filter(({ state }) => state === 'completed').length).toBe(4);
    }
  });

  test('a replacement whose checkpoint is collected is void and asked for again', () => {
    const run = (collect: number) => simulateStudy({ space: samples, strategy: population(), workers: 3, steps: 6, budget: { trials: 4 }, seed: 2, faults: { collect } });
    expect(run(0.5).decisions.filter(({ action }) => action === 'replace').length).toBeGreaterThan(0);
    expect(run(1).decisions).toEqual([]);
  });

  test('a checkpoint that there is not is refused', () => {
    expect(() => simulateStudy({ space: samples, strategy: population({ checkpoint: 'made-up' }), steps: 6, budget: { trials: 4 } })).toThrow(/starts from .*made-up.*there is no such checkpoint/);
  });
});

describe('a stopper that pauses and resumes', () => {
  for (const { name, run } of stopperCases(twoRungs)) test(name, run);

  test('it lets trials go on as they wait, and all that are left once the study is closed', () => {
    const { trials } = simulateStudy({ space: samples, stopper: twoRungs, steps: 4, budget: { trials: 10 } });
    expect(trials.map(({ done }) => done)).toEqual(Array.from({ length: 10 }, () => 4));
  });
});

describe('the kit catches a stopper that', () => {
  test('resumes what another paused', () => {
    const meddling = stopperThat((event, state) => {
      if (event.kind === 'decided' && event.action === 'pause' && event.by === 'user') state.resume = event.trial;
      if (event.kind === 'resumed' || event.kind === 'ended') state.resume = undefined;
    });
    expect(failures(meddling)).toMatch(/resumes trial \d+, which (was paused by the user|is running)/);
  });

  test('stops what it has stopped already', () => {
    const insisting = stopperThat((event, state) => {
      if (event.kind === 'reported') state.stop = event.trial;
      if (event.kind === 'ended') state.stop = undefined;
    });
    expect(failures(insisting)).toMatch(/which the log already shows/);
  });

  test('remembers that it was asked', () => {
    let asked = 0;
    const counting: StopperPlugin = { ...everyReport, create: (context) => ({ ...everyReport.create(context), decisions: () => (asked++, [{ trial: asked, action: 'stop', reason: 'x' }]) }) };
    expect(failures(counting)).toMatch(/decisions is not pure/);
  });
});

const everyReport: StopperPlugin = defineStopper({
  name: 'every-report', version: '1.0.0', description: 'Sees every report and decides nothing.', options: {},
  create: () => ({ observe: () => {}, decisions: () => [] }),
});

/** Keeps a population of whatever the budget allows; at two steps done, odd trials are replaced by a copy of trial 0, once. */
const replacing: StrategyPlugin = defineStrategy({
  name: 'replacing', version: '1.0.0', description: 'A population with an exploit step.', options: {},
  milestones: () => [2],
  create: ({ space: own, random }) => {
    let created = 0;
    const due = new Set<TrialId>();
    return {
      observe: (event) => {
        if (event.kind === 'created') created++;
        if (event.kind === 'reported' && event.trial < 4 && event.trial % 2 === 1) due.add(event.trial);
        if (event.kind === 'decided' || event.kind === 'ended') due.delete(event.trial);
      },
      suggest: () => ({ params: own.fromUnit(own.dimensions.map(() => random('draw', created).next())), member: created, because: { kind: 'design', detail: 'founder' } }),
      done: () => false,
      decisions: () => [...due].map((trial) => ({ trial, action: 'replace', reason: 'worse than trial 0', by: { params: own.center(), member: trial, because: { kind: 'exploit', donor: 0, change: 'none' } } })),
    };
  },
});

/** Four members; at two steps done, odd ones go on from a checkpoint of trial 0, once, and all others may be made to pause there. */
function population({ pauses = false, checkpoint }: { readonly pauses?: boolean; readonly checkpoint?: string } = {}): StrategyPlugin {
  return defineStrategy({
    name: 'population', version: '1.0.0', description: 'Members, checkpoints and pauses.', options: {}, capabilities: { checkpoints: true },
    milestones: () => ({ interval: 2 }),
    create: ({ space: own }) => {
      const members = new Map<number, { trial: TrialId; state: 'live' | 'paused' | 'vacant' | 'over'; due: boolean; copied: boolean }>();
      let saved: { readonly trial: TrialId; readonly checkpoint: string; readonly done: number } | undefined;
      const place = (trial: TrialId) => [...members.entries()].find(([, member]) => member.trial === trial);
      return {
        observe: (event) => {
          if (event.kind === 'created' && event.own) members.set(event.member!, { trial: event.trial, state: 'live', due: false, copied: event.from !== undefined || members.has(event.member!) });
          const [number, member] = ('trial' in event && place(event.trial)) || [];
          if (!member) return;
          if (event.kind === 'checkpointed' && event.trial === 0 && event.done < 6) saved = { trial: 0, checkpoint: checkpoint ?? event.checkpoint, done: event.done };
          if (event.kind === 'reported' && !member.copied && number! % 2 === 1) member.due = true;
          if (event.kind === 'reported' && pauses && number! % 2 === 0 && event.milestone === 2) member.due = true;
          if (event.kind === 'decided') member.due = false;
          if (event.kind === 'yielded' && event.to === 'paused') member.state = 'paused';
          if (event.kind === 'resumed') member.state = 'live';
          if (event.kind === 'ended') Object.assign(member, { state: event.state === 'failed' || event.state === 'cancelled' ? 'vacant' : 'over', due: false });
        },
        suggest: () => {
          const because = { kind: 'design', detail: 'a member' } as const;
          for (let member = 0; member < 4; member++) {
            const held = members.get(member);
            if (!held || held.state === 'vacant') return { params: own.center(), member, because };
            if (held.state === 'paused') return { resume: held.trial, because };
          }
          return undefined;
        },
        done: () => members.size === 4 && [...members.values()].every(({ state }) => state === 'over'),
        decisions: () => [...members].filter(([, { due }]) => due).flatMap(([member, { trial }]): Decision[] => {
          if (member % 2 === 0) return [{ trial, action: 'pause', reason: 'a pause' }];
          return saved ? [{ trial, action: 'replace', reason: 'a copy', by: { params: own.center(), from: saved, member, because: { kind: 'exploit', donor: 0, change: 'nothing' } } }] : [];
        }),
      };
    },
  });
}

interface Wishes {
  stop?: TrialId | undefined;
  resume?: TrialId | undefined;
}

function stopperThat(fold: (event: TrialEvent, wishes: Wishes) => void): StopperPlugin {
  return {
    ...everyReport,
    create: () => {
      const wishes: Wishes = {};
      return {
        observe: (event) => fold(event, wishes),
        decisions: () => (wishes.stop === undefined ? [] : [{ trial: wishes.stop, action: 'stop', reason: 'as it should' }]),
        resume: () => (wishes.resume === undefined ? undefined : { resume: wishes.resume, because: { kind: 'promotion', detail: '' } }),
      };
    },
  };
}

function failures(stopper: StopperPlugin): string {
  return stopperCases(stopper).flatMap(({ name, run }) => {
    try {
      run();
      return [];
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  }).join('\n');
}
