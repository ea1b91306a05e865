import { isResumption, ParamoError, type Resumption } from '@paramo/core';
import type { PluginHost, PluginSession } from '../host/host.js';
import { commitDecisions, commitResumption, commitSuggestion } from './decisions.js';
import { noMilestones, openSessions, renewEra, type EraRenewal, type EraSessions } from './era.js';
import { takesSuccessors } from './limits.js';
import type { StudyRuntime } from './runtime.js';
import { enforceLimits, failStudy, finish } from './study-end.js';

/** Keeps a study moving: asks its plugins, commits what they say, and ends the study when nothing more can come. */
export interface Planner {
  /** Resolves once the plugins of the present era are at work; rejects never: a plugin that cannot start ends the study. */
  readonly ready: Promise<void>;
  /** Looks at the log again soon. Cheap; call it after every change. */
  wake(): void;
  /**
   * Starts the plugins afresh: in a new era where a renewal (a revision, a retraction) asks for one.
   * @throws ParamoError when a renewal names a plugin that cannot be used; everything stays as it was then.
   */
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

  /** Puts the plugins of the present era to work; a study that is over has none. */
  async function start(): Promise<void> {
    try {
      await renewEra(runtime, host);
      if (closed || journal.state.record.state === 'ended') return;
      const opened = await openSessions(journal, host, journal.state.era!);
      if (closed) return await opened.close();
      sessions = opened;
      runtime.milestones = opened.milestones;
    } catch (error) {
      if (!closed) failStudy(runtime, ParamoError.from(error));
    }
  }

  async function stop(): Promise<void> {
    const old = sessions;
    // Without sessions nothing more is asked; an answer under way is still of the old era and commits in it.
    sessions = undefined;
    await running;
    await old?.close();
  }

  async function renew(renewal: EraRenewal | undefined): Promise<void> {
    await stop();
    try {
      if (renewal && !closed) await renewEra(runtime, host, renewal);
    } finally {
      await start();
      wake();
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
        if (journal.state.record.state === 'ended') void rest();
        else if (dirty && !closed) wake();
      });
  }

  /** Lets the plugins of a study go that is over. */
  async function rest(): Promise<void> {
    // Nobody decides any more: no worker is to wait for it.
    tellDecided(Number.MAX_SAFE_INTEGER);
    const old = sessions;
    sessions = undefined;
    runtime.milestones = noMilestones;
    await old?.close();
  }

  async function pump(): Promise<void> {
    await ready;
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
    if (!strategy) return state.closed !== undefined && nothingMoves() && finish(runtime, true);

    const wanted = wantsSuggestion();
    let resume: Resumption | undefined;
    if (stopper) {
      const answer = await stopper.ask(state.record.position, { suggestion: false });
      if (closed) return false;
      commitDecisions(runtime, answer.decisions, 'stopper', answer.position);
      resume = answer.resume;
      if (resume && mayResume() && commitResumption(runtime, resume, 'stopper', answer.position)) return true;
    }
    const finishing = nothingMoves();
    let done = false;
    if (wanted || finishing || decides(strategy)) {
      const answer = await strategy.ask(state.record.position, { suggestion: wanted || finishing });
      if (closed) return false;
      commitDecisions(runtime, answer.decisions, 'strategy', answer.position);
      const { suggestion } = answer;
      done = answer.done;
      if (suggestion && isResumption(suggestion)) {
        if (mayResume()) commitResumption(runtime, suggestion, 'strategy', answer.position);
      } else if (suggestion && wantsSuggestion()) commitSuggestion(runtime, suggestion, answer.position);
    }
    tellDecided(before);
    if (state.record.position !== before) return true;
    return finishing && nothingMoves() && finish(runtime, done);
  }

  /** Whether a trial more should wait: as many as workers do, one at least. Beyond the budget only members and the paused can. */
  function wantsSuggestion(): boolean {
    const { state } = journal;
    const { counts, spec } = state.record;
    if (state.record.state !== 'open' || counts.waiting >= Math.max(1, waiting()) || !takesSuccessors(state)) return false;
    const { trials } = spec.budget;
    if (!state.closed && (trials === undefined || state.committedTrials < trials)) return true;
    return state.members.size > 0 || (counts.paused > 0 && [...state.live.values()].some(({ pausedBy }) => pausedBy === 'strategy'));
  }

  /** What was paused goes on to the end of a study, but not of one that a person has ended. */
  function mayResume(): boolean {
    return journal.state.closed?.reason !== 'user';
  }

  function nothingMoves(): boolean {
    const { counts, state } = journal.state.record;
    return state === 'open' && counts.waiting === 0 && counts.running === 0;
  }

  /** Plugins have been asked at `position`: workers that wait for that may go on, once what was decided is on disk. */
  function tellDecided(position: number): void {
    const told = [...runtime.attempts.values()].filter((attempt) => attempt.awaits(position));
    if (told.length === 0) return;
    const tell = (): void => {
      for (const attempt of told) {
        attempt.decided(position);
        for (const process of attempt.processes) runtime.bus.publish(process, attempt.update(0));
      }
    };
    runtime.settled().then(tell, () => undefined);
  }

  const ready = start();
  /** One start of plugins at a time. */
  let starting: Promise<void> = ready;
  return {
    ready,
    wake,
    restart(renewal) {
      const turn = starting.then(() => renew(renewal));
      starting = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      closed = true;
      await starting;
      await sessions?.close();
      await running;
    },
  };
}

/** A strategy that is told of no reports decides nothing between its suggestions. */
function decides(strategy: PluginSession): boolean {
  return strategy.milestones !== 'none';
}
