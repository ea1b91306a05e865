import type { LogEntry, PluginIdentity, PluginReference } from '@paramo/core';
import type { PluginHost, PluginKind, PluginSession, StudyContext } from '../host/host.js';
import type { Journal } from './journal.js';
import { createProjectedLog, createProjection } from './projection.js';
import type { StudyMilestones, StudyRuntime } from './runtime.js';
import { queueClass, type EraContext } from './study-state.js';

/** The plugins at work for one era of a study. */
export interface EraSessions {
  /** Absent in tracking studies. */
  readonly strategy: PluginSession | undefined;
  readonly stopper: PluginSession | undefined;
  readonly milestones: StudyMilestones;
  close(): Promise<void>;
}

/** Why a new era begins, and the entries that begin it. */
export interface EraRenewal {
  readonly reason: string;
  readonly entries: readonly LogEntry[];
}

/** The milestones of a study without plugins. */
export const noMilestones: StudyMilestones = { strategy: 'none', stopper: 'none', barrier: false };

/**
 * Starts the plugins of the study's present era, or of a new one: for the first time, after a renewal, or because an
 * installed plugin is of another version than the era's.
 */
export async function openEra(runtime: StudyRuntime, host: PluginHost, renewal?: EraRenewal): Promise<EraSessions> {
  const { journal } = runtime;
  if (renewal && renewal.entries.length > 0) await runtime.commit(renewal.entries);
  const { strategy, stopper } = journal.state.record.spec;
  const identities = { strategy: await identify(host, 'strategy', strategy), stopper: await identify(host, 'stopper', stopper) };
  const reason = renewal?.reason ?? renewalReason(journal.state.era, identities);
  if (reason !== undefined) {
    await runtime.commit([
      ...voidPrepared(runtime, reason),
      {
        kind: 'era_opened', era: journal.state.record.era + 1, revision: journal.state.record.revision, reason,
        ...(identities.strategy && { strategy: identities.strategy }), ...(identities.stopper && { stopper: identities.stopper }),
      },
    ]);
  }
  return openSessions(runtime.journal, host, journal.state.era!);
}

/** Opens sessions that see the log as the era does; for the tuner and for replay alike. */
export async function openSessions(journal: Journal, host: PluginHost, era: EraContext): Promise<EraSessions> {
  const { spec, studyId } = journal.state.record;
  const context: StudyContext = {
    studyId, era: era.era, revision: era.revision, phase: '', seed: spec.seed, space: era.space ?? { parameters: [] }, objectives: era.objectives,
    ...(era.trials === undefined ? {} : { trials: era.trials }), ...(era.steps === undefined ? {} : { steps: era.steps }),
  };
  const open = async (kind: PluginKind, reference: PluginReference | undefined): Promise<PluginSession | undefined> => {
    if (!reference) return undefined;
    let milestones: PluginSession['milestones'] = 'none';
    const log = createProjectedLog(() => createProjection(era, kind, milestones), (after, through) => journal.events(after, through));
    const session = await host.open(kind, reference, context, log);
    ({ milestones } = session);
    return session;
  };
  const strategy = await open('strategy', era.references.strategy);
  const stopper = await open('stopper', era.references.stopper).catch(async (error: unknown) => {
    await strategy?.close();
    throw error;
  });
  return {
    strategy,
    stopper,
    milestones: {
      strategy: strategy?.milestones ?? 'none', stopper: stopper?.milestones ?? 'none',
      barrier: strategy?.capabilities.barrier === true || stopper?.capabilities.barrier === true,
    },
    async close() {
      await Promise.all([strategy?.close(), stopper?.close()]);
    },
  };
}

async function identify(host: PluginHost, kind: PluginKind, reference: PluginReference | undefined): Promise<PluginIdentity | undefined> {
  if (!reference) return undefined;
  const { package: name, version } = await host.describe(kind, reference);
  return { package: name, version };
}

/** Why the present era cannot go on, or undefined when it can. */
function renewalReason(era: EraContext | undefined, now: { readonly strategy: PluginIdentity | undefined; readonly stopper: PluginIdentity | undefined }): string | undefined {
  if (!era) return 'first';
  for (const kind of ['strategy', 'stopper'] as const) {
    const before = era[kind];
    const after = now[kind];
    if (before?.package !== after?.package || before?.version !== after?.version) {
      return `${kind} changed from ${name(before)} to ${name(after)}`;
    }
  }
  return undefined;
}

function name(identity: PluginIdentity | undefined): string {
  return identity ? `${identity.package} ${identity.version}` : 'none';
}

/** Ends the prepared trials of the old era that no worker has started. */
function voidPrepared(runtime: StudyRuntime, reason: string): LogEntry[] {
  return [...runtime.journal.state.live.values()]
    .filter(({ record, queue }) => record.state === 'waiting' && record.attempt === 0 && queue === queueClass.prepared)
    .map(({ record }): LogEntry => ({ kind: 'trial_ended', trial: record.number, attempt: 0, state: 'cancelled', done: record.done, reason, values: {}, metrics: {} }));
}
