import { createSpace, type LogEvent, type Milestones, type Origin, type Params, type Space, type Step, type TrialEvent, type TrialId, milestonePassed } from '@paramo/core';
import type { EraContext } from './study-state.js';

/** The plugin a projection is for. */
export type Role = 'strategy' | 'stopper';

/** When a plugin wants to be told of reports. */
export type MilestoneRule = 'every' | 'none' | Milestones;

/** Turns the study log into what one plugin of one era may see. Feed it every event once, in order. */
export interface Projection {
  /** The plugin's event, or undefined for what plugins never see. */
  project(event: LogEvent): TrialEvent | undefined;
}

/** The milestone that a report at `done` is the first to reach, if any. */
export function reachedMilestone(milestones: MilestoneRule, before: Step, done: Step): Step | undefined {
  if (milestones === 'none' || done <= before) return undefined;
  return milestones === 'every' ? done : milestonePassed(milestones, before, done);
}

/** Maps params of an earlier revision into this era's space; undefined where they cannot be. */
function mapParams(space: Space, params: Params): Params | undefined {
  if (space.isValid(params)) return params;
  const kept: Record<string, Params[string]> = {};
  for (const { name, parameter } of space.dimensions) {
    if (Object.hasOwn(params, name)) kept[name] = params[name]!;
    else if (parameter.when.every(({ parameter: by, equals }) => kept[by] === equals) && parameter.default !== undefined) kept[name] = parameter.default;
  }
  return space.isValid(kept) ? kept : undefined;
}

/** A projection for one plugin. Trials that were retracted before the era, or do not fit its space, are left out. */
export function createProjection(era: EraContext, role: Role, milestones: MilestoneRule): Projection {
  const space = era.space && createSpace(era.space);
  const absent = new Set<TrialId>();
  const reported = new Map<TrialId, Step>();

  function actor(origin: Origin): 'self' | 'other' | 'user' {
    return origin === 'user' ? 'user' : origin === role ? 'self' : 'other';
  }

  return {
    project(event) {
      const { position } = event;
      switch (event.kind) {
        case 'trial_created': {
          const params = era.retracted.has(event.trial) ? undefined : space ? mapParams(space, event.params) : event.params;
          if (!params) {
            absent.add(event.trial);
            return undefined;
          }
          const { trial, fidelity, from, seed, member, memo } = event;
          return {
            position, kind: 'created', trial, own: role === 'strategy' && event.by === 'strategy', params,
            ...(fidelity && { fidelity }), ...(from && { from }), ...(seed === undefined ? {} : { seed }), ...(member === undefined ? {} : { member }), ...(memo === undefined ? {} : { memo }),
          };
        }
        case 'study_closed':
          return { position, kind: 'closed' };
        case 'study_opened':
          return { position, kind: 'opened' };
        case 'trial_started':
        case 'trial_reported':
        case 'trial_checkpointed':
        case 'trial_decided':
        case 'trial_yielded':
        case 'trial_resumed':
        case 'trial_ended':
          if (absent.has(event.trial)) return undefined;
          break;
        default:
          return undefined;
      }
      const { trial } = event;
      switch (event.kind) {
        case 'trial_started':
          return { position, kind: 'started', trial, attempt: event.attempt, done: event.done };
        case 'trial_reported': {
          const milestone = reachedMilestone(milestones, reported.get(trial) ?? 0, event.done);
          if (milestone === undefined) return undefined;
          reported.set(trial, event.done);
          return { position, kind: 'reported', trial, done: event.done, values: event.values, milestone };
        }
        case 'trial_checkpointed':
          return { position, kind: 'checkpointed', trial, checkpoint: event.checkpoint, done: event.done };
        case 'trial_decided':
          return { position, kind: 'decided', trial, action: event.action, by: actor(event.by), ...(event.replacement === undefined ? {} : { replacement: event.replacement }) };
        case 'trial_yielded':
          return { position, kind: 'yielded', trial, to: event.to };
        case 'trial_resumed':
          return { position, kind: 'resumed', trial, by: actor(event.by) };
        case 'trial_ended':
          reported.delete(trial);
          return { position, kind: 'ended', trial, state: event.state, ...(event.value === undefined ? {} : { value: event.value }), values: event.values, done: event.done };
      }
    },
  };
}

/** How far a projection has come; the host asks for events after a position it names. */
export interface ProjectedLog {
  (after: number, through: number): Iterable<readonly TrialEvent[]>;
}

/**
 * The log as one plugin sees it, readable from any position. Going on from where the last reading ended costs only the
 * new events; an earlier position (a rebuild) is served by projecting afresh from the start.
 */
export function createProjectedLog(open: () => Projection, events: (after: number, through: number) => Iterable<readonly LogEvent[]>): ProjectedLog {
  // Opened at the first reading: what the plugin wants to be told is not known before it stands.
  let projection: Projection | undefined;
  let position = 0;
  return function* read(after, through) {
    if (!projection || after < position) {
      projection = open();
      position = 0;
    }
    if (through <= position) return;
    for (const block of events(position, through)) {
      const projected: TrialEvent[] = [];
      for (const event of block) {
        const seen = projection.project(event);
        position = event.position;
        if (seen && event.position > after) projected.push(seen);
      }
      if (projected.length > 0) yield projected;
    }
  };
}
