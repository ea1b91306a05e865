import { canonicalJson, createUlid, nearMiss, ParamoError, type Clock, type Entropy, type Json, type StudySpec } from '@paramo/core';
import type { PluginHost } from '../host/host.js';
import { deleteStudyData } from '../store/deletion.js';
import type { StudyStore } from '../store/study-store.js';
import { checkBudget, checkPlan, checkRules, checkSpec } from './check-spec.js';
import { watchDisconnections } from './disconnections.js';
import { openJournal } from './journal.js';
import { findDifference } from './study-difference.js';
import { needsWork, openStudy, type Study } from './study.js';
import type { StudyChanges } from './study-changes.js';
import { createUpdateBus, type UpdateBus } from './update-bus.js';
import type { ProcessCheck } from './worker-process.js';

/** How to treat a study of the same name. */
export type OpenMode = 'join' | 'revise' | 'fresh' | 'existing';

/** A wish to create or join a study. */
export interface OpenStudy {
  readonly spec: StudySpec;
  readonly mode: OpenMode;
  /** The revision last seen, for `revise`; 0: the newest. */
  readonly expectedRevision: number;
  readonly requestId: string;
  /** Whether budget and rules were left out of the request: a study that is joined then keeps its own. */
  readonly keep: { readonly budget: boolean; readonly rules: boolean };
}

/** All studies of a daemon. */
export interface Tuner {
  readonly studies: StudyStore;
  readonly bus: UpdateBus;
  /** Creates a study or joins the one of its name. */
  open(request: OpenStudy): Promise<{ readonly study: Study; readonly created: boolean }>;
  /** The study at work. @throws ParamoError STUDY_NOT_FOUND. */
  study(studyId: string): Study;
  /** The study if it is at work already; reading needs no more. */
  loaded(studyId: string): Study | undefined;
  update(studyId: string, changes: StudyChanges): Promise<void>;
  delete(studyId: string): Promise<void>;
  /** A worker process says that it ends. */
  goodbye(process: string): void;
  /** A worker process's stream ended without a goodbye. One that died on this host loses its attempts at once; others have a grace when the connection broke. */
  disconnected(process: string, broken: boolean): void;
  /** The studies at work. */
  atWork(): Iterable<Study>;
  /** What keeps studies from being read; each is closed off, and may be deleted. */
  damaged(): readonly ParamoError[];
  /** How many trials run right now. */
  running(): number;
  close(): Promise<void>;
}

/** What the tuner runs on: the ports, the store and the plugin host. */
export interface TunerOptions {
  readonly studies: StudyStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly host: PluginHost;
  /** Tells whether a process of this host has died, or computes; absent: leases alone tell. */
  readonly processes?: ProcessCheck;
}

/** Puts every study that has something to do to work. */
export function openTuner({ studies, clock, entropy, host, processes }: TunerOptions): Tuner {
  const atWork = new Map<string, Study>();
  /** Studies whose log or records cannot be read, and why: all others go on. */
  const damaged = new Map<string, ParamoError>();
  const deleting = new Set<string>();
  const bus = createUpdateBus();
  const disconnections = watchDisconnections({ clock, processes, studies: () => atWork.values() });
  /** One open at a time for each name. */
  const opening = new Map<string, Promise<unknown>>();

  function work(studyId: string): Study {
    try {
      const study = openStudy({ journal: openJournal({ studyId, studies, clock }), studies, clock, bus, host, processes });
      atWork.set(studyId, study);
      return study;
    } catch (error) {
      const closedOff = asDamaged(studyId, error);
      damaged.set(studyId, closedOff);
      throw closedOff;
    }
  }

  function needsWorkNow(studyId: string): boolean {
    try {
      return needsWork(studies.study(studyId)!);
    } catch (error) {
      damaged.set(studyId, asDamaged(studyId, error));
      return false;
    }
  }

  const forget = studies.store.onRoom(() => {
    for (const known of atWork.values()) known.serve();
  });
  for (const studyId of studies.studyIds()) {
    if (!needsWorkNow(studyId)) continue;
    try {
      work(studyId);
    } catch {
      // Noted as damaged.
    }
  }

  function study(studyId: string): Study {
    const known = atWork.get(studyId);
    if (known) return known;
    const wrong = damaged.get(studyId);
    if (wrong) throw wrong;
    if (!deleting.has(studyId) && studies.study(studyId)) return work(studyId);
    throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no study with the id "${studyId}"`, hint: 'List the studies with `paramo studies`, or open one by its name.' });
  }

  async function open(request: OpenStudy): Promise<{ study: Study; created: boolean }> {
    const { name } = request.spec;
    const id = studies.studyIdByName(name);
    if (id === undefined) {
      if (request.mode === 'existing') throw unknownName(name, studies);
      return { study: await create(request.spec), created: true };
    }
    const known = study(id);
    if (request.mode === 'fresh') return fresh(request, known);
    if (request.mode !== 'existing') await join(request, known);
    await known.ready;
    return { study: known, created: false };
  }

  async function create(spec: StudySpec, requestId = '', old?: { readonly study: Study; readonly name: string }): Promise<Study> {
    checkSpec(spec);
    await tryPlugins(spec);
    const studyId = createUlid(clock.wallMs(), entropy);
    const journal = openJournal({ studyId, studies, clock });
    // Both in one turn and so in one transaction: at no time has the name two studies, or none.
    const renamed = old?.study.update({ name: old.name, reason: 'a fresh study took its name' });
    const durable = journal.append([{ kind: 'study_created', studyId, spec }], (writes) => {
      writes.name(spec.name, studyId);
      if (old) writes.name(old.name, old.study.journal.state.studyId);
      if (requestId !== '') writes.request(studyId, requestId, { trial: 0, attempt: 0 });
    });
    await Promise.all([renamed, durable]);
    const created = openStudy({ journal, studies, clock, bus, host, processes });
    atWork.set(studyId, created);
    await created.ready;
    return created;
  }

  /** Starts each plugin once on an empty log, so that a study that does not fit is refused before it exists. */
  async function tryPlugins(spec: StudySpec): Promise<void> {
    for (const kind of ['strategy', 'stopper'] as const) {
      const reference = spec[kind];
      if (!reference) continue;
      await host.describe(kind, reference);
      const { trials } = spec.budget;
      const session = await host.open(kind, reference, {
        studyId: '', era: 1, revision: 1, phase: '', seed: spec.seed, space: spec.space!, objectives: spec.objectives,
        ...(trials === undefined ? {} : { trials }), ...(spec.steps === undefined ? {} : { steps: spec.steps }),
      }, () => []);
      await session.close();
    }
  }

  async function join({ spec: asked, mode, expectedRevision, keep }: OpenStudy, known: Study): Promise<void> {
    const { record } = known.journal.state;
    const spec = { ...asked, ...(keep.budget && { budget: record.spec.budget }), ...(keep.rules && { rules: record.spec.rules }) };
    const difference = findDifference(record.spec, spec);
    if (difference && (difference.fatal || mode !== 'revise')) {
      const hint = difference.fatal ? 'Use another name, or { fresh: true } to move the name to a new study.' : 'Give { revise: true } to make revision ' + (record.revision + 1) + ' (old trials stay usable), or another name.';
      throw new ParamoError({ code: 'STUDY_MISMATCH', message: `study "${spec.name}" ${difference.text}`, hint });
    }
    checkBudget(spec.budget);
    checkRules(spec.rules, spec);
    if (difference) {
      if (expectedRevision !== 0 && expectedRevision !== record.revision) {
        throw new ParamoError({ code: 'REVISION_CONFLICT', message: `study "${spec.name}" is at revision ${record.revision}, not ${expectedRevision}`, hint: 'Somebody revised it meanwhile: open it again and look before you revise.' });
      }
      checkPlan(spec);
      await tryPlugins(spec);
      const { objectives, space, strategy, stopper, steps } = spec;
      await known.revise({ objectives, ...(space && { space }), ...(strategy && { strategy }), ...(stopper && { stopper }), ...(steps === undefined ? {} : { steps }) });
    }
    const budget = isSame(record.spec.budget, spec.budget) ? {} : { budget: spec.budget };
    const rules = isSame(record.spec.rules, spec.rules) ? {} : { rules: spec.rules };
    if (budget.budget || rules.rules) await known.update({ ...budget, ...rules, reason: 'opened again' });
    // What ended with an error is tried again, and what was revised has something new to do.
    const { state, errorCode, endReason } = known.journal.state.record;
    if (state === 'ended' && (errorCode !== '' || (difference && endReason !== 'user'))) await known.update({ state: 'open', reason: 'opened again' });
  }

  async function fresh(request: OpenStudy, known: Study): Promise<{ study: Study; created: boolean }> {
    const { requestId, spec } = request;
    if (requestId !== '' && studies.request(known.journal.state.studyId, requestId)) return { study: known, created: true };
    let count = 1;
    while (studies.studyIdByName(`${spec.name}~${count}`) !== undefined) count++;
    return { study: await create(spec, requestId, { study: known, name: `${spec.name}~${count}` }), created: true };
  }

  return {
    studies,
    bus,
    async open(request) {
      const { name } = request.spec;
      const turn = (opening.get(name) ?? Promise.resolve()).catch(() => undefined).then(() => open(request));
      opening.set(name, turn);
      try {
        return await turn;
      } finally {
        if (opening.get(name) === turn) opening.delete(name);
      }
    },
    study,
    loaded: (studyId) => atWork.get(studyId),
    async update(studyId, changes) {
      const known = study(studyId);
      if (changes.budget) checkBudget(changes.budget);
      if (changes.rules) checkRules(changes.rules, known.journal.state.record.spec);
      await known.update(changes);
    },
    damaged: () => [...damaged.values()],
    async delete(studyId) {
      if (damaged.has(studyId)) {
        await deleteStudyData(studies, { studyId, spec: { name: studies.nameOf(studyId) ?? '' } });
        damaged.delete(studyId);
        return;
      }
      const known = study(studyId);
      deleting.add(studyId);
      atWork.delete(studyId);
      try {
        await known.close();
        await deleteStudyData(studies, known.journal.state.record);
        known.journal.wake();
      } finally {
        deleting.delete(studyId);
      }
    },
    goodbye(process) {
      for (const known of atWork.values()) {
        known.detach(process);
        known.goodbye(process, 'its process ended');
      }
    },
    disconnected(process, broken) {
      for (const known of atWork.values()) known.detach(process);
      disconnections.note(process, broken);
    },
    atWork: () => atWork.values(),
    running: () => [...atWork.values()].reduce((sum, known) => sum + known.journal.state.record.counts.running, 0),
    async close() {
      forget();
      disconnections.close();
      await Promise.all([...atWork.values()].map((known) => known.close()));
      atWork.clear();
    },
  };
}

function asDamaged(studyId: string, error: unknown): ParamoError {
  return new ParamoError({
    code: 'STORE_CORRUPT', message: `study ${studyId} is closed off, for it cannot be read: ${ParamoError.from(error).summary}`,
    hint: 'All other studies go on. Bring a backup back with `paramo restore`, or delete this study.', details: { studyId }, cause: error,
  });
}

/** The error for a study name nobody gave, with the nearest one there is. */
export function unknownName(name: string, studies: StudyStore): ParamoError {
  const near = nearMiss(name, studies.studies({ limit: 1000 }).map(({ spec }) => spec.name));
  return new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no study "${name}"`, hint: near ? `Did you mean "${near}"?` : 'List the studies with `paramo studies`.' });
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}
