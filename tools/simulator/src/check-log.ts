import type { LogEvent } from '@paramo/core';
import type { StoredStudy } from './stored-study.js';
import type { StudyPlan } from './workload.js';

/** What the log alone must show: numbers without gaps, one owner at a time, nothing after the end, the budget held, nothing suggested twice. */
export function checkLog({ record, log, trials }: StoredStudy, plan: StudyPlan, say: (what: string) => void): void {
  log.forEach((event, i) => {
    if (event.position !== i + 1) say(`event ${i + 1} of the log has position ${event.position}`);
  });
  const count = log.filter(({ kind }) => kind === 'trial_created').length;
  if (trials.size + log.filter(({ kind }) => kind === 'trial_retracted').length < count) say(`${count} trials were created, ${trials.size} are there`);
  checkLives(log, say);
  checkBudget(log, record.spent.trials, plan.options.budget!.trials!, say);
  checkSources(log, say);
  const seen = new Set<string>();
  for (const event of log) {
    if (event.kind !== 'trial_created' || event.by !== 'strategy') continue;
    const suggestion = plan.distinct ? JSON.stringify(event.params) : event.memo === undefined || event.member !== undefined ? undefined : JSON.stringify([event.memo, event.params]);
    // What was withdrawn may be suggested again.
    if (suggestion !== undefined && seen.has(suggestion) && !log.some(({ kind }) => kind === 'trial_retracted')) say(`${suggestion} was suggested twice`);
    if (suggestion !== undefined) seen.add(suggestion);
  }
}

interface Life {
  state: 'waiting' | 'running' | 'paused' | 'over';
  attempt: number;
  lost: boolean;
  stop: boolean;
}

function checkLives(log: readonly LogEvent[], say: (what: string) => void): void {
  const lives = new Map<number, Life>();
  const requests = new Set<string>();
  for (const event of log) {
    if (event.kind === 'trial_created') {
      if (event.trial !== lives.size) say(`trial ${event.trial} was created after ${lives.size} others`);
      lives.set(event.trial, { state: 'waiting', attempt: 0, lost: false, stop: false });
    }
    if (!('trial' in event) || event.kind === 'trial_created' || event.kind === 'trial_retracted' || event.kind === 'trial_deleted') continue;
    const life = lives.get(event.trial)!;
    const at = `${event.kind} of trial ${event.trial} at ${event.position}`;
    if (life.state === 'over') say(`${at} comes after its end`);
    if (event.kind === 'trial_started') {
      if (life.state !== 'waiting') say(`${at}, which is ${life.state}`);
      const next = life.lost && event.attempt === life.attempt ? life.attempt : life.attempt + 1;
      if (event.attempt !== next) say(`${at} is attempt ${event.attempt} after ${life.attempt}`);
      if (event.requestId !== '' && requests.has(event.requestId)) say(`${at} answers request ${event.requestId} a second time`);
      requests.add(event.requestId);
      Object.assign(life, { state: 'running', attempt: event.attempt, lost: false });
    } else if (event.kind === 'trial_decided') life.stop ||= event.action !== 'pause';
    else if (event.kind === 'trial_yielded') {
      if (life.stop) say(`${at}, although it was to be stopped`);
      Object.assign(life, { state: event.to, lost: event.why === 'lost' });
    } else if (event.kind === 'trial_resumed' && life.state === 'paused') life.state = 'waiting';
    else if (event.kind === 'trial_ended') life.state = 'over';
    else if (event.kind === 'trial_reported' && event.attempt !== life.attempt) say(`${at} is of attempt ${event.attempt}, while attempt ${life.attempt} has it`);
  }
}

/** Successors of a population's members count for nothing; all others are held by the budget. */
function checkBudget(log: readonly LogEvent[], spent: number, budget: number, say: (what: string) => void): void {
  const successors = new Set(log.map((event) => (event.kind === 'trial_decided' ? event.replacement : undefined)));
  const places = new Map(log.flatMap((event) => (event.kind === 'trial_created' && event.member !== undefined ? [[event.trial, event.member] as const] : [])));
  const members = new Set<number>();
  const started = new Set<number>();
  for (const event of log) {
    if (event.kind === 'trial_created' && event.member !== undefined && members.has(event.member)) successors.add(event.trial);
    if (event.kind !== 'trial_started') continue;
    if (places.has(event.trial)) members.add(places.get(event.trial)!);
    if (!successors.has(event.trial)) started.add(event.trial);
  }
  if (spent !== started.size) say(`${started.size} trials were started, ${spent} are counted`);
  if (started.size > budget) say(`${started.size} trials were started of a budget of ${budget}`);
}

/** Who starts from a checkpoint starts from one that was stored before. */
function checkSources(log: readonly LogEvent[], say: (what: string) => void): void {
  const stored = new Set<string>();
  for (const event of log) {
    if (event.kind === 'trial_checkpointed') stored.add(`${event.trial} ${event.checkpoint} ${event.done}`);
    if (event.kind === 'trial_created' && event.from && !stored.has(`${event.from.trial} ${event.from.checkpoint} ${event.from.done}`)) say(`trial ${event.trial} starts from a checkpoint that was not stored`);
  }
}
