import { nearMiss } from '@paramo/core';
import type { TrialRecord } from '@paramo/core';
import { filterError, tokenizeFilter } from './filter-tokens.js';
import type { FilterToken } from './filter-tokens.js';
import { closedFields, findField } from './trial-field.js';
import type { FieldNames, FieldValue, ListValue } from './trial-field.js';

/** Whether a trial belongs in a listing. */
export type TrialTest = (trial: TrialRecord) => boolean;

/** A parsed filter. */
export interface TrialFilter {
  readonly test: TrialTest;
  /** The filter asks for completed trials and nothing else, so an index may serve it. */
  readonly completedOnly: boolean;
}

type Literal = string | number | boolean;
type Comparison = (value: Exclude<FieldValue, undefined>, literal: Literal) => boolean;

const deepest = 100;
const keywords: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in']);
const comparisons: Readonly<Record<string, Comparison>> = {
  '=': (value, literal) => value === literal,
  '!=': (value, literal) => value !== literal,
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
};

/**
 * Parses a filter such as `state = completed and lr < 1e-2 or not (opt in (adam, sgd))`.
 *
 *     filter     = all { "or" all }
 *     all        = one { "and" one }
 *     one        = "not" one | "(" filter ")" | FIELD OPERATOR LITERAL | FIELD "in" "(" LITERAL { "," LITERAL } ")"
 *     OPERATOR   = "=" | "!=" | "<" | "<=" | ">" | ">="
 *
 * Fields are those of `findField`; a name with spaces is quoted (`'val loss' < 1`, `metrics.'val loss' < 1`). Literals
 * are numbers, true, false, and text, quoted where it has spaces. A comparison with a field the trial does not have is
 * false, as is the order of two values of different kinds. One with a field of several values holds when it does for one of them, `!=`
 * when none is equal. Retracted trials belong to no listing whose filter does not
 * name `retracted`; the empty filter takes all others.
 * @throws ParamoError INVALID_ARGUMENT that names the column and the near miss.
 */
export function parseFilter(text: string, names?: FieldNames): TrialFilter {
  if (text.trim() === '') return { test: (trial) => !trial.retracted, completedOnly: false };
  const tokens = tokenizeFilter(text);
  let next = 0;
  let namesRetracted = false;

  const fail = (token: FilterToken, what: string, hint: string): Error => filterError(text, token.column, what, hint);
  const peek = (): FilterToken => tokens[next]!;
  const isKeyword = (token: FilterToken, word: string): boolean => token.kind === 'word' && token.text.toLowerCase() === word;
  const take = (word: string): boolean => isKeyword(peek(), word) && next++ >= 0;
  function expectMark(kind: ')' | '(', after: string): void {
    if (peek().kind !== kind) throw fail(peek(), `${said(peek())} where "${kind}" should be`, `Write "${kind}" ${after}.`);
    next++;
  }

  function parseAny(depth: number): TrialTest {
    const tests = [parseAll(depth)];
    while (take('or')) tests.push(parseAll(depth));
    return tests.length === 1 ? tests[0]! : (trial) => tests.some((test) => test(trial));
  }

  function parseAll(depth: number): TrialTest {
    const tests = [parseOne(depth)];
    while (take('and')) tests.push(parseOne(depth));
    return tests.length === 1 ? tests[0]! : (trial) => tests.every((test) => test(trial));
  }

  function parseOne(depth: number): TrialTest {
    if (depth > deepest) throw fail(peek(), `more than ${deepest} levels of brackets and nots`, 'Write it flatter.');
    if (take('not')) {
      const test = parseOne(depth + 1);
      return (trial) => !test(trial);
    }
    if (peek().kind === '(') {
      next++;
      const test = parseAny(depth + 1);
      expectMark(')', 'to close the bracket');
      return test;
    }
    return parseComparison();
  }

  function parseComparison(): TrialTest {
    const field = peek();
    if (!(field.kind === 'quoted' || (field.kind === 'word' && !keywords.has(field.text.toLowerCase())))) throw fail(field, `${said(field)} where a field should be`, 'Write a comparison such as `state = completed` or `lr < 1e-2`.');
    const reader = findField(field.text, names);
    if (typeof reader !== 'function') throw fail(field, reader.unknown, reader.hint);
    next++;
    if (field.text === 'retracted') namesRetracted = true;
    if (take('in')) {
      expectMark('(', 'and the values, such as `opt in (adam, sgd)`');
      const literals = [parseLiteral(field)];
      while (peek().kind === ',' && next++ >= 0) literals.push(parseLiteral(field));
      expectMark(')', 'after the last value');
      return (trial) => listOf(reader(trial)).some((value) => literals.includes(value));
    }
    const operator = peek();
    if (operator.kind !== 'operator') throw fail(operator, `${said(operator)} where an operator should be`, `Write =, !=, <, <=, >, >= or in after "${field.text}".`);
    next++;
    const compare = comparisons[operator.text]!;
    const literal = parseLiteral(field);
    return (trial) => {
      const value = reader(trial);
      if (Array.isArray(value)) return operator.text === '!=' ? !value.includes(literal) : value.some((one: Literal) => compare(one, literal));
      return value !== undefined && compare(value as Literal, literal);
    };
  }

  function parseLiteral(field: FilterToken): Literal {
    const token = peek();
    if (token.kind !== 'quoted' && (token.kind !== 'word' || keywords.has(token.text.toLowerCase()))) throw fail(token, `${said(token)} where a value should be`, `Write a number, true, false or text to compare "${field.text}" with.`);
    next++;
    const literal = token.kind === 'quoted' ? token.text : literalOf(token.text);
    const allowed = Object.hasOwn(closedFields, field.text) ? closedFields[field.text]! : undefined;
    if (allowed && !allowed.includes(literal as string)) {
      const near = nearMiss(String(literal), allowed);
      throw fail(token, `"${token.text}" is no ${field.text === 'by' ? 'origin' : field.text} of a trial`, near ? `Did you mean "${near}"?` : `It is one of ${allowed.join(', ')}.`);
    }
    return literal;
  }

  const test = parseAny(0);
  if (peek().kind !== 'end') throw fail(peek(), `${said(peek())} where the filter should end`, 'Join comparisons with and, or.');
  const [field, operator, literal, end] = tokens;
  const completedOnly = field!.text === 'state' && operator!.text === '=' && literal!.text === 'completed' && end!.kind === 'end';
  return { test: namesRetracted ? test : (trial) => !trial.retracted && test(trial), completedOnly };
}

function listOf(value: FieldValue | ListValue): readonly Literal[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as ListValue) : [value as Literal];
}

/** Compares numbers with numbers and text with text; anything else has no order. */
function ordered(holds: (order: number) => boolean): Comparison {
  return (value, literal) => {
    if (typeof value !== typeof literal || typeof value === 'boolean' || Number.isNaN(value)) return false;
    return holds(value < literal ? -1 : value > literal ? 1 : 0);
  };
}

function literalOf(word: string): Literal {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word);
  const lower = word.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : word;
}

function said(token: FilterToken): string {
  return token.kind === 'end' ? 'the end' : `"${token.text}"`;
}
