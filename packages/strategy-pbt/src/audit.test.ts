import { bool, branch, choice, float, int, ordinal, space, type Json, type Params, type Space, type TrialEvent, type TrialId } from '@paramo/core';
import { simulateStudy, type Simulation, type SimulationFaults } from '@paramo/core/testing';
import { describe, expect, test } from 'vitest';
import strategy from './index.js';

const spaces: readonly Space[] = [
  space({ x: float(-1, 1), rate: float(1e-5, 1e-1, { log: true }) }),
  space({ rate: float(1e-4, 1, { log: true, default: 1e-2 }), units: int(8, 64), size: ordinal([16, 32, 64]), kind: choice(['a', 'b']), flag: bool() }).and(branch('model', { none: {}, deep: { layers: int(1, 9) } })),
];

/** What an auditor knows of a member, from the events alone. */
interface Place {
  trial: TrialId;
  value: number | undefined;
  live: boolean;
}

/**
 * Reads the log of a truncation study and checks every replacement: only the worst quantile is replaced, by one of the
 * best; the child starts from a checkpoint of the donor; each param is the donor's × 0.8, × 1.2, or drawn anew. Answers
 * how many there were.
 */
function audit(events: readonly TrialEvent[], where: Space, quantile: number): number {
  const places = new Map<number, Place>();
  const memberOf = new Map<TrialId, number>();
  const params = new Map<TrialId, Params>();
  const checkpoints = new Map<string, { readonly trial: TrialId; readonly done: number }>();
  const ended = new Set<TrialId>();
  const replaced = new Map<TrialId, TrialId>();
  /** Of the present moment: a successor may be what the others at a milestone have waited for, so there can be more than one. */
  let rankings: (readonly Place[])[] = [];
  let replacements = 0;

  const present = (trial: TrialId): Place | undefined => [...places.values()].find((place) => place.trial === trial);
  const rank = (): Place[] => [...places].filter(([, { live, value }]) => live && value !== undefined)
    .sort(([a, { value: u }], [b, { value: v }]) => (Number.isNaN(u) || Number.isNaN(v) ? Number(Number.isNaN(u)) - Number(Number.isNaN(v)) : u! - v!) || a - b)
    .map(([, place]) => ({ ...place }));

  for (const [index, event] of events.entries()) {
    // What follows from a decision of the same moment does not change the ranking that it was made by.
    const isOfBatch = (event.kind === 'decided' && event.by === 'self') || (event.kind === 'created' && events[index - 1]?.kind === 'decided') || (event.kind === 'ended' && replaced.has(event.trial)) || (event.kind === 'yielded' && events[index - 1]?.kind === 'decided');
    if (!isOfBatch) rankings = [];
    if (event.kind === 'decided' && event.by === 'self') {
      rankings.push(rank());
      expect(ended.has(event.trial)).toBe(false);
      if (event.action === 'replace') {
        const child = events[index + 1]!;
        if (child.kind !== 'created') throw new Error('no child');
        expect(child.trial).toBe(event.replacement);
        expect(child.member).toBe(memberOf.get(event.trial));
        const { from } = child;
        expect(rankings.some((ranking) => {
          const size = Math.floor(quantile * ranking.length + 1e-9);
          const has = (part: readonly Place[], wanted: TrialId): boolean => part.some(({ trial }) => trial === wanted);
          return has(ranking.slice(ranking.length - size), event.trial) && has(ranking.slice(0, size), from!.trial);
        })).toBe(true);
        expect(ended.has(from!.trial)).toBe(false);
        expect(checkpoints.get(from!.checkpoint)).toEqual({ trial: from!.trial, done: from!.done });
        expectMutation(params.get(from!.trial)!, child.params, where);
        replaced.set(event.trial, child.trial);
        replacements++;
      }
    }
    if (event.kind === 'created' && event.own) {
      const donor = event.from && present(event.from.trial);
      places.set(event.member!, { trial: event.trial, value: donor?.value, live: true });
      memberOf.set(event.trial, event.member!);
      params.set(event.trial, event.params);
    }
    if (event.kind === 'checkpointed') checkpoints.set(event.checkpoint, { trial: event.trial, done: event.done });
    const place = 'trial' in event ? present(event.trial) : undefined;
    const first = event.kind === 'reported' && events.find((other) => other.kind === 'created' && other.trial === event.trial);
    if (event.kind === 'reported' && place && first && first.kind === 'created' && event.milestone > (first.from?.done ?? 0)) {
      const loss = event.values['loss']!;
      place.value = Number.isFinite(loss) ? loss : NaN;
    }
    if (event.kind === 'ended') {
      ended.add(event.trial);
      if (place) place.live = false;
    }
    if (event.kind === 'decided' && event.action === 'stop' && place) place.live = false;
  }
  return replacements;
}

function expectMutation(parent: Params, child: Params, where: Space): void {
  for (const dimension of where.dimensions) {
    if (!where.isActive(dimension, child)) continue;
    const { name, parameter } = dimension;
    const [before, after] = [parent[name], child[name]];
    if (!where.isActive(dimension, parent) || parameter.kind === 'choice' || parameter.kind === 'bool' || parameter.kind === 'ordinal') continue;
    // Whether it was drawn anew is not to be seen; but what is neither × 0.8 nor × 1.2 was.
    const close = [0.8, 1.2].some((factor) => {
      const product = Math.min(parameter.high, Math.max(parameter.low, (before as number) * factor));
      return after === (parameter.kind === 'int' ? Math.round(product) : product);
    });
    mutations.perturbed += Number(close);
    mutations.fresh += Number(!close);
  }
}

const mutations = { perturbed: 0, fresh: 0 };
const evaluate = (params: Params, done: number): Record<string, number> => ({ loss: ((params['rate'] as number) - 0.01) ** 2 + 1 / done });

function simulate(where: Space, options: Readonly<Record<string, Json>>, workers: number, seed: number, faults: SimulationFaults = {}): Simulation {
  return simulateStudy({ space: where, strategy, strategyOptions: options, workers, seed, steps: 20, budget: { trials: 8 }, faults, evaluate });
}

describe.each([false, true])('synchronous: %s', (synchronous) => {
  describe.each([1, 3, 8])('with %i workers', (workers) => {
    const options = { population: 8, every: 2, synchronous };

    test('only the worst quarter is replaced, by children of the best, from checkpoints of theirs', () => {
      let replacements = 0;
      for (const where of spaces) for (let seed = 0; seed < 8; seed++) replacements += audit(simulate(where, options, workers, seed).strategyEvents, where, 0.25);
      expect(replacements).toBeGreaterThan(40);
    });

    test('without faults every member takes all its steps, founders are all that counts, and nobody is left paused', () => {
      for (let seed = 0; seed < 8; seed++) {
        const { trials, reason, decisions } = simulate(spaces[0]!, options, workers, seed);
        const children = decisions.filter(({ action }) => action === 'replace').length;
        expect(reason).toBe('done');
        expect(trials).toHaveLength(8 + children);
        expect(trials.filter(({ state, done }) => state === 'completed' && done === 20)).toHaveLength(8);
        expect(trials.filter(({ state }) => state === 'stopped')).toHaveLength(children);
      }
    });

    test('deaths, NaN, late workers and rebuilds at any event change none of this', () => {
      let replacements = 0;
      for (let seed = 0; seed < 12; seed++) {
        const where = spaces[seed % 2]!;
        const { trials, reason, strategyEvents } = simulate(where, options, workers, seed, { death: 0.05, nan: 0.1, rebuild: seed < 2 ? 1 : 0.02 });
        replacements += audit(strategyEvents, where, 0.25);
        expect(reason).toBe('done');
        expect(trials.filter(({ state }) => state === 'completed').length).toBe(8);
      }
      expect(replacements).toBeGreaterThan(30);
    });

    test('failures and cancellations are filled again, and never shrink the population; checkpoints may be collected', () => {
      for (let seed = 0; seed < 12; seed++) {
        const { trials, reason } = simulate(spaces[1]!, options, workers, seed, { failure: 0.02, cancel: 0.01, death: 0.02, late: 0.3, collect: 0.5, rebuild: 0.02 });
        expect(reason).toBe('done');
        const members = new Set(trials.filter(({ state }) => state === 'completed').map(({ member }) => member));
        expect(members.size).toBe(8);
      }
    });

    test('a user who enqueues, pauses and cancels does not bring it to a stop', () => {
      for (let seed = 0; seed < 12; seed++) {
        const { trials } = simulate(spaces[0]!, options, workers, seed, { enqueue: 0.02, pause: 0.05, cancel: 0.01, raise: 0.5 });
        const last = new Map(trials.filter(({ own }) => own).map((trial) => [trial.member, trial]));
        for (const { state } of last.values()) expect(['completed', 'failed', 'cancelled']).toContain(state);
      }
    });
  });
});

test('synchronous, the members fare the same with any number of workers', () => {
  const fates = (workers: number): unknown => {
    const { trials } = simulate(spaces[0]!, { population: 8, every: 2, synchronous: true }, workers, 5);
    return trials.filter(({ state }) => state === 'completed').map(({ params, member }) => ({ params, member })).sort((a, b) => a.member! - b.member!);
  };
  expect(fates(3)).toEqual(fates(1));
  expect(fates(8)).toEqual(fates(1));
});

test('with one worker members advance side by side: none is more than two intervals ahead of another', () => {
  const { strategyEvents } = simulate(spaces[0]!, { population: 8, every: 2 }, 1, 3);
  const done = new Map<number, number>();
  const memberOf = new Map<TrialId, number>();
  for (const event of strategyEvents) {
    if (event.kind === 'created') memberOf.set(event.trial, event.member!);
    if (event.kind === 'created') done.set(event.member!, event.from?.done ?? 0);
    if (event.kind !== 'reported') continue;
    done.set(memberOf.get(event.trial)!, event.done);
    if (done.size === 8) expect(Math.max(...done.values()) - Math.min(...done.values())).toBeLessThanOrEqual(4);
  }
  expect(done.size).toBe(8);
});

test('about a quarter of the params are drawn anew', () => {
  const { perturbed, fresh } = mutations;
  expect(fresh / (perturbed + fresh)).toBeGreaterThan(0.2);
  expect(fresh / (perturbed + fresh)).toBeLessThan(0.3);
});
