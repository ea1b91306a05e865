import { createRandom, type CheckpointId, type Objective, type Origin, type PluginReference, type SpaceSpec, type StudyRecord, type StudySpec, type Step, type TrialId, type TrialRecord, type TrialSource } from '@paramo/core';

/** Why a waiting trial waits. */
export type QueueName = 'requeued' | 'enqueued' | 'resumed' | 'prepared';

/** The queues in the order in which they are served (DESIGN §3.9). */
export const queueOrder: readonly QueueName[] = ['requeued', 'enqueued', 'resumed', 'prepared'];

/** A trial that is not over, with what the fold must remember of it beside its record. */
export interface LiveTrial {
  record: TrialRecord;
  /** Where it waits, or would. */
  queue: QueueName;
  /** A committed stop or pause that its worker has not carried out yet; survives a lost attempt. */
  standing?: { readonly action: 'stop' | 'pause'; readonly reason: string; readonly by: Origin };
  /** Where the newest attempt began, in steps done. */
  startedAt: number;
  /** The newest attempt's lease ran out; its worker may still come back. */
  lost: boolean;
  /** Who paused it; only they or a person resume it. */
  pausedBy?: Origin;
  /** Took the place of an earlier trial of its member: does not count for `budget.trials`. */
  readonly successor: boolean;
  /** Done-count of the newest report that reached the study log. */
  reportedDone: number;
  /** The checkpoint in `record.from` is kept for it. */
  pins: boolean;
}

/** A checkpoint that is on disk, or on its way. */
export interface KeptCheckpoint {
  readonly checkpoint: CheckpointId;
  readonly done: Step;
  /** The objective's value then; absent: none, not finite, or several objectives. */
  readonly value?: number;
  /** How many trials are to start from it. */
  pins: number;
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

/** How trials of a study have gone on one host. Containers that give the same host name count as one. */
export interface HostTally {
  /** Attempts in a row that failed or were lost there since one came through, or since a person resumed the study. */
  failures: number;
  /** Attempts that run there. */
  running: number;
  /** Whether one has ever come through there. */
  proven: boolean;
}

/** A study as the fold of its log. Only `applyEvent` changes it; the journal alone calls that. */
export interface StudyState {
  readonly studyId: string;
  record: StudyRecord;
  /** Trials that are not over, by number. */
  readonly live: Map<TrialId, LiveTrial>;
  /** Waiting trials by queue, the one that waits longest first. */
  readonly queues: Readonly<Record<QueueName, Map<TrialId, LiveTrial>>>;
  /** Tracked runs that were written off as lost and may still end well. */
  readonly lostRuns: Map<TrialId, TrialRecord>;
  nextTrial: number;
  /** New trials that were or will be started: those created, less the voided ones and successors. */
  committedTrials: number;
  closed: { readonly reason: NonNullable<StudyRecord['endReason']>; readonly detail: string } | undefined;
  failuresInARow: number;
  /** By the names that workers give; those without a name are not counted. */
  readonly hosts: Map<string, HostTally>;
  readonly retracted: Set<TrialId>;
  /** The checkpoints kept of each trial, by steps done; trials without are absent. */
  readonly checkpoints: Map<TrialId, KeptCheckpoint[]>;
  /** Checkpoints that ceased to be kept, until somebody takes them out of the store. */
  dropped: TrialSource[];
  /** Places in a population that a trial has held. */
  readonly members: Set<number>;
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
    live: new Map(), queues: { requeued: new Map(), enqueued: new Map(), resumed: new Map(), prepared: new Map() }, lostRuns: new Map(),
    nextTrial: 0, committedTrials: 0, closed: undefined, failuresInARow: 0, hosts: new Map(), retracted: new Set(), checkpoints: new Map(), dropped: [], members: new Set(), successors: new Set(), era: undefined,
  };
}

const emptySpec: StudySpec = {
  name: '', objectives: [], budget: {}, rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 2 }, seed: 0, labels: {}, attributes: {},
};

/** The seed a trial gets when nobody asked for one. */
export function trialSeed(studySeed: number, trial: TrialId): number {
  return createRandom(studySeed, 'trial seed', trial).uint32();
}
