import type { Decision, LogEntry, NewTrial, Origin, Resumption } from '@paramo/core';
import { stoppedEntry } from './leases.js';
import { takesSuccessors } from './limits.js';
import { findKept } from './retention.js';
import type { StudyRuntime } from './runtime.js';
import { trialSeed, type StudyState } from './study-state.js';

/** The log entry of a suggestion. */
function createdEntry(runtime: StudyRuntime, suggestion: NewTrial, seen: number): LogEntry & { kind: 'trial_created' } {
  const { state } = runtime.journal;
  const trial = state.nextTrial;
  const { params, because, from, fidelity, seed, member, memo } = suggestion;
  return {
    kind: 'trial_created', trial, by: 'strategy', params, revision: state.record.revision, seen, because, seed: seed ?? trialSeed(state.record.spec.seed, trial),
    ...(from && { from }), ...(fidelity && { fidelity }), ...(member === undefined ? {} : { member }), ...(memo === undefined ? {} : { memo }),
  };
}

/** Whether the checkpoint a new trial is to start from is there; one that ceased to be kept meanwhile makes the suggestion void. */
function canStart(state: StudyState, { from }: NewTrial): boolean {
  return from === undefined || findKept(state, from) !== undefined;
}

/** Commits a suggestion: the trial waits. Nothing happens where its checkpoint is not there any more, or the budget has no room for it. */
export function commitSuggestion(runtime: StudyRuntime, suggestion: NewTrial, seen: number): void {
  const { state } = runtime.journal;
  if (canStart(state, suggestion) && hasRoom(state, suggestion)) void runtime.commit([createdEntry(runtime, suggestion, seen)]);
}

/** A new trial needs a unit of the budget, unless it fills a place again that a trial had held before. */
function hasRoom(state: StudyState, { member }: NewTrial): boolean {
  if (member !== undefined && state.members.has(member)) return takesSuccessors(state) && ![...state.live.values()].some(({ record }) => record.member === member && !record.retracted);
  const { trials } = state.record.spec.budget;
  return !state.closed && (trials === undefined || state.committedTrials < trials);
}

/** Commits what is still true of the decisions; one about a trial that has moved on is void. */
export function commitDecisions(runtime: StudyRuntime, decisions: readonly Decision[], by: Origin, seen: number): void {
  for (const decision of decisions) decide(runtime, decision, by, seen);
}

/** Commits one decision about a live trial. Returns whether there was anything to decide. */
export function decide(runtime: StudyRuntime, decision: Decision, by: Origin, seen: number): boolean {
  const { state } = runtime.journal;
  const live = state.live.get(decision.trial);
  if (!live || live.standing?.action === 'stop') return false;
  const { trial, reason } = decision;
  const { record } = live;
  if (decision.action === 'pause' && (live.standing || record.state === 'paused')) return false;
  const entries: LogEntry[] = [];
  if (decision.action === 'replace') {
    if (!takesSuccessors(state) || !canStart(state, decision.by)) return false;
    const created = createdEntry(runtime, decision.by, seen);
    entries.push({ kind: 'trial_decided', trial, action: 'replace', by, reason, seen, replacement: created.trial }, created);
  } else {
    entries.push({ kind: 'trial_decided', trial, action: decision.action, by, reason, seen });
  }
  // Without a worker the decision is carried out on the spot.
  if (record.state !== 'running') {
    if (decision.action === 'pause') entries.push({ kind: 'trial_yielded', trial, attempt: record.attempt, to: 'paused', why: 'paused', done: record.done, reason });
    else entries.push(stoppedEntry(runtime, record, record.attempt, reason));
  }
  void runtime.commit(entries);
  return true;
}

/** Commits that a paused trial goes on, when whoever paused it says so. Returns whether it does. */
export function commitResumption(runtime: StudyRuntime, { resume: trial, because }: Resumption, by: Origin, seen: number): boolean {
  const live = runtime.journal.state.live.get(trial);
  if (live?.record.state !== 'paused' || live.pausedBy !== by) return false;
  void runtime.commit([{ kind: 'trial_resumed', trial, by, because, seen }]);
  return true;
}
