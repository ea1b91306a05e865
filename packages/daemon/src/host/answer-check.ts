import { isParamoError } from '@paramo/core';
import type { Decision, Json, Milestones, NewTrial, Resumption, Space, Step, Suggestion } from '@paramo/core';
import type { Answer, PluginKind } from './host.js';
import type { RawAnswer } from './messages.js';

/** Thrown by the checks below; the message is one clause that names the rule. */
export class BrokenRule extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/** What an answer is checked against. */
export interface AnswerRules {
  readonly kind: PluginKind;
  readonly space: Space;
}

/**
 * The answer of a plugin, when it keeps the contract: params that lie in the space, reasons, whole trial numbers,
 * nothing unknown.
 * @throws BrokenRule naming the first rule that is broken.
 */
export function checkAnswer(raw: RawAnswer, position: number, { kind, space }: AnswerRules): Answer {
  if (!Array.isArray(raw.decisions)) throw new BrokenRule('decisions() must return an array');
  const decisions = raw.decisions.map((decision) => checkDecision(decision, space));
  if (typeof raw.done !== 'boolean') throw new BrokenRule('done() must return true or false');
  const answer = { position, decisions, done: kind === 'strategy' && raw.done };
  if (kind === 'stopper') return raw.resume === undefined ? answer : { ...answer, resume: checkResumption(raw.resume, 'resume()') };
  return raw.suggestion === undefined ? answer : { ...answer, suggestion: checkSuggestion(raw.suggestion, space) };
}

/**
 * What `milestones()` returned, when it is ascending whole numbers above 0 or an interval; `whenAbsent` for a plugin without.
 * @throws BrokenRule
 */
export function checkMilestones(raw: unknown, whenAbsent: 'every' | 'none'): 'every' | 'none' | Milestones {
  if (raw === undefined) return whenAbsent;
  if (!Array.isArray(raw)) {
    const { interval } = fields(raw, 'milestones()', ['interval']);
    wholeNumber(interval, 'milestones(): interval', 1);
    return { interval: interval as Step };
  }
  let before = 0;
  for (const step of raw) {
    if (!Number.isSafeInteger(step) || step <= before) throw new BrokenRule(`milestones() must return ascending whole numbers from 1; ${String(step)} follows ${before}`);
    before = step as number;
  }
  return raw as readonly Step[];
}

function checkDecision(value: unknown, space: Space): Decision {
  const where = 'decisions()';
  const { trial, action, by, reason } = fields(value, where, ['trial', 'action', 'by', 'reason']);
  wholeNumber(trial, `${where}: trial`);
  if (action !== 'stop' && action !== 'pause' && action !== 'replace') throw new BrokenRule(`${where}: action must be stop, pause or replace, not ${show(action)}`);
  text(reason, `${where}: reason`);
  if (action === 'replace') checkNewTrial(by, `${where}: by`, space);
  else if (by !== undefined) throw new BrokenRule(`${where}: only replace has by`);
  return value as Decision;
}

function checkSuggestion(value: unknown, space: Space): Suggestion {
  const where = 'suggest()';
  if (typeof value === 'object' && value !== null && 'resume' in value) return checkResumption(value, where);
  return checkNewTrial(value, where, space);
}

function checkResumption(value: unknown, where: string): Resumption {
  const { resume, because } = fields(value, where, ['resume', 'because']);
  wholeNumber(resume, `${where}: resume`);
  checkBecause(because, where);
  return value as Resumption;
}

function checkNewTrial(value: unknown, where: string, space: Space): NewTrial {
  const { params, from, fidelity, seed, member, memo, because } = fields(value, where, ['params', 'from', 'fidelity', 'seed', 'member', 'memo', 'because']);
  checkParams(params, where, space);
  if (from !== undefined) {
    const source = fields(from, `${where}: from`, ['trial', 'checkpoint', 'done']);
    wholeNumber(source['trial'], `${where}: from.trial`);
    text(source['checkpoint'], `${where}: from.checkpoint`);
    wholeNumber(source['done'], `${where}: from.done`);
  }
  if (fidelity !== undefined) {
    const { steps, data } = fields(fidelity, `${where}: fidelity`, ['steps', 'data']);
    if (steps !== undefined) wholeNumber(steps, `${where}: fidelity.steps`, 1);
    if (data !== undefined && !(finite(data) && data > 0 && data <= 1)) throw new BrokenRule(`${where}: fidelity.data must lie in (0, 1], not ${show(data)}`);
  }
  if (seed !== undefined) wholeNumber(seed, `${where}: seed`);
  if (member !== undefined) wholeNumber(member, `${where}: member`);
  if (memo !== undefined && !isJson(memo)) throw new BrokenRule(`${where}: memo must be JSON`);
  checkBecause(because, where);
  return value as NewTrial;
}

function checkParams(params: unknown, where: string, space: Space): void {
  fields(params, `${where}: params`);
  try {
    space.validate(params as Parameters<Space['validate']>[0]);
  } catch (error) {
    throw new BrokenRule(`${where}: params must lie in the space: ${isParamoError(error) ? [error.summary, error.hint].filter(Boolean).join('. ') : String(error)}`);
  }
}

const becauseFields = {
  default: {},
  design: { detail: 'text' },
  model: { mean: 'number', sd: 'number', acquisition: 'text', detail: 'text?' },
  exploit: { donor: 'trial', change: 'text' },
  promotion: { detail: 'text' },
  user: { detail: 'text' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, 'text' | 'text?' | 'number' | 'trial'>>>>;

function checkBecause(value: unknown, where: string): void {
  const at = `${where}: because`;
  const { kind, ...rest } = fields(value, at);
  if (typeof kind !== 'string' || !Object.hasOwn(becauseFields, kind)) throw new BrokenRule(`${at}.kind must be one of ${Object.keys(becauseFields).join(', ')}, not ${show(kind)}`);
  const shape = Object.entries(becauseFields[kind as keyof typeof becauseFields]);
  fields(rest, at, shape.map(([name]) => name));
  for (const [name, type] of shape as readonly (readonly [string, string])[]) {
    const given = rest[name];
    if (type === 'trial') wholeNumber(given, `${at}.${name}`);
    else if (type === 'number') {
      if (!finite(given)) throw new BrokenRule(`${at}.${name} must be a finite number, not ${show(given)}`);
    } else if (type === 'text' || given !== undefined) text(given, `${at}.${name}`);
  }
}

/** `value` as a plain object with no fields but the `known` ones. */
function fields(value: unknown, where: string, known?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BrokenRule(`${where} must be an object, not ${show(value)}`);
  const unknown = known && Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new BrokenRule(`${where} has the unknown field ${unknown}`);
  return value as Fields;
}

function wholeNumber(value: unknown, where: string, least = 0): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw new BrokenRule(`${where} must be a whole number from ${least}, not ${show(value)}`);
}

function text(value: unknown, where: string): void {
  if (typeof value !== 'string' || value.trim() === '') throw new BrokenRule(`${where} must be a text that is not empty, not ${show(value)}`);
}

function finite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isJson);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value).slice(0, 80) : typeof value === 'object' && value !== null ? 'an object' : String(value);
}
