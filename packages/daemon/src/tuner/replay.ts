import { canonicalJson, isParamoError, isResumption, type Decision, type Json, type LogEvent, type NewTrial, type Origin, type PluginIdentity } from '@paramo/core';
import type { Answer, PluginHost } from '../host/host.js';
import { applyEvent } from './apply-event.js';
import { openSessions, type EraSessions } from './era.js';
import type { Journal } from './journal.js';
import { watchDecisions, type OverdueDecisions } from './overdue-decisions.js';
import { createStudyState, trialSeed, type EraContext } from './study-state.js';

/** How far a replay has come, and in the last message what came out. */
export interface ReplayProgress {
  readonly position: number;
  readonly head: number;
  readonly reproduced: number;
  readonly outcome?: 'reproduced' | 'differs' | 'not checkable';
  readonly detail: string;
  readonly differsAt?: number;
}

/** How many events pass between two messages of progress. */
const progressEvery = 1000;

/**
 * Recomputes every suggestion, decision and resumption of a study from its log and compares it with what the log holds:
 * each era under its own plugins and view, asked at the position its plugin had seen.
 */
export async function* replayStudy(journal: Journal, host: PluginHost): AsyncIterable<ReplayProgress> {
  const head = journal.durable;
  const state = createStudyState(journal.state.studyId);
  let sessions: EraSessions | undefined;
  let listeners: EraSessions | undefined;
  let decisions: OverdueDecisions | undefined;
  let reproduced = 0;
  let overdue = 0;
  let position = 0;
  const replacedBy = new Map<number, Origin>();
  const close = async (): Promise<void> => {
    overdue += decisions?.overdue ?? 0;
    decisions = undefined;
    await Promise.all([sessions?.close(), listeners?.close()]);
  };
  const report = (more: Partial<ReplayProgress> = {}): ReplayProgress => ({ position, head, reproduced, detail: '', ...more });
  try {
    for (const block of journal.events(0, head)) {
      for (const event of block) {
        ({ position } = event);
        applyEvent(state, event);
        if (event.kind === 'trial_decided' && event.replacement !== undefined) replacedBy.set(event.replacement, event.by);
        if (event.kind === 'era_opened') {
          await close();
          sessions = await openSessions(journal, host, state.era!);
          listeners = await openSessions(journal, host, state.era!);
          decisions = watchDecisions(listeners);
          const missing = identityProblem(state.era!, sessions);
          if (missing) return yield report({ outcome: 'not checkable', detail: missing });
        }
        await decisions?.take(event);
        const difference = sessions && (await compare(event, sessions, journal.state.record.spec.seed, replacedBy));
        if (difference === 'same') reproduced++;
        else if (difference) return yield report({ outcome: 'differs', detail: difference, differsAt: position });
        if (position % progressEvery === 0) yield report();
      }
    }
    overdue += decisions?.overdue ?? 0;
    decisions = undefined;
    const late = overdue === 0 ? '' : `; ${overdue} ${overdue === 1 ? 'trial' : 'trials'} had ended before a decision about ${overdue === 1 ? 'it' : 'them'} could be carried out`;
    yield report({ outcome: 'reproduced', detail: `${reproduced} suggestions, decisions and resumptions came out the same${late}` });
  } catch (error) {
    if (!isParamoError(error)) throw error;
    yield report({ outcome: 'not checkable', detail: error.message });
  } finally {
    await close();
  }
}

function identityProblem(era: EraContext, sessions: EraSessions): string | undefined {
  for (const kind of ['strategy', 'stopper'] as const) {
    const wanted = era[kind];
    const here = sessions[kind]?.identity;
    if (wanted && (here?.package !== wanted.package || here.version !== wanted.version)) {
      return `era ${era.era} used ${words(wanted)}; ${here ? `${words(here)} is installed` : 'it is not installed'}`;
    }
  }
  return undefined;
}

function words({ package: name, version }: PluginIdentity): string {
  return `${name} ${version}`;
}

/** 'same', a difference in words, or undefined where there is nothing to compare. */
async function compare(event: LogEvent, sessions: EraSessions, seed: number, replacedBy: ReadonlyMap<number, Origin>): Promise<string | undefined> {
  switch (event.kind) {
    case 'trial_created': {
      if (event.by !== 'strategy' || event.seen === 0) return undefined;
      // A replacement comes from the decision that made it, any other trial from a suggestion.
      const decider = replacedBy.get(event.trial);
      const role = decider === 'stopper' ? 'stopper' : 'strategy';
      const { suggestion, decisions } = await sessions[role]!.ask(event.seen, { suggestion: decider === undefined });
      const candidates = decider === undefined ? [suggestion] : decisions.map((decision) => (decision.action === 'replace' ? decision.by : undefined));
      const found = candidates.some((one) => one && !isResumption(one) && isSame(suggested(one, seed, event.trial), logged(event)));
      return found ? 'same' : `trial ${event.trial} came out as ${suggestion ? canonicalJson(suggestion as unknown as Json) : 'nothing'}`;
    }
    case 'trial_resumed': {
      if (event.by === 'user') return undefined;
      const answer = await sessions[event.by]!.ask(event.seen, { suggestion: event.by === 'strategy' });
      const resumed = event.by === 'stopper' ? answer.resume : answer.suggestion && isResumption(answer.suggestion) ? answer.suggestion : undefined;
      return resumed?.resume === event.trial ? 'same' : `the ${event.by} resumes ${resumed ? `trial ${resumed.resume}` : 'nothing'} in place of trial ${event.trial}`;
    }
    case 'trial_decided': {
      if (event.by === 'user') return undefined;
      const answer: Answer = await sessions[event.by]!.ask(event.seen, { suggestion: false });
      const found = answer.decisions.some((decision: Decision) => decision.trial === event.trial && decision.action === event.action && decision.reason === event.reason);
      return found ? 'same' : `the ${event.by} does not ${event.action} trial ${event.trial} here`;
    }
    default:
      return undefined;
  }
}

function suggested({ params, because, from, fidelity, seed, member, memo }: NewTrial, studySeed: number, trial: number): Record<string, unknown> {
  return { params, because, from, fidelity, seed: seed ?? trialSeed(studySeed, trial), member, memo };
}

function logged({ params, because, from, fidelity, seed, member, memo }: LogEvent & { kind: 'trial_created' }): Record<string, unknown> {
  return { params, because, from, fidelity, seed, member, memo };
}

/** The same in value: absent and undefined fields alike, keys in any order. */
function isSame(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  return canonicalJson(JSON.parse(JSON.stringify(a)) as Json) === canonicalJson(JSON.parse(JSON.stringify(b)) as Json);
}
