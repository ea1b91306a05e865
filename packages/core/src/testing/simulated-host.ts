import type { Params } from '../params.js';
import { isTerminal } from '../record.js';
import type { Random } from '../random.js';
import type { Space } from '../space.js';
import type { Decision, NewTrial, Resumption } from '../strategy.js';
import type { Milestones } from '../milestones.js';
import { milestonePassed } from '../milestones.js';
import type { Actor, CheckpointId, DecidedAction, Fidelity, Step, TerminalState, TrialEvent, TrialId, TrialState, TrialSource, Values } from '../trial-event.js';
import { expectThat } from './conformance-case.js';
import { renderAnswer } from './render-answer.js';
import type { WatchedPlugin } from './watched-plugin.js';

/** The two plugins of a study. */
export type Role = 'strategy' | 'stopper';

/** A plugin of the simulated study, and where it is told of reports; undefined milestones: at every one. */
export interface HostedPlugin {
  readonly role: Role;
  readonly plugin: WatchedPlugin;
  readonly milestones: Milestones | undefined;
}

/** A trial as the simulated host keeps it. */
export interface HostedTrial {
  readonly trial: TrialId;
  readonly own: boolean;
  readonly params: Params;
  readonly fidelity: Fidelity | undefined;
  readonly from: TrialSource | undefined;
  readonly member: number | undefined;
  /** It takes the place of an earlier trial of its member, so the budget does not count it. */
  readonly successor: boolean;
  state: TrialState;
  attempts: number;
  /** Steps the present attempt has done. */
  done: Step;
  /** The most steps any attempt has done. */
  furthest: Step;
  /** Steps done at the newest checkpoint: where the next attempt starts. */
  saved: Step;
  /** That checkpoint; undefined: from the beginning. */
  checkpoint: CheckpointId | undefined;
  /** What was decided and not yet obeyed. */
  standing: DecidedAction | undefined;
  pausedBy: Role | 'user' | undefined;
  values: Values | undefined;
  /** The last milestone each plugin was told of. */
  readonly told: Record<Role, Step>;
}

type EventBody = TrialEvent extends infer E ? (E extends { readonly position: number } ? Omit<E, 'position'> : never) : never;

/** The log and its transactions: each method appends events, and every plugin observes its projection of them. */
export interface SimulatedHost {
  readonly trials: readonly HostedTrial[];
  readonly decisions: readonly Decision[];
  create(by: 'strategy' | 'user', suggestion: NewTrial): HostedTrial;
  /** Whether a suggestion is for the place of a member that there is. */
  isSuccessor(suggestion: NewTrial): boolean;
  start(trial: HostedTrial): void;
  report(trial: HostedTrial, values: Values): void;
  checkpoint(trial: HostedTrial): CheckpointId;
  yield(trial: HostedTrial, to: 'waiting' | 'paused'): void;
  pauseByUser(trial: HostedTrial): void;
  resume(by: Role | 'user', resumption: Resumption): void;
  end(trial: HostedTrial, state: TerminalState): void;
  tell(kind: 'closed' | 'opened'): void;
  /** Commits decisions until no plugin has any more. */
  settle(): void;
}

/** What a simulated study is made of. */
export interface SimulatedHostSetup {
  readonly space: Space;
  readonly plugins: readonly HostedPlugin[];
  readonly singleMetric: string | undefined;
  readonly random: Random;
  /** The chance that the checkpoint named by a replacement has just been collected. */
  readonly collect?: number;
}

/** An empty study. */
export function createSimulatedHost({ space, plugins, singleMetric, random, collect = 0 }: SimulatedHostSetup): SimulatedHost {
  const checkpoints = new Map<CheckpointId, { readonly trial: TrialId; readonly done: Step }>();
  const places = new Set<number>();
  const trials: HostedTrial[] = [];
  const decisions: Decision[] = [];
  let position = 0;

  function emit(project: (role: Role) => EventBody | undefined): void {
    position += 1 + random.int(3);
    for (const { role, plugin } of plugins) {
      const body = project(role);
      if (body) plugin.observe({ position, ...body });
    }
  }

  function actor(by: Role | 'user', role: Role): Actor {
    return by === 'user' ? 'user' : by === role ? 'self' : 'other';
  }

  function isSuccessor({ member }: NewTrial): boolean {
    return member !== undefined && places.has(member);
  }

  function create(by: 'strategy' | 'user', suggestion: NewTrial): HostedTrial {
    const params = checkedParams(space, suggestion);
    const { fidelity, from, seed, member } = suggestion;
    const source = from && checkpoints.get(from.checkpoint);
    expectThat(from === undefined || (source?.trial === from.trial && source.done === from.done), `a suggestion starts from ${renderAnswer(from)}, and there is no such checkpoint`);
    const trial: HostedTrial = {
      trial: trials.length, own: by === 'strategy', params, fidelity, from, member, successor: by === 'strategy' && isSuccessor(suggestion),
      state: 'waiting', attempts: 0, done: from?.done ?? 0, furthest: from?.done ?? 0, saved: from?.done ?? 0, checkpoint: from?.checkpoint, standing: undefined, pausedBy: undefined, values: undefined, told: { strategy: 0, stopper: 0 },
    };
    trials.push(trial);
    if (member !== undefined && trial.own) places.add(member);
    const memo = suggestion.memo === undefined ? undefined : JSON.parse(JSON.stringify(suggestion.memo));
    expectThat(renderAnswer(memo) === renderAnswer(suggestion.memo), `a memo did not survive being stored as JSON: ${renderAnswer(suggestion.memo)} became ${renderAnswer(memo)}`);
    emit((role) => ({
      kind: 'created', trial: trial.trial, own: trial.own && role === 'strategy', params: copy(params),
      ...(fidelity && { fidelity }), ...(from && { from }), ...(seed !== undefined && { seed }), ...(member !== undefined && { member }),
      ...(memo !== undefined && role === 'strategy' && { memo }),
    }));
    return trial;
  }

  function end(trial: HostedTrial, state: TerminalState): void {
    trial.state = state;
    trial.standing = undefined;
    const { values, done } = trial;
    const value = singleMetric === undefined ? undefined : values?.[singleMetric];
    const hasValue = value !== undefined && Number.isFinite(value) && (state === 'completed' || state === 'stopped');
    emit(() => ({ kind: 'ended', trial: trial.trial, state, done, ...(hasValue && { value }), ...(values && { values: copy(values) }) }));
  }

  function yieldTrial(trial: HostedTrial, to: 'waiting' | 'paused'): void {
    trial.state = to;
    trial.standing = undefined;
    trial.done = trial.saved;
    emit(() => ({ kind: 'yielded', trial: trial.trial, to }));
  }

  /** Commits one decision; false when it no longer applies (stop beats pause). */
  function commit(by: Role, decision: Decision): boolean {
    const trial = trials[decision.trial];
    expectThat(trial !== undefined, `the ${by} decides about trial ${decision.trial}, which does not exist`);
    expectThat(!isTerminal(trial.state), `the ${by} decides to ${decision.action} trial ${decision.trial}, which has ended (${trial.state})`);
    expectThat(typeof decision.reason === 'string' && decision.reason.trim() !== '', `the ${by} decides to ${decision.action} trial ${decision.trial} without a reason`);
    expectThat(trial.standing !== decision.action && !(decision.action === 'pause' && trial.state === 'paused'), `the ${by} decides to ${decision.action} trial ${decision.trial}, which the log already shows`);
    if (trial.standing === 'stop' || trial.standing === 'replace') return false;
    if (decision.action === 'replace' && collect > 0 && random.next() < collect) return false;
    decisions.push(decision);
    trial.standing = decision.action;
    trial.pausedBy = decision.action === 'pause' ? by : undefined;
    const replacement = decision.action === 'replace' ? { replacement: trials.length } : {};
    emit((role) => ({ kind: 'decided', trial: trial.trial, action: decision.action, by: actor(by, role), ...replacement }));
    if (decision.action === 'replace') create('strategy', decision.by);
    if (trial.state !== 'running') {
      if (decision.action === 'pause') yieldTrial(trial, 'paused');
      else end(trial, 'stopped');
    }
    return true;
  }

  return {
    trials, decisions, create, isSuccessor, end, yield: yieldTrial,
    start: (trial) => {
      trial.state = 'running';
      trial.attempts++;
      trial.done = trial.saved;
      emit(() => ({ kind: 'started', trial: trial.trial, attempt: trial.attempts, done: trial.done }));
    },
    report: (trial, values) => {
      trial.done++;
      if (trial.done <= trial.furthest) return;
      trial.furthest = trial.done;
      trial.values = values;
      const milestones = new Map<Role, Step>();
      for (const { role, milestones: own } of plugins) {
        const milestone = own ? milestonePassed(own, trial.told[role], trial.done) : trial.done;
        if (milestone === undefined) continue;
        trial.told[role] = milestone;
        milestones.set(role, milestone);
      }
      if (milestones.size === 0) return;
      emit((role) => {
        const milestone = milestones.get(role);
        return milestone === undefined ? undefined : { kind: 'reported', trial: trial.trial, done: trial.done, values: copy(values), milestone };
      });
    },
    checkpoint: (trial) => {
      const checkpoint = `checkpoint-${trial.trial}-${trial.done}`;
      trial.saved = trial.done;
      trial.checkpoint = checkpoint;
      checkpoints.set(checkpoint, { trial: trial.trial, done: trial.done });
      emit(() => ({ kind: 'checkpointed', trial: trial.trial, checkpoint, done: trial.done }));
      return checkpoint;
    },
    pauseByUser: (trial) => {
      trial.standing = 'pause';
      trial.pausedBy = 'user';
      emit(() => ({ kind: 'decided', trial: trial.trial, action: 'pause', by: 'user' }));
    },
    resume: (by, { resume, because }) => {
      const trial = trials[resume];
      expectThat(trial?.state === 'paused', `the ${by} resumes trial ${resume}, which is ${trial?.state ?? 'unknown'}`);
      expectThat(by === 'user' || trial.pausedBy === by, `the ${by} resumes trial ${resume}, which was paused by the ${trial.pausedBy}`);
      expectThat(by === 'user' || typeof because?.kind === 'string', `the ${by} resumes trial ${resume} without saying why`);
      trial.state = 'waiting';
      trial.pausedBy = undefined;
      emit((role) => ({ kind: 'resumed', trial: resume, by: actor(by, role) }));
    },
    tell: (kind) => emit(() => ({ kind })),
    settle: () => {
      for (let round = 0, changed = true; changed; round++) {
        expectThat(round < 10_000, 'decisions never come to an end');
        changed = plugins.some(({ role, plugin }) => plugin.decisions().some((decision) => commit(role, decision)));
      }
    },
  };
}

function checkedParams(space: Space, suggestion: NewTrial): Params {
  expectThat(typeof suggestion.because?.kind === 'string', 'a suggestion does not say why it was made (because)');
  const params = copy(suggestion.params);
  let canonical: Params;
  try {
    canonical = space.validate(params);
  } catch (cause) {
    expectThat(false, `a suggestion does not lie in the space: ${(cause as Error).message}`);
  }
  expectThat(JSON.stringify(canonical) === JSON.stringify(params), `a suggestion is not canonical: it is ${JSON.stringify(params)}, and should be ${JSON.stringify(canonical)}`);
  return canonical;
}

// Nothing is shared between what a plugin gave and what it is given: the log lies in between.
function copy<T>(value: T): T {
  return structuredClone(value);
}
