import { createSpace, type LogEntry, type PluginIdentity, type PluginReference, type SpaceSpec } from '@paramo/core';
import type { PluginHost, PluginKind, PluginSession, StudyContext } from '../host/host.js';
import type { Journal } from './journal.js';
import { voidedEntry } from './leases.js';
import { createProjectedLog, createProjection } from './projection.js';
import type { StudyMilestones, StudyRuntime } from './runtime.js';
import type { EraContext, StudyState } from './study-state.js';

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
export const noMilestones: StudyMilestones = { strategy: 'none', stopper: 'none', barrier: false, checkpoints: false };

/**
 * Begins a new era where one is due: after a renewal, for the first time, or because an installed plugin is of another
 * version than the era's. All of it is one transaction, so that no trial of the old era is handed out in the new one. A
 * study that is over only takes the entries; its era begins when it is opened again.
 * @throws ParamoError when a plugin is not there; nothing has changed then.
 */
export async function renewEra(runtime: StudyRuntime, host: PluginHost, renewal?: EraRenewal): Promise<void> {
  const { state } = runtime.journal;
  const revised = renewal?.entries.find((entry) => entry.kind === 'study_revised');
  const plan = revised?.plan ?? state.record.spec;
  if (state.record.state === 'ended') {
    if (renewal) await runtime.commit(renewal.entries);
    return;
  }
  const strategy = await identify(host, 'strategy', plan.strategy);
  const stopper = await identify(host, 'stopper', plan.stopper);
  const reason = renewal?.reason ?? renewalReason(state, { strategy, stopper });
  if (reason === undefined) return;
  await runtime.commit([
    ...(renewal?.entries ?? []),
    ...voidOld(runtime, reason, plan.space, renewal?.entries ?? []),
    { kind: 'era_opened', era: state.record.era + 1, revision: revised?.revision ?? state.record.revision, reason, ...(strategy && { strategy }), ...(stopper && { stopper }) },
  ]);
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
      checkpoints: strategy?.capabilities.checkpoints === true,
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
function renewalReason({ era, record, retracted }: StudyState, now: { readonly strategy: PluginIdentity | undefined; readonly stopper: PluginIdentity | undefined }): string | undefined {
  if (!era) return 'first';
  if (era.revision !== record.revision) return `revision ${record.revision}`;
  if (era.retracted.size !== retracted.size) return 'trials were retracted';
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

/** Ends the trials that the new era has no use for: of those that wait the prepared ones that never started and those outside the new space, and what was retracted unless it runs. */
function voidOld(runtime: StudyRuntime, reason: string, spec: SpaceSpec | undefined, entries: readonly LogEntry[]): LogEntry[] {
  const space = spec && createSpace(spec);
  const retracted = new Set(entries.map((entry) => (entry.kind === 'trial_retracted' ? entry.trial : -1)));
  return [...runtime.journal.state.live.values()]
    .filter(({ record, queue }) => {
      if (retracted.has(record.number)) return record.state !== 'running';
      return record.state === 'waiting' && ((record.attempt === 0 && queue === 'prepared') || (space && !space.isValid(record.params)));
    })
    .map(({ record }): LogEntry => voidedEntry(runtime, record, reason));
}
