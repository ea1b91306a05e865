import { createSpace, ParamoError } from '@paramo/core';
import type { CancelTimer, Clock, TrialEvent } from '@paramo/core';
import { BrokenRule, checkAnswer, checkMilestones } from './answer-check.js';
import type { CallFailure, Outcome } from './channel.js';
import type { Answer, EventSource, PluginInfo, PluginSession, StudyContext } from './host.js';
import type { Lane } from './lanes.js';
import type { InstanceContext, InstanceFacts, RawAnswer, WorkerRequest } from './messages.js';
import { brokenRule, failedCall, ownError } from './plugin-error.js';
import type { Blame } from './plugin-error.js';
import type { InstalledPlugin } from './plugin-catalogue.js';

/** What a session is opened with. */
export interface SessionOptions {
  readonly plugin: InstalledPlugin;
  readonly info: PluginInfo;
  readonly context: StudyContext;
  readonly instanceContext: InstanceContext;
  readonly events: EventSource;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
  readonly idleMs: number;
  takeLane(): Lane;
  /** A number that no other instance of the host has. */
  nextInstance(): number;
  /** Whether to drop the instance before an ask, for tests. */
  dropNow(): boolean;
  onClose(session: PluginSession): void;
}

interface Placed {
  readonly lane: Lane;
  readonly instance: number;
  /** The last position observed. */
  position: number;
}

class CallFailed extends Error {
  readonly failure: CallFailure;
  constructor(failure: CallFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** So many events travel in one message at most: a rebuild streams, and others on the thread get their turn between. */
const eventsPerMessage = 2_000;

/**
 * Creates the instance once, for the plugin to refuse a study that does not fit it, and opens a session.
 * @throws ParamoError the plugin's own, or PLUGIN_FAILED, PLUGIN_TIMEOUT, PLUGIN_MEMORY.
 */
export async function openSession(options: SessionOptions): Promise<PluginSession> {
  const { plugin, info, context, instanceContext, events, clock, callTimeoutMs, idleMs } = options;
  const blame: Blame = { kind: plugin.kind, name: plugin.name, package: plugin.package, version: info.version, studyId: context.studyId, callTimeoutMs };
  const rules = { kind: plugin.kind, space: createSpace(context.space) };
  const abandoned = new Set<(error: ParamoError) => void>();
  let placed: Placed | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;
  let cancelIdle: CancelTimer = () => {};

  async function call(lane: Lane, message: WorkerRequest): Promise<unknown> {
    const outcome: Outcome = await lane.channel.request(message);
    if ('failure' in outcome) throw new CallFailed(outcome.failure);
    return outcome.value;
  }

  function unplace(): void {
    cancelIdle();
    if (!placed) return;
    const { lane, instance } = placed;
    placed = undefined;
    void lane.channel.request({ kind: 'drop', instance });
    lane.release();
  }

  async function place(): Promise<{ readonly here: Placed; readonly facts: InstanceFacts }> {
    const here: Placed = { lane: options.takeLane(), instance: options.nextInstance(), position: 0 };
    placed = here;
    const facts = (await call(here.lane, { kind: 'create', instance: here.instance, code: plugin.code, context: instanceContext })) as InstanceFacts;
    if (facts.version !== info.version) throw upgraded(blame, facts.version);
    return { here, facts };
  }

  async function askAt(through: number, suggestion: boolean): Promise<Answer> {
    if (placed && (placed.position > through || options.dropNow())) unplace();
    const here = placed ?? (await place()).here;
    let held: readonly TrialEvent[] = [];
    for (const block of messages(events(here.position, through))) {
      if (held.length > 0) {
        await call(here.lane, { kind: 'observe', instance: here.instance, events: held });
        here.position = held.at(-1)!.position;
      }
      held = block;
    }
    const raw = (await call(here.lane, { kind: 'ask', instance: here.instance, events: held, suggestion })) as RawAnswer;
    here.position = through;
    return checkAnswer(raw, through, rules);
  }

  /** Asks again from the start when the worker went down for another's fault. */
  async function ask(through: number, suggestion: boolean): Promise<Answer> {
    for (;;) {
      if (closed) throw closedError(blame);
      cancelIdle();
      try {
        const answer = await askAt(through, suggestion);
        cancelIdle = clock.setTimer(idleMs, unplace);
        return answer;
      } catch (thrown) {
        unplace();
        if (!(thrown instanceof CallFailed && thrown.failure.kind === 'lost')) throw asParamoError(blame, 'an ask', thrown);
      }
    }
  }

  /** The session's calls one after another; `close` rejects those that are not through. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      abandoned.add(reject);
      queue = queue.then(work).then(resolve, reject).finally(() => abandoned.delete(reject));
    });
  }

  async function first(): Promise<InstanceFacts> {
    for (;;) {
      try {
        return (await place()).facts;
      } catch (thrown) {
        unplace();
        if (!(thrown instanceof CallFailed)) throw thrown;
        if (thrown.failure.kind !== 'lost') throw (thrown.failure.kind === 'threw' && ownError(thrown.failure)) || asParamoError(blame, 'create()', thrown);
      }
    }
  }

  const facts = await first();
  const session: PluginSession = {
    identity: { package: plugin.package, version: info.version },
    capabilities: info.capabilities,
    milestones: milestonesOf(facts),
    ask: (through, want) => inTurn(() => ask(through, want.suggestion)),
    drop: () => void inTurn(async () => unplace()).catch(() => {}),
    close: async () => {
      if (closed) return;
      closed = true;
      unplace();
      for (const reject of abandoned) reject(closedError(blame));
      options.onClose(session);
    },
  };
  cancelIdle = clock.setTimer(idleMs, unplace);
  return session;

  function milestonesOf({ milestones }: InstanceFacts): PluginSession['milestones'] {
    try {
      return checkMilestones(milestones, plugin.kind === 'stopper' ? 'every' : 'none');
    } catch (thrown) {
      unplace();
      throw asParamoError(blame, 'milestones()', thrown);
    }
  }
}

function* messages(blocks: Iterable<readonly TrialEvent[]>): Generator<readonly TrialEvent[]> {
  for (const block of blocks) {
    for (let at = 0; at < block.length; at += eventsPerMessage) yield block.length <= eventsPerMessage ? block : block.slice(at, at + eventsPerMessage);
  }
}

function asParamoError(blame: Blame, stage: string, thrown: unknown): unknown {
  if (thrown instanceof CallFailed) return failedCall(blame, stage, thrown.failure);
  if (thrown instanceof BrokenRule) return brokenRule(blame, thrown.message);
  return thrown;
}

function upgraded({ package: packageName, version }: Blame, found: string): ParamoError {
  const message = `${packageName} was changed on disk while the daemon ran: ${version} and ${found} are both in use`;
  return new ParamoError({ code: 'PLUGIN_MISMATCH', message, hint: 'Restart the daemon: the study then goes on with the new version, in an era of its own.' });
}

function closedError({ kind, name }: Blame): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: `the session of ${kind} ${name} was closed` });
}
