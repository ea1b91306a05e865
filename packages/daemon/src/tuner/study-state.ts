import {
  createRandom,
  type LogEvent, type Objective, type Origin, type PluginReference, type SpaceSpec, type StudyRecord, type StudySpec, type TrialCreated, type TrialEnded, type TrialId, type TrialRecord, type TrialState,
} from '@paramo/core';
import { isBetterTrial } from './ranking.js';

/** Why a waiting trial waits; the smaller one is served first (DESIGN §3.9). */
export const queueClass = { requeued: 0, enqueued: 1, resumed: 2, prepared: 3 } as const;

/** A trial that is not over, with what the fold must remember of it beside its record. */
export interface LiveTrial {
  record: TrialRecord;
  queue: number;
  /** Log position at which it joined its queue. */
  queuedAt: number;
  /** A committed stop or pause that its worker has not carried out yet; survives a lost attempt. */
  standing?: { readonly action: 'stop' | 'pause'; readonly reason: string; readonly by: Origin };
  /** Where the newest attempt began, in steps done. */
  startedAt: number;
  /** The newest attempt's lease ran out; its worker may still come back. */
  lost: boolean;
  /** Who paused it; only they or a person resume it. */
  pausedBy?: Origin;
  /** Took the place of a replaced trial: does not count for `budget.trials`. */
  readonly successor: boolean;
  /** Done-count of the newest report that reached the study log. */
  reportedDone: number;
}

/** What the plugins of the present era were told at its beginning; constant while it lasts. */
export interface EraContext {
  readonly era: number;
  readonly position: number;
  readonly revision: number;
  readonly space: SpaceSpec | undefined;
  readonly trials: number | undefined;
  readonly steps: number | undefined;
  readonly objectives: readonly Objective[];
  /** How the study names its plugins. */
  readonly references: { readonly strategy: PluginReference | undefined; readonly stopper: PluginReference | undefined };
  readonly strategy: { readonly package: string; readonly version: string } | undefined;
  readonly stopper: { readonly package: string; readonly version: string } | undefined;
  /** Trials taken back before it began: absent from its view. */
  readonly retracted: ReadonlySet<TrialId>;
}

/** A study as the fold of its log. Only `applyEvent` changes it. */
export interface StudyState {
  readonly studyId: string;
  record: StudyRecord;
  /** Trials that are not over, by number. */
  readonly live: Map<TrialId, LiveTrial>;
  nextTrial: number;
  /** New trials that were or will be started: those created, less the voided ones and successors. */
  committedTrials: number;
  closed: { readonly reason: NonNullable<StudyRecord['endReason']>; readonly detail: string } | undefined;
  failuresInARow: number;
  readonly retracted: Set<TrialId>;
  /** Numbers that a `replace` has promised and that are created next. */
  readonly successors: Set<TrialId>;
  era: EraContext | undefined;
}

/** The state before the first event. */
export function createStudyState(studyId: string): StudyState {
  return {
    studyId,
    record: {
      studyId, spec: emptySpec, revision: 1, era: 0, state: 'open', endDetail: '', errorCode: '', position: 0,
      counts: { waiting: 0, running: 0, paused: 0, completed: 0, stopped: 0, failed: 0, cancelled: 0 },
      spent: { trials: 0, steps: 0, wallMs: 0, cost: 0 }, createdMs: 0, updatedMs: 0,
    },
    live: new Map(), nextTrial: 0, committedTrials: 0, closed: undefined, failuresInARow: 0, retracted: new Set(), successors: new Set(), era: undefined,
  };
}

const emptySpec: StudySpec = {
  name: '', objectives: [], budget: {}, rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000 }, seed: 0, labels: {}, attributes: {},
};

/** A trial's record before and after an event; `before` is absent when the event created it. */
export interface TrialChange {
  readonly before: TrialRecord | undefined;
  readonly after: TrialRecord;
}

/** The seed a trial gets when nobody asked for one. */
export function trialSeed(studySeed: number, trial: TrialId): number {
  return createRandom(studySeed, 'trial seed', trial).uint32();
}

/** Trials that are over already, which few events still touch: a lost tracked run that completes late, a retraction. */
export interface PastTrials {
  trial(trial: TrialId): TrialRecord | undefined;
  /** The best trial but for this one. */
  bestExcept(trial: TrialId): TrialRecord | undefined;
}

/** Folds one event in and tells which trial it changed. */
export function applyEvent(state: StudyState, event: LogEvent, past?: PastTrials): TrialChange | undefined {
  state.record = { ...state.record, position: event.position, updatedMs: event.wallMs };
  switch (event.kind) {
    case 'study_created':
      state.record = { ...state.record, spec: event.spec, createdMs: event.wallMs };
      return undefined;
    case 'study_updated': {
      const { name, budget, rules, labels } = event;
      const spec = { ...state.record.spec, ...(name === undefined ? {} : { name }), ...(budget && { budget }), ...(rules && { rules }), ...(labels && { labels }) };
      state.record = { ...state.record, spec, ...(event.state && { state: event.state, endDetail: event.state === 'paused' ? (event.reason ?? '') : '' }) };
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
        live.lost = false;
        return { state: 'running', attempt: event.attempt, worker: event.worker, startedMs: first ? event.wallMs : live.record.startedMs, lost: live.record.lost - (reattached ? 1 : 0) };
      });
    case 'trial_reported':
      return change(state, event.trial, (live) => {
        live.reportedDone = Math.max(live.reportedDone, event.done);
        return progress(state, live, event.done);
      });
    case 'trial_checkpointed':
      return change(state, event.trial, (live) => ({
        ...progress(state, live, event.done), checkpoint: { trial: event.trial, checkpoint: event.checkpoint, done: event.done },
      }));
    case 'trial_decided':
      return decide(state, event);
    case 'trial_yielded':
      return change(state, event.trial, (live) => {
        live.queue = queueClass.requeued;
        live.queuedAt = event.position;
        live.lost = event.why === 'lost';
        if (event.to === 'paused') {
          live.pausedBy = live.standing?.by ?? 'user';
          delete live.standing;
        }
        const tried = event.why === 'lost' || event.why === 'failed';
        return { ...progress(state, live, event.done), state: event.to, reason: event.reason, lost: live.record.lost + (tried ? 1 : 0) };
      });
    case 'trial_resumed':
      return change(state, event.trial, (live) => {
        live.queue = queueClass.resumed;
        live.queuedAt = event.position;
        delete live.pausedBy;
        return { state: 'waiting', reason: '' };
      });
    case 'trial_ended':
      return end(state, event, past);
    case 'trial_retracted': {
      state.retracted.add(event.trial);
      if (state.live.has(event.trial)) return change(state, event.trial, () => ({ retracted: true }));
      if (state.record.bestTrial === event.trial) lead(state, past?.bestExcept(event.trial));
      const before = past?.trial(event.trial);
      return before && { before, after: { ...before, retracted: true } };
    }
    case 'study_closed':
      state.closed = { reason: event.reason, detail: event.detail };
      return undefined;
    case 'study_opened': {
      state.closed = undefined;
      const { endReason: _, ...record } = state.record;
      state.record = { ...record, state: 'open', endDetail: '', errorCode: '' };
      state.failuresInARow = 0;
      return undefined;
    }
    case 'study_ended':
      state.record = { ...state.record, state: 'ended', endReason: event.reason, endDetail: event.detail, errorCode: event.error?.code ?? '' };
      return undefined;
    case 'steps_granted':
    case 'trial_deleted':
    case 'phase_started':
    case 'unknown':
      return undefined;
  }
}

function create(state: StudyState, event: LogEvent & TrialCreated): TrialChange {
  const { kind: _kind, position, wallMs, trial, seen: _seen, memo: _memo, attributes, ...given } = event;
  const successor = state.successors.delete(trial);
  const after: TrialRecord = {
    ...given, studyId: state.studyId, number: trial, state: 'waiting', attributes: attributes ?? {}, attempt: 0, done: event.from?.done ?? 0, values: {}, metrics: {},
    reason: '', lost: 0, createdMs: wallMs, startedMs: 0, endedMs: 0, retracted: false,
  };
  state.nextTrial = Math.max(state.nextTrial, trial + 1);
  if (!successor) state.committedTrials++;
  state.live.set(trial, {
    record: after, queue: event.by === 'user' ? queueClass.enqueued : queueClass.prepared, queuedAt: position, startedAt: 0, lost: false, successor, reportedDone: 0,
  });
  count(state, undefined, 'waiting');
  return { before: undefined, after };
}

function change(state: StudyState, trial: TrialId, edit: (live: LiveTrial) => Partial<TrialRecord>): TrialChange | undefined {
  const live = state.live.get(trial);
  if (!live) return undefined;
  const before = live.record;
  const after = { ...before, ...edit(live) };
  live.record = after;
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

function end(state: StudyState, event: LogEvent & TrialEnded, past?: PastTrials): TrialChange | undefined {
  const live = state.live.get(event.trial);
  const before = live?.record ?? past?.trial(event.trial);
  if (!before) return undefined;
  const { value: _v, at: _a, error: _e, ...base } = before;
  const after: TrialRecord = {
    ...base, state: event.state, done: Math.max(before.done, event.done), values: event.values, metrics: event.metrics, reason: event.reason, endedMs: event.wallMs,
    ...(event.value === undefined ? {} : { value: event.value }), ...(event.at === undefined ? {} : { at: event.at }), ...(event.error && { error: event.error }),
  };
  spend(state, { steps: after.done - before.done });
  count(state, before.state, after.state);
  state.live.delete(event.trial);
  // A trial voided before it ever started gives its unit of the budget back.
  if (live && before.attempt === 0 && !live.successor) state.committedTrials--;
  // Imported trials never ran here.
  if (before.attempt > 0 && event.state === 'failed') state.failuresInARow++;
  else if (before.attempt > 0 && event.state !== 'cancelled') state.failuresInARow = 0;
  if (isBetterTrial(after, state.record)) lead(state, after);
  return { before, after };
}

function lead(state: StudyState, trial: TrialRecord | undefined): void {
  const { bestTrial: _trial, bestValue: _value, ...record } = state.record;
  state.record = trial?.value === undefined ? record : { ...record, bestTrial: trial.number, bestValue: trial.value };
}

function progress(state: StudyState, live: LiveTrial, done: number): Partial<TrialRecord> {
  if (done <= live.record.done) return {};
  spend(state, { steps: done - live.record.done });
  return { done };
}

function spend(state: StudyState, more: { readonly trials?: number; readonly steps?: number }): void {
  const { spent } = state.record;
  state.record = { ...state.record, spent: { ...spent, trials: spent.trials + (more.trials ?? 0), steps: spent.steps + (more.steps ?? 0) } };
}

function count(state: StudyState, before: TrialState | undefined, after: TrialState): void {
  if (before === after) return;
  const counts = { ...state.record.counts };
  if (before) counts[before]--;
  counts[after]++;
  state.record = { ...state.record, counts };
}
