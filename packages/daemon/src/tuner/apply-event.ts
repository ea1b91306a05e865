import type { LogEvent, OverRun, TerminalState, TrialCreated, TrialEnded, TrialId, TrialRecord, TrialState, Worker } from '@paramo/core';
import { isLostRun } from './lost-run.js';
import { isBetterTrial } from './ranking.js';
import { dropAll, keepByRules, keepCheckpoint, pin, unpin } from './retention.js';
import type { HostTally, LiveTrial, StudyState } from './study-state.js';

/** A trial's record before and after an event; `before` is absent when the event created it. */
export interface TrialChange {
  readonly before: TrialRecord | undefined;
  readonly after: TrialRecord;
}

/** Trials that are over, as far as retractions, notes and runs that go on need them. */
export interface PastTrials {
  trial(trial: TrialId): TrialRecord | undefined;
  /** The best trial that is over and not retracted. */
  best(): TrialRecord | undefined;
}

/**
 * Folds one event in and tells which trial it changed. Without `past` a retraction of a trial that is over, or a note about it, changes no
 * record, and leaves open who leads then.
 */
export function applyEvent(state: StudyState, event: LogEvent, past?: PastTrials): TrialChange | undefined {
  // One copy an event, which the fold may then change: readers keep the records they were given.
  const { counts, spent } = state.record;
  state.record = { ...state.record, position: event.position, updatedMs: event.wallMs, counts: { ...counts }, spent: { ...spent } };
  switch (event.kind) {
    case 'study_created':
      state.record = { ...state.record, spec: event.spec, createdMs: event.wallMs };
      return undefined;
    case 'study_updated': {
      const { name, budget, rules, labels } = event;
      const spec = { ...state.record.spec, ...(name === undefined ? {} : { name }), ...(budget && { budget }), ...(rules && { rules }), ...(labels && { labels }) };
      if (event.state === 'open') forgive(state);
      state.record = { ...state.record, spec, ...(event.state && { state: event.state, endDetail: event.state === 'paused' ? (event.reason ?? '') : '' }) };
      if (rules) keepByRules(state);
      return undefined;
    }
    case 'study_revised': {
      const { name, budget, rules, seed, labels, attributes } = state.record.spec;
      state.record = { ...state.record, revision: event.revision, spec: { name, budget, rules, seed, labels, attributes, ...event.plan } };
      return undefined;
    }
    case 'era_opened':
      state.record = { ...state.record, era: event.era };
      state.era = {
        era: event.era, position: event.position, revision: event.revision, space: state.record.spec.space, trials: state.record.spec.budget.trials,
        steps: state.record.spec.steps, objectives: state.record.spec.objectives,
        references: { strategy: state.record.spec.strategy, stopper: state.record.spec.stopper }, strategy: event.strategy, stopper: event.stopper, retracted: new Set(state.retracted),
      };
      return undefined;
    case 'trial_created':
      return create(state, event);
    case 'trial_started':
      return change(state, event.trial, (live) => {
        const first = live.record.attempt === 0;
        if (first && !live.successor) spend(state, { trials: 1 });
        const reattached = live.record.attempt === event.attempt && live.lost;
        live.startedAt = event.done;
        if (live.record.member !== undefined) state.members.add(live.record.member);
        live.lost = false;
        const host = tally(state, event.worker);
        if (host) {
          host.running++;
          if (reattached && host.failures > 0) host.failures--;
        }
        return { state: 'running', attempt: event.attempt, worker: event.worker, startedMs: first ? event.wallMs : live.record.startedMs, lost: live.record.lost - (reattached ? 1 : 0) };
      });
    case 'trial_reported':
      return change(state, event.trial, (live) => {
        live.reportedDone = Math.max(live.reportedDone, event.done);
        return progress(state, live, event.done);
      });
    case 'trial_checkpointed':
      keepCheckpoint(state, event);
      return change(state, event.trial, (live) => {
        // From here on the trial goes on from its own.
        release(state, live);
        return { ...progress(state, live, event.done), checkpoint: { trial: event.trial, checkpoint: event.checkpoint, done: event.done } };
      });
    case 'trial_decided':
      return decide(state, event);
    case 'trial_yielded':
      return change(state, event.trial, (live) => {
        live.queue = 'requeued';
        live.lost = event.why === 'lost';
        if (event.to === 'paused') {
          live.pausedBy = live.standing?.by ?? 'user';
          delete live.standing;
        }
        const tried = event.why === 'lost' || event.why === 'failed';
        const host = tally(state, live.record.worker);
        if (host) {
          host.running--;
          if (tried) host.failures++;
        }
        return { ...progress(state, live, event.done), state: event.to, reason: event.reason, lost: live.record.lost + (tried ? 1 : 0) };
      });
    case 'trial_resumed':
      if (event.over) return revive(state, event.over, past);
      return change(state, event.trial, (live) => {
        // Its worker has not carried the pause out yet: it just goes on.
        if (live.record.state === 'running') {
          delete live.standing;
          return {};
        }
        live.queue = 'resumed';
        delete live.pausedBy;
        return { state: 'waiting', reason: '' };
      });
    case 'trial_ended':
      return end(state, event);
    case 'trial_retracted': {
      state.retracted.add(event.trial);
      if (state.live.has(event.trial)) return change(state, event.trial, () => ({ retracted: true }));
      const lost = state.lostRuns.get(event.trial);
      if (lost) state.lostRuns.set(event.trial, { ...lost, retracted: true });
      if (state.record.bestTrial === event.trial) lead(state, past?.best());
      const before = past?.trial(event.trial);
      return before && { before, after: { ...before, retracted: true } };
    }
    case 'trial_updated': {
      const annotate = (trial: TrialRecord): TrialRecord => ({ ...trial, attributes: changed(trial.attributes, event.attributes) });
      if (state.live.has(event.trial)) return change(state, event.trial, (live) => annotate(live.record));
      const lost = state.lostRuns.get(event.trial);
      if (lost) state.lostRuns.set(event.trial, annotate(lost));
      const before = past?.trial(event.trial);
      return before && { before, after: annotate(before) };
    }
    case 'study_closed':
      state.closed = { reason: event.reason, detail: event.detail };
      return undefined;
    case 'study_opened': {
      state.closed = undefined;
      const { endReason: _, ...record } = state.record;
      state.record = { ...record, state: 'open', endDetail: '', errorCode: '' };
      forgive(state);
      return undefined;
    }
    case 'study_ended':
      state.record = { ...state.record, state: 'ended', endReason: event.reason, endDetail: event.detail, errorCode: event.error?.code ?? '' };
      return undefined;
    case 'trial_deleted':
      dropAll(state, event.trial);
      return undefined;
    case 'steps_granted':
    case 'phase_started':
    case 'unknown':
      return undefined;
  }
}

function create(state: StudyState, event: LogEvent & TrialCreated): TrialChange {
  // Field by field: a rest of so many costs more than all else here, and a log may hold a million.
  const { wallMs, trial, attributes, by, params, revision, because, fidelity, from, seed, member, phase, retryOf } = event;
  const promised = state.successors.delete(trial);
  const successor = promised || (member !== undefined && state.members.has(member));
  const after: TrialRecord = {
    studyId: state.studyId, number: trial, state: 'waiting', by, params, revision, because, attributes: attributes ?? {}, attempt: 0, done: from?.done ?? 0, values: {}, metrics: {},
    reason: '', lost: 0, createdMs: wallMs, startedMs: 0, endedMs: 0, retracted: false,
    ...(fidelity && { fidelity }), ...(from && { from }), ...(seed === undefined ? {} : { seed }), ...(member === undefined ? {} : { member }),
    ...(phase === undefined ? {} : { phase }), ...(retryOf === undefined ? {} : { retryOf }),
  };
  state.nextTrial = Math.max(state.nextTrial, trial + 1);
  if (!successor) state.committedTrials++;
  const live: LiveTrial = { record: after, queue: event.by === 'user' ? 'enqueued' : 'prepared', startedAt: 0, lost: false, successor, reportedDone: 0, pins: from !== undefined && pin(state, from) };
  state.live.set(trial, live);
  state.queues[live.queue].set(trial, live);
  count(state, undefined, 'waiting');
  return { before: undefined, after };
}

/** Lets a tracked run that was over wait to go on. */
function revive(state: StudyState, { trial: over, from }: OverRun, past: PastTrials | undefined): TrialChange {
  const after: TrialRecord = { ...withoutEnd(over), state: 'waiting', reason: '', endedMs: 0 };
  const live: LiveTrial = { record: after, queue: 'resumed', startedAt: from, lost: false, successor: false, reportedDone: over.done, pins: false };
  state.lostRuns.delete(over.number);
  state.live.set(over.number, live);
  state.queues.resumed.set(over.number, live);
  count(state, over.state, 'waiting');
  if (state.record.bestTrial === over.number) lead(state, past?.best());
  return { before: over, after };
}

/** Attributes after a change: those it names are replaced, those that are null removed. */
function changed(attributes: TrialRecord['attributes'], change: TrialRecord['attributes']): TrialRecord['attributes'] {
  return Object.fromEntries(Object.entries({ ...attributes, ...change }).filter(([, value]) => value !== null));
}

function change(state: StudyState, trial: TrialId, edit: (live: LiveTrial) => Partial<TrialRecord>): TrialChange | undefined {
  const live = state.live.get(trial);
  if (!live) return undefined;
  const before = live.record;
  if (before.state === 'waiting') state.queues[live.queue].delete(trial);
  const after = { ...before, ...edit(live) };
  live.record = after;
  if (after.state === 'waiting') state.queues[live.queue].set(trial, live);
  count(state, before.state, after.state);
  return { before, after };
}

function decide(state: StudyState, event: LogEvent & { kind: 'trial_decided' }): undefined {
  if (event.replacement !== undefined) state.successors.add(event.replacement);
  const live = state.live.get(event.trial);
  if (!live || live.standing?.action === 'stop') return undefined;
  live.standing = { action: event.action === 'pause' ? 'pause' : 'stop', reason: event.reason, by: event.by };
  return undefined;
}

function end(state: StudyState, event: LogEvent & TrialEnded): TrialChange | undefined {
  const live = state.live.get(event.trial);
  const before = live?.record ?? state.lostRuns.get(event.trial);
  if (!before) return undefined;
  // Only a lost run that ends anew had an end before.
  const base = live ? before : withoutEnd(before);
  const after: TrialRecord = {
    ...base, state: event.state, done: Math.max(before.done, event.done), values: event.values, metrics: event.metrics, reason: event.reason, endedMs: event.wallMs,
    ...(event.value === undefined ? {} : { value: event.value }), ...(event.at === undefined ? {} : { at: event.at }), ...(event.error && { error: event.error }),
  };
  spend(state, { steps: after.done - before.done });
  count(state, before.state, after.state);
  if (live && before.state === 'waiting') state.queues[live.queue].delete(event.trial);
  state.live.delete(event.trial);
  if (live) release(state, live);
  if (isLostRun(after)) state.lostRuns.set(event.trial, after);
  else state.lostRuns.delete(event.trial);
  // A trial voided before it ever started gives its unit of the budget back.
  if (live && before.attempt === 0 && !live.successor) state.committedTrials--;
  if (live) creditHost(state, before, event.state);
  // Imported trials never ran here.
  if (before.attempt > 0 && event.state === 'failed') state.failuresInARow++;
  else if (before.attempt > 0 && event.state !== 'cancelled') state.failuresInARow = 0;
  if (isBetterTrial(after, state.record)) lead(state, after);
  return { before, after };
}

/** A person has had a look: what failed so far is held against nobody any more. */
function forgive(state: StudyState): void {
  state.failuresInARow = 0;
  for (const host of state.hosts.values()) host.failures = 0;
}

function tally({ hosts }: StudyState, worker: Worker | undefined): HostTally | undefined {
  if (!worker || worker.host === '') return undefined;
  const known = hosts.get(worker.host);
  if (known) return known;
  const host: HostTally = { failures: 0, running: 0, proven: false };
  hosts.set(worker.host, host);
  return host;
}

/** The end of a trial, as its last host has to answer for it. */
function creditHost(state: StudyState, before: TrialRecord, ended: TerminalState): void {
  const host = tally(state, before.worker);
  if (!host) return;
  if (before.state === 'running') host.running--;
  if (ended === 'completed' || ended === 'stopped') {
    // Stopped while it waited says nothing of its host.
    if (ended === 'stopped' && before.state !== 'running') return;
    host.failures = 0;
    host.proven = true;
  } else if (ended === 'failed' && before.state === 'running') host.failures++;
}

/** Lets go of the checkpoint the trial was to start from. */
function release(state: StudyState, live: LiveTrial): void {
  if (live.pins) unpin(state, live.record.from!);
  live.pins = false;
}

function withoutEnd({ value: _value, at: _at, error: _error, ...trial }: TrialRecord): TrialRecord {
  return trial;
}

/** Makes a trial the study's best, or nobody. */
export function lead(state: StudyState, trial: TrialRecord | undefined): void {
  if (trial?.value !== undefined) {
    state.record = { ...state.record, bestTrial: trial.number, bestValue: trial.value };
    return;
  }
  const { bestTrial: _trial, bestValue: _value, ...record } = state.record;
  state.record = record;
}

function progress(state: StudyState, live: LiveTrial, done: number): Partial<TrialRecord> {
  if (done <= live.record.done) return {};
  spend(state, { steps: done - live.record.done });
  return { done };
}

function spend(state: StudyState, more: { readonly trials?: number; readonly steps?: number }): void {
  const spent: { trials: number; steps: number } = state.record.spent;
  spent.trials += more.trials ?? 0;
  spent.steps += more.steps ?? 0;
}

function count(state: StudyState, before: TrialState | undefined, after: TrialState): void {
  const counts: Record<TrialState, number> = state.record.counts;
  if (before) counts[before]--;
  counts[after]++;
}
