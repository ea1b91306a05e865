import { ParamoError } from '@paramo/core';

/** A piece of a filter's text. `column` counts from 1. */
export interface FilterToken {
  readonly kind: 'word' | 'quoted' | 'operator' | '(' | ')' | ',' | 'end';
  readonly text: string;
  readonly column: number;
}

const longestFilter = 10_000;
/** A quoted part, an operator, a bracket or comma, or a word; a word may go on with a quoted part (`metrics.'val loss'`). */
const pattern = /\s*(?:(?<operator>!=|<=|>=|==|[=<>])|(?<mark>[(),])|(?<word>[^\s=!<>(),'"]+)(?:(?<=\.)(?<tail>'[^']*'|"[^"]*"))?|(?<quoted>'[^']*'|"[^"]*"))/suy;

/** The tokens of a filter, the last one of kind `end`. */
export function tokenizeFilter(text: string): readonly FilterToken[] {
  if (text.length > longestFilter) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `the filter has ${text.length} characters`, hint: `Use at most ${longestFilter}.` });
  const tokens: FilterToken[] = [];
  const end = text.trimEnd().length;
  pattern.lastIndex = 0;
  let at = 0;
  while (at < end) {
    const match = pattern.exec(text);
    if (!match) {
      const column = at + /^\s*/.exec(text.slice(at))![0].length + 1;
      throw filterError(text, column, text[column - 1] === '!' ? '"!" is no operator' : 'a quote is not closed', text[column - 1] === '!' ? 'Write != or not.' : 'Close it with the same quote.');
    }
    const { operator, mark, word, tail, quoted } = match.groups!;
    const said = operator ?? mark ?? quoted ?? word! + (tail ?? '');
    const column = pattern.lastIndex - said.length + 1;
    if (operator) tokens.push({ kind: 'operator', text: operator === '==' ? '=' : operator, column });
    else if (mark) tokens.push({ kind: mark as '(' | ')' | ',', text: mark, column });
    else if (quoted) tokens.push({ kind: 'quoted', text: quoted.slice(1, -1), column });
    else tokens.push({ kind: 'word', text: word! + (tail ? tail.slice(1, -1) : ''), column });
    at = pattern.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', column: end + 1 });
  return tokens;
}

/** INVALID_ARGUMENT that points at a column of the filter. */
export function filterError(text: string, column: number, what: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message: `filter \`${text}\`, column ${column}: ${what}`, hint, details: { column } });
}
