import type { Params, TrialEvent, TrialId } from '@paramo/core';

/** What is known of one configuration, for a model of values to be minimised. */
export interface KnownPoint {
  readonly params: Params;
  readonly value: number;
}

/** The results so far and the trials that still owe theirs. A fold of the trials' events. */
export interface TrialResults {
  observe(event: TrialEvent): void;
  /**
   * Every configuration with something to learn from, by trial; empty until some trial brought a value. Completed trials
   * count with their value. One that failed, or completed without a finite value, counts as the worst value of any. A
   * stopped one counts with its last value, but never as better than the median of the completed ones: what it would have
   * come to nobody knows, and it was stopped for lagging behind. Cancelled trials say nothing.
   */
  known(): readonly KnownPoint[];
  /** The configurations of trials that have not ended, paused ones included, by trial. */
  pending(): readonly Params[];
}

interface Ended {
  readonly params: Params;
  readonly state: 'completed' | 'stopped' | 'failed';
  readonly value: number | undefined;
}

/** No results yet. `sign` is 1 when less is better, −1 when more is. */
export function createTrialResults(sign: 1 | -1): TrialResults {
  const open = new Map<TrialId, Params>();
  const ended = new Map<TrialId, Ended>();
  const inOrder = <T>(map: ReadonlyMap<TrialId, T>): T[] => [...map].sort(([a], [b]) => a - b).map(([, entry]) => entry);

  return {
    observe: (event) => {
      if (event.kind === 'created') open.set(event.trial, event.params);
      if (event.kind !== 'ended') return;
      const params = open.get(event.trial);
      open.delete(event.trial);
      const { trial, state, value } = event;
      if (params && state !== 'cancelled') ended.set(trial, { params, state, value: value !== undefined && Number.isFinite(value) ? sign * value : undefined });
    },
    known: () => {
      const all = inOrder(ended);
      const valuesOf = (state: Ended['state']): number[] => all.flatMap((trial) => (trial.state === state && trial.value !== undefined ? [trial.value] : [])).sort((a, b) => a - b);
      const completed = valuesOf('completed');
      const worst = Math.max(...completed.slice(-1), ...valuesOf('stopped').slice(-1));
      if (worst === -Infinity) return [];
      const median = completed[Math.floor(completed.length / 2)] ?? -Infinity;
      return all.flatMap(({ params, state, value }) => {
        if (value === undefined) return state === 'stopped' ? [] : [{ params, value: worst }];
        return [{ params, value: state === 'stopped' ? Math.max(value, median) : value }];
      });
    },
    pending: () => inOrder(open),
  };
}
