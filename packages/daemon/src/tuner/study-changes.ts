import type { Budget, StudyRecord, StudyRules } from '@paramo/core';
import { reachedLimit } from './limits.js';
import type { StudyRuntime } from './runtime.js';
import { closeStudy } from './study-end.js';

/** Changes of a study; absent fields stay as they are. */
export interface StudyChanges {
  readonly name?: string;
  readonly budget?: Budget;
  readonly rules?: StudyRules;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state?: StudyRecord['state'];
  readonly reason: string;
}

/** Commits the changes and resolves once they are on disk. `restart` puts the plugins of a reopened study to work. */
export async function changeStudy(runtime: StudyRuntime, { state: wanted, reason, ...changes }: StudyChanges, restart: () => Promise<void>): Promise<void> {
  const { state } = runtime.journal;
  const before = state.record;
  // An open study that is opened again lets the hosts work again that were held back.
  const frees = wanted === 'open' && [...state.hosts.values()].some(({ failures }) => failures > 0);
  const moves = wanted !== undefined && wanted !== 'ended' && before.state !== 'ended' && (wanted !== before.state || frees);
  if (moves || Object.keys(changes).length > 0) void runtime.commit([{ kind: 'study_updated', ...changes, ...(moves && { state: wanted }), reason }]);
  if (wanted === 'ended' && before.state !== 'ended') {
    if (before.state === 'paused') void runtime.commit([{ kind: 'study_updated', state: 'open', reason: 'to be ended' }]);
    if (state.closed?.reason !== 'user') closeStudy(runtime, 'user', reason || 'ended by a person', true);
  }
  // A raised budget opens a study that its budget had ended; anything else is opened by asking for it.
  const raised = before.endReason === 'budget' && changes.budget !== undefined && !reachedLimit(state);
  if (before.state === 'ended' && (wanted === 'open' || raised)) {
    void runtime.commit([{ kind: 'study_opened', reason: reason || 'the budget allows more' }]);
    await restart();
  }
  await runtime.journal.settled();
}
