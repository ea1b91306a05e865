import { isTerminal } from '@paramo/core';
import { bulkValue } from './history.js';
import type { HistoryEntry, Point } from './history.js';
import type { Snapshot } from './snapshot.js';

/** What must hold, whatever happened. */
export const invariants = [
  'acked is stored', 'nothing is invented', 'nothing is doubled', 'order is kept', 'one owner', 'no zombies', 'numbers without gaps', 'blobs verify', 'replay is clean', 'clients see nothing wrong',
] as const;

/** One of them. */
export type Invariant = (typeof invariants)[number];

/** Where one of them does not hold. */
export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/** When the snapshot was taken. */
export interface CheckOptions {
  /** No client has lived for longer than lease and grace: nothing may be running. */
  readonly atRest: boolean;
}

/** Compares what clients did and heard with what is stored of one study; other studies' entries are passed over. */
export function check(history: readonly HistoryEntry[], snapshot: Snapshot, { atRest }: CheckOptions): Violation[] {
  const own = history.filter((entry) => !('studyId' in entry) || entry.studyId === snapshot.studyId);
  const violations = [...checkPoints(own, snapshot), ...checkOutcomes(own, snapshot), ...checkLog(snapshot), ...checkOwners(own), ...checkBlobs(own, snapshot)];
  const say = (invariant: Invariant, detail: string): void => void violations.push({ invariant, detail });
  if (atRest) for (const { number, state } of snapshot.trials) if (state === 'running') say('no zombies', `trial ${number} is still running`);
  if (!snapshot.replay.reproduced) say('replay is clean', snapshot.replay.detail);
  for (const entry of own) {
    if (entry.kind === 'wrong') say('clients see nothing wrong', entry.what);
    if ((entry.kind === 'lost' || entry.kind === 'refused') && (entry.code === 'INTERNAL' || !/^[A-Z_]+$/.test(entry.code))) say('clients see nothing wrong', `${entry.call} was answered with ${entry.code}`);
  }
  return violations;
}

/** Points: acked ones are there, none that nobody sent, none twice, in their order. */
function checkPoints(history: readonly HistoryEntry[], { series }: Snapshot): Violation[] {
  const violations: Violation[] = [];
  const sent = new Map<string, Map<number, { readonly sequence: number; readonly value: number }>>();
  const acked = new Map<string, number>();
  for (const entry of history) {
    if (entry.kind === 'sent' || entry.kind === 'sent in bulk') {
      const points = sent.get(nameOf(entry)) ?? new Map<number, { readonly sequence: number; readonly value: number }>();
      sent.set(nameOf(entry), points);
      for (const [step, value] of pointsOf(entry)) points.set(step, { sequence: entry.sequence, value });
    } else if (entry.kind === 'acked') acked.set(nameOf(entry), Math.max(acked.get(nameOf(entry)) ?? 0, entry.sequence));
  }
  const stored = new Map<string, Map<number, number>>();
  for (const one of series) {
    const name = nameOf(one);
    const points = new Map<number, number>();
    one.steps.forEach((step, i) => {
      const value = one.values[i]!;
      if (points.has(step)) violations.push({ invariant: 'nothing is doubled', detail: `${name} has step ${step} twice` });
      if (i > 0 && step < one.steps[i - 1]!) violations.push({ invariant: 'order is kept', detail: `${name} has step ${step} after ${one.steps[i - 1]}` });
      points.set(step, value);
      const origin = sent.get(name)?.get(step);
      if (origin?.value !== value) violations.push({ invariant: 'nothing is invented', detail: `${name} has ${value} at step ${step}; ${origin ? `${origin.value} was sent` : 'nobody sent it'}` });
    });
    stored.set(name, points);
  }
  for (const [name, points] of sent) {
    const missing = [...points].filter(([step, { sequence }]) => sequence <= (acked.get(name) ?? 0) && !stored.get(name)?.has(step)).map(([step]) => step);
    if (missing.length > 0) violations.push({ invariant: 'acked is stored', detail: `${name} lacks ${missing.length} acked points, the first at step ${missing[0]}` });
  }
  return violations;
}

function pointsOf(entry: Extract<HistoryEntry, { readonly kind: 'sent' | 'sent in bulk' }>): readonly Point[] {
  if (entry.kind === 'sent') return entry.points;
  return Array.from({ length: entry.count }, (_, i) => [entry.from + i, bulkValue(entry, entry.from + i)] as const);
}

/** Ends, checkpoints and starts that were answered are in the log. */
function checkOutcomes(history: readonly HistoryEntry[], { log, trials, artifacts }: Snapshot): Violation[] {
  const violations: Violation[] = [];
  const say = (detail: string): void => void violations.push({ invariant: 'acked is stored', detail });
  const started = new Set<string>();
  const checkpointed = new Set<string>();
  for (const event of log) {
    if (event.kind === 'trial_started') started.add(nameOf(event));
    if (event.kind === 'trial_checkpointed') checkpointed.add(`${event.trial} ${event.checkpoint} ${event.done}`);
  }
  for (const entry of history) {
    if (entry.kind === 'given' && !started.has(nameOf(entry))) say(`the start of ${nameOf(entry)} was answered and is not in the log`);
    if (entry.kind === 'checkpointed' && !checkpointed.has(`${entry.trial} ${entry.checkpoint} ${entry.done}`)) say(`the checkpoint of ${nameOf(entry)} at ${entry.done} was answered and is not in the log`);
    if (entry.kind === 'kept' && !artifacts.some(({ name }) => name === entry.sha256)) say(`the artifact ${entry.sha256} of trial ${entry.trial} was answered and is not there`);
    if (entry.kind === 'ended' && isTerminal(entry.state as never)) {
      const state = trials.find(({ number }) => number === entry.trial)?.state;
      if (state !== entry.state) say(`trial ${entry.trial} was answered as ${entry.state} and is ${state ?? 'not there'}`);
    }
  }
  return violations;
}

/** The log: positions and numbers without gaps, no request answered twice, one life after another. */
function checkLog({ log, trials }: Snapshot): Violation[] {
  const violations: Violation[] = [];
  const say = (invariant: Invariant, detail: string): void => void violations.push({ invariant, detail });
  const lives = new Map<number, { state: string; attempt: number; lost: boolean }>();
  const requests = new Set<string>();
  log.forEach((event, i) => {
    if (event.position !== i + 1) say('order is kept', `the log's entry ${i + 1} has position ${event.position}`);
    if (!('trial' in event)) return;
    if (event.kind === 'trial_created') {
      if (event.trial !== lives.size) say('numbers without gaps', `trial ${event.trial} was created when there were ${lives.size}`);
      lives.set(event.trial, { state: 'waiting', attempt: 0, lost: false });
      return;
    }
    if (event.kind === 'trial_retracted' || event.kind === 'trial_deleted') return;
    const life = lives.get(event.trial);
    if (!life || life.state === 'over') return say('one owner', `${event.kind} at ${event.position} of trial ${event.trial}, which ${life ? 'is over' : 'was never created'}`);
    if (event.kind === 'trial_started') {
      const next = life.lost && event.attempt === life.attempt ? life.attempt : life.attempt + 1;
      if (life.state !== 'waiting' || event.attempt !== next) say('one owner', `attempt ${event.attempt} of trial ${event.trial} began at ${event.position} while attempt ${life.attempt} was ${life.state}`);
      if (event.requestId !== '') {
        if (requests.has(event.requestId)) say('nothing is doubled', `request ${event.requestId} was answered with two attempts`);
        requests.add(event.requestId);
      }
      Object.assign(life, { state: 'running', attempt: event.attempt, lost: false });
    } else if (event.kind === 'trial_yielded') Object.assign(life, { state: event.to, lost: event.why === 'lost' });
    else if (event.kind === 'trial_resumed' && life.state === 'paused') life.state = 'waiting';
    else if (event.kind === 'trial_ended') life.state = 'over';
  });
  trials.forEach(({ number, state }, i) => {
    if (number !== i) say('numbers without gaps', `trial ${number} is listed in place ${i}`);
    const life = lives.get(number);
    if (life && (life.state === 'over' ? !isTerminal(state) : life.state !== state)) say('order is kept', `trial ${number} is ${state}, but ${life.state} by the log`);
  });
  if (trials.length !== lives.size) say('numbers without gaps', `${trials.length} trials are listed, ${lives.size} are in the log`);
  return violations;
}

/** No attempt was handed to two requests. */
function checkOwners(history: readonly HistoryEntry[]): Violation[] {
  const owners = new Map<string, string>();
  const violations: Violation[] = [];
  for (const entry of history) {
    if (entry.kind !== 'given') continue;
    const before = owners.get(nameOf(entry)) ?? entry.requestId;
    if (before !== entry.requestId) violations.push({ invariant: 'one owner', detail: `${nameOf(entry)} was handed to ${before} and ${entry.requestId}` });
    owners.set(nameOf(entry), before);
  }
  return violations;
}

/** Every file that is kept has the content its name says, and a trial with an acked checkpoint has one. */
function checkBlobs(history: readonly HistoryEntry[], { checkpoints, artifacts }: Snapshot): Violation[] {
  const violations: Violation[] = [];
  for (const { trial, name, whole, detail } of [...checkpoints, ...artifacts]) if (!whole) violations.push({ invariant: 'blobs verify', detail: `${name} of trial ${trial}: ${detail}` });
  const kept = new Set(checkpoints.map(({ trial }) => trial));
  const acked = new Set(history.flatMap((entry) => (entry.kind === 'checkpointed' ? [entry.trial] : [])));
  for (const trial of acked) if (!kept.has(trial)) violations.push({ invariant: 'acked is stored', detail: `no checkpoint of trial ${trial} is kept, although one was acked` });
  return violations;
}

function nameOf({ trial, attempt }: { readonly trial: number; readonly attempt: number }): string {
  return `trial ${trial} attempt ${attempt}`;
}
