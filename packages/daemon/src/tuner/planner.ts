import { isResumption, ParamoError, type Decision, type EndReason, type LogEntry, type NewTrial, type Origin, type Resumption } from '@paramo/core';
import type { PluginHost, PluginSession } from '../host/host.js';
import { stoppedEntry } from './leases.js';
import { openEra, type EraRenewal, type EraSessions } from './era.js';
import { reachedLimit } from './limits.js';
import type { StudyRuntime } from './runtime.js';
import { trialSeed } from './study-state.js';

/** Keeps a study moving: asks its plugins, commits what they say, and ends the study when nothing more can come. */
export interface Planner {
  /** Resolves once the plugins of the present era are at work; rejects never: a plugin that cannot start ends the study. */
  readonly ready: Promise<void>;
  /** Looks at the log again soon. Cheap; call it after every change. */
  wake(): void;
  /** Starts the plugins afresh: in a new era where a renewal (a revision, a retraction) asks for one. */
  restart(renewal?: EraRenewal): Promise<void>;
  close(): Promise<void>;
}

/** What a planner needs beside the runtime. */
export interface PlannerOptions {
  readonly runtime: StudyRuntime;
  readonly host: PluginHost;
  /** How many workers wait for a trial. */
  readonly waiting: () => number;
}

/** Starts planning a study. */
export function openPlanner({ runtime, host, waiting }: PlannerOptions): Planner {
  const { journal } = runtime;
  let sessions: EraSessions | undefined;
  let running: Promise<void> | undefined;
  let dirty = false;
  let closed = false;

  async function open(renewal?: EraRenewal): Promise<void> {
    try {
      sessions = await openEra(runtime, host, renewal);
      runtime.milestones = sessions.milestones;
    } catch (error) {
      failStudy(runtime, ParamoError.from(error));
    }
  }

  function wake(): void {
    dirty = true;
    if (running || closed) return;
    running = Promise.resolve()
      .then(pump)
      .catch((error: unknown) => {
        if (!closed) failStudy(runtime, ParamoError.from(error));
      })
      .finally(() => {
        running = undefined;
        if (dirty && !closed && journal.state.record.state !== 'ended') wake();
      });
  }

  async function pump(): Promise<void> {
    await planner.ready;
    while (dirty && !closed) {
      dirty = false;
      if (await round()) dirty = true;
    }
  }

  /** One look at the log's head. True when something was committed, so that another look is due. */
  async function round(): Promise<boolean> {
    const { state } = journal;
    if (state.record.state === 'ended' || !sessions) return false;
    const before = state.record.position;
    if (enforceLimits(runtime)) return true;
    const { strategy, stopper } = sessions;
    if (!strategy) return false;

    const wanted = wantsTrial();
    let resume: Resumption | undefined;
    if (stopper) {
      const answer = await stopper.ask(state.record.position, { suggestion: false });
      if (closed) return false;
      commitDecisions(runtime, answer.decisions, 'stopper', answer.position);
      resume = answer.resume;
      if (resume && commitResumption(runtime, resume, 'stopper', answer.position)) return true;
    }
    const finishing = nothingMoves();
    let done = false;
    if (wanted || finishing || decides(strategy)) {
      const answer = await strategy.ask(state.record.position, { suggestion: wanted || finishing });
      if (closed) return false;
      commitDecisions(runtime, answer.decisions, 'strategy', answer.position);
      const { suggestion } = answer;
      done = answer.done;
      if (suggestion && isResumption(suggestion)) commitResumption(runtime, suggestion, 'strategy', answer.position);
      else if (suggestion && wantsTrial()) void runtime.commit([createdEntry(runtime, suggestion, answer.position)]);
    }
    tellDecided(before);
    if (state.record.position !== before) return true;
    return finishing && nothingMoves() && finish(runtime, done);
  }

  /** Whether a trial more should be prepared: as many as workers wait, one at least, within the budget. */
  function wantsTrial(): boolean {
    const { state } = journal;
    if (state.closed || state.record.state !== 'open') return false;
    const { trials } = state.record.spec.budget;
    if (trials !== undefined && state.committedTrials >= trials) return false;
    return state.record.counts.waiting < Math.max(1, waiting());
  }

  function nothingMoves(): boolean {
    const { counts, state } = journal.state.record;
    return state === 'open' && counts.waiting === 0 && counts.running === 0;
  }

  function tellDecided(position: number): void {
    for (const attempt of runtime.attempts.values()) {
      if (attempt.decided(position)) runtime.bus.publish(attempt.worker.process, attempt.update(0));
    }
  }

  const planner: Planner = {
    ready: open(),
    wake,
    async restart(renewal) {
      await planner.ready;
      const old = sessions;
      // Without sessions nothing more is asked; an answer under way is still of the old era and commits in it.
      sessions = undefined;
      await running;
      await old?.close();
      await open(renewal);
      wake();
    },
    async close() {
      closed = true;
      await planner.ready;
      await sessions?.close();
      await running;
    },
  };
  return planner;
}

/** A strategy that is told of no reports decides nothing between its suggestions. */
function decides(strategy: PluginSession): boolean {
  return strategy.milestones !== 'none';
}

/** The log entry of a suggestion. */
export function createdEntry(runtime: StudyRuntime, suggestion: NewTrial, seen: number): LogEntry & { kind: 'trial_created' } {
  const { state } = runtime.journal;
  const trial = state.nextTrial;
  const { params, because, from, fidelity, seed, member, memo } = suggestion;
  return {
    kind: 'trial_created', trial, by: 'strategy', params, revision: state.record.revision, seen, because, seed: seed ?? trialSeed(state.record.spec.seed, trial),
    ...(from && { from }), ...(fidelity && { fidelity }), ...(member === undefined ? {} : { member }), ...(memo === undefined ? {} : { memo }),
  };
}

/** Commits what is still true of the decisions; one about a trial that has moved on is void. */
function commitDecisions(runtime: StudyRuntime, decisions: readonly Decision[], by: Origin, seen: number): void {
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
    if (state.closed) return false;
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
  const attempt = runtime.attempts.get(trial);
  if (attempt) {
    attempt.verdict = decision.action === 'pause' ? 'pause' : 'stop';
    attempt.reason = reason;
  }
  return true;
}

function commitResumption(runtime: StudyRuntime, { resume: trial, because }: Resumption, by: Origin, seen: number): boolean {
  const live = runtime.journal.state.live.get(trial);
  if (live?.record.state !== 'paused' || live.pausedBy !== by) return false;
  void runtime.commit([{ kind: 'trial_resumed', trial, by, because, seen }]);
  return true;
}

/** Closes the study when a limit is reached, opens it again when that limit was raised. True when the log has changed. */
function enforceLimits(runtime: StudyRuntime): boolean {
  const { state } = runtime.journal;
  if (state.record.state !== 'open') return false;
  const limit = reachedLimit(state);
  if (limit && !state.closed) {
    closeStudy(runtime, limit.reason, limit.detail, limit.endsRunning);
    return true;
  }
  if (!limit && state.closed?.reason === 'budget') {
    void runtime.commit([{ kind: 'study_opened', reason: 'the budget allows more' }]);
    return true;
  }
  if (limit?.voidsWaiting && state.record.counts.waiting > 0) {
    void runtime.commit(voidWaiting(runtime, limit.detail));
    return true;
  }
  return false;
}

/** Lets no further trial come. Running ones go on to their end, or are told to stop. */
export function closeStudy(runtime: StudyRuntime, reason: EndReason, detail: string, endsRunning: boolean): void {
  const { state } = runtime.journal;
  const entries: LogEntry[] = [{ kind: 'study_closed', reason, detail }];
  if (endsRunning) entries.push(...voidWaiting(runtime, detail));
  void runtime.commit(entries);
  if (!endsRunning) return;
  for (const { record } of [...state.live.values()]) {
    if (record.state === 'running') decide(runtime, { trial: record.number, action: 'stop', reason: detail }, 'user', 0);
  }
}

/** The ends of all waiting trials: cancelled where they never started, stopped where they had. */
export function voidWaiting(runtime: StudyRuntime, reason: string): LogEntry[] {
  return [...runtime.journal.state.live.values()]
    .filter(({ record }) => record.state === 'waiting')
    .map(({ record }): LogEntry => (record.attempt === 0
      ? { kind: 'trial_ended', trial: record.number, attempt: 0, state: 'cancelled', done: record.done, reason, values: {}, metrics: {} }
      : stoppedEntry(runtime, record, record.attempt, reason)));
}

/** Ends a study in which nothing runs or waits and nothing was suggested. False: a person holds it open. */
function finish(runtime: StudyRuntime, done: boolean): boolean {
  const { state } = runtime.journal;
  const paused = [...state.live.values()].filter(({ record }) => record.state === 'paused');
  if (paused.some(({ pausedBy }) => pausedBy === 'user')) return false;
  if (!state.closed && !done) {
    failStudy(runtime, new ParamoError({
      code: 'STRATEGY_STALLED', message: `strategy ${state.record.spec.strategy!.name} has nothing to suggest, nothing to wait for, and does not say it is done`,
      hint: 'Report this to the plugin; raise it with `paramo replay`. Another strategy can go on with this study.',
    }));
    return true;
  }
  if (!state.closed) {
    void runtime.commit([{ kind: 'study_closed', reason: 'done', detail: 'the strategy has nothing left to suggest' }]);
    return true;
  }
  const { reason, detail } = state.closed;
  const entries: LogEntry[] = paused.map(({ record }) => stoppedEntry(runtime, record, record.attempt, 'not promoted'));
  void runtime.commit([...entries, { kind: 'study_ended', reason, detail }]);
  return true;
}

/** Ends a study with the error of a plugin. Running trials may still end; what they report is kept. */
function failStudy(runtime: StudyRuntime, error: ParamoError): void {
  const { state } = runtime.journal;
  if (state.record.state === 'ended') return;
  const message = error.summary + (error.hint ? ` ${error.hint}` : '');
  const entries: LogEntry[] = [...voidWaiting(runtime, 'the study failed'), { kind: 'study_ended', reason: 'failures', detail: message, error: { code: error.code, message } }];
  if (!state.closed) entries.unshift({ kind: 'study_closed', reason: 'failures', detail: message });
  void runtime.commit(entries);
}
