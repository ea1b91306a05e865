import type { LogEvent, Params, Values } from '@paramo/core';
import { formatNumber } from '../terminal/format.js';
import { printable } from '../terminal/text.js';
import { formatParam } from '../trial-fields.js';

/** An event of a study's log as a line: the time, then what happened. */
export function describeEvent(event: LogEvent): string {
  return `${new Date(event.wallMs).toISOString().slice(11, 19)}  ${printable(words(event))}`;
}

function words(event: LogEvent): string {
  switch (event.kind) {
    case 'study_created':
      return `study "${event.spec.name}" created`;
    case 'study_updated':
      return `study changed${event.state === undefined ? '' : `: ${event.state}`}${because(event.reason)}`;
    case 'study_revised':
      return `study revised: revision ${event.revision}`;
    case 'era_opened':
      return `${[event.strategy, event.stopper].map((plugin) => (plugin ? `${plugin.package} ${plugin.version}` : '')).filter((text) => text !== '').join(' and ') || 'no plugin'} at work${because(event.reason)}`;
    case 'trial_created':
      return `trial ${event.trial} created by the ${event.by}: ${listParams(event.params)}`;
    case 'trial_started':
      return `trial ${event.trial} started${event.attempt > 1 ? ` (attempt ${event.attempt})` : ''} on ${event.worker.host}${event.worker.pid > 0 ? `, process ${event.worker.pid}` : ''}`;
    case 'trial_reported':
      return `trial ${event.trial} after ${event.done} steps: ${listValues(event.values)}`;
    case 'steps_granted':
      return `trial ${event.trial} may go on to step ${event.through}`;
    case 'trial_checkpointed':
      return `trial ${event.trial} checkpointed after ${event.done} steps`;
    case 'trial_decided':
      return `trial ${event.trial}: ${event.action}, by the ${event.by}${because(event.reason)}`;
    case 'trial_yielded':
      return `trial ${event.trial} ${event.why}, ${event.to} again after ${event.done} steps${because(event.reason)}`;
    case 'trial_resumed':
      return `trial ${event.trial} resumed by the ${event.by}`;
    case 'trial_ended':
      return `trial ${event.trial} ${event.state} after ${event.done} steps: ${listValues(event.values)}${because(event.error?.message ?? event.reason)}`;
    case 'trial_retracted':
      return `trial ${event.trial} retracted${because(event.reason)}`;
    case 'trial_updated':
      return `trial ${event.trial} has ${Object.entries(event.attributes).map(([name, value]) => (value === null ? `no ${name}` : `${name} ${JSON.stringify(value)}`)).join(', ')}`;
    case 'trial_deleted':
      return `the data of trial ${event.trial} deleted`;
    case 'phase_started':
      return `phase "${event.phase}" begins`;
    case 'study_closed':
      return `no further trial will come (${event.reason})${because(event.detail)}`;
    case 'study_opened':
      return `study open again${because(event.reason)}`;
    case 'study_ended':
      return `study ended (${event.reason})${because(event.error?.message ?? event.detail)}`;
    case 'unknown':
      return 'something that this version does not know';
  }
}

/** Params in a line. */
export function listParams(params: Params): string {
  return Object.entries(params).map(([name, value]) => `${name} ${formatParam(value)}`).join(', ') || 'no params';
}

function listValues(values: Values): string {
  return Object.entries(values).map(([name, value]) => `${name} ${formatNumber(value)}`).join(', ') || 'no value';
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : ` (${reason})`;
}
