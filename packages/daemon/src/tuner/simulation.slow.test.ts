import type { LogEvent, TrialSource } from '@paramo/core';
import { ReplayOutcome } from '@paramo/protocol';
import { expect, test } from 'vitest';
import { readSeries } from '../store/effective-series.js';
import { applyEvent } from './apply-event.js';
import { foldDifferences } from './fold-check.js';
import { createStudyState } from './study-state.js';
import { simulate } from './testing/simulation.js';

const seeds = 300;
const perTest = 50;

test.each(Array.from({ length: seeds / perTest }, (_, i) => i * perTest))('workers, crashes, duplicates and ghosts break no promise (seeds from %i)', async (from) => {
  for (let seed = from; seed < from + perTest; seed++) await check(seed);
}, 60_000);

async function check(seed: number): Promise<void> {
  const { daemon, studyId, acked, checkpointed, handedOut } = await simulate(seed);
  const { studies } = daemon.services.tuner;
  const where = `seed ${seed}`;
  const log = studies.log(studyId, 0, 100_000);
  const stored = studies.study(studyId)!;

  // Liveness: once the faults stop the study comes to its end, and nothing of it is left.
  expect(stored.state, where).toBe('ended');
  expect(stored.errorCode, `${where}: ${stored.endDetail}`).toBe('');
  expect(studies.liveTrials(studyId), where).toEqual([]);

  checkLives(log, where);
  checkBudget(log, stored, where);

  // Whoever was told that a batch is on disk finds it there.
  for (const { trial, attempt, step, value } of acked) {
    const [series] = readSeries(studies, studyId, trial, { names: ['loss'], attempt });
    expect(series?.values[series.steps.indexOf(step)], `${where}: trial ${trial} attempt ${attempt} step ${step}`).toBe(value);
  }
  checkCheckpoints(log, checkpointed, where);
  for (const [attempt, requests] of handedOut) expect(requests.size, `${where}: ${attempt} handed out`).toBe(1);

  // The tables are the fold of the log.
  expect([...foldDifferences(studies, studyId)], where).toEqual([]);

  // What is kept is what the log says, and nothing else.
  const state = createStudyState(studyId);
  for (const event of log) applyEvent(state, event);
  const kept = [...state.checkpoints].flatMap(([trial, all]) => all.map(({ done, checkpoint }) => ({ studyId, trial, done, checkpoint })));
  expect(new Set([...studies.checkpointKeys(studyId)].map((key) => JSON.stringify(key))), where).toEqual(new Set(kept.map((key) => JSON.stringify(key))));
  expect([...state.checkpoints.values()].flat().filter(({ pins }) => pins !== 0), where).toEqual([]);

  const answer = await daemon.replay(studyId);
  expect(answer, `${where}: ${answer.detail}`).toMatchObject({ outcome: ReplayOutcome.REPLAY_OUTCOME_REPRODUCED });
  await daemon.close();
}

/** Numbers without gaps, one owner at a time, and nothing after the end. */
function checkLives(log: readonly LogEvent[], where: string): void {
  const lives = new Map<number, { state: string; attempt: number; lost: boolean; stop: boolean }>();
  const requests = log.flatMap((event) => (event.kind === 'trial_started' && event.requestId !== '' ? [event.requestId] : []));
  expect(new Set(requests).size, `${where}: a request was answered twice`).toBe(requests.length);
  log.forEach((event, i) => expect(event.position, where).toBe(i + 1));
  for (const event of log) {
    if (event.kind === 'trial_created') {
      expect(event.trial, where).toBe(lives.size);
      lives.set(event.trial, { state: 'waiting', attempt: 0, lost: false, stop: false });
    }
    if (!('trial' in event) || event.kind === 'trial_created' || event.kind === 'trial_retracted') continue;
    const life = lives.get(event.trial)!;
    const at = `${where}: ${event.kind} at ${event.position}`;
    expect(life.state, at).not.toBe('over');
    if (event.kind === 'trial_started') {
      expect(life.state, at).toBe('waiting');
      expect(event.attempt, at).toBe(life.lost && event.attempt === life.attempt ? life.attempt : life.attempt + 1);
      Object.assign(life, { state: 'running', attempt: event.attempt, lost: false });
    } else if (event.kind === 'trial_decided') life.stop ||= event.action !== 'pause';
    else if (event.kind === 'trial_yielded') expect(life.stop, `${at}: although it was to be stopped`).toBe(false);
    if (event.kind === 'trial_yielded') Object.assign(life, { state: event.to, lost: event.why === 'lost' });
    else if (event.kind === 'trial_resumed' && life.state === 'paused') life.state = 'waiting';
    else if (event.kind === 'trial_ended') life.state = 'over';
  }
}

/** Who starts from a checkpoint starts from one that its donor had taken before, and no answered one is missing from the log. */
function checkCheckpoints(log: readonly LogEvent[], answered: readonly TrialSource[], where: string): void {
  const taken = new Set<string>();
  const name = ({ trial, checkpoint, done }: TrialSource): string => `${trial} ${checkpoint} ${done}`;
  for (const event of log) {
    if (event.kind === 'trial_checkpointed') taken.add(name(event));
    if (event.kind === 'trial_created' && event.from) expect(taken, `${where}: trial ${event.trial}`).toContain(name(event.from));
  }
  for (const source of answered) expect(taken, where).toContain(name(source));
}

function checkBudget(log: readonly LogEvent[], { spent, spec, endReason }: { readonly spent: { readonly trials: number }; readonly spec: { readonly budget: { readonly trials?: number } }; readonly endReason?: string }, where: string): void {
  const successors = new Set(log.map((event) => (event.kind === 'trial_decided' ? event.replacement : undefined)));
  const members = new Set<number>();
  const places = new Map(log.flatMap((event) => (event.kind === 'trial_created' && event.member !== undefined ? [[event.trial, event.member] as const] : [])));
  for (const event of log) {
    if (event.kind === 'trial_created' && event.member !== undefined && members.has(event.member)) successors.add(event.trial);
    if (event.kind === 'trial_started' && places.has(event.trial)) members.add(places.get(event.trial)!);
  }
  const started = new Set(log.flatMap((event) => (event.kind === 'trial_started' && !successors.has(event.trial) ? [event.trial] : [])));
  expect(spent.trials, where).toBe(started.size);
  expect(spent.trials, where).toBeLessThanOrEqual(spec.budget.trials!);
  if (endReason === 'budget') expect(spent.trials, where).toBe(spec.budget.trials);
}
