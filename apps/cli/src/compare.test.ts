import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeBlocks } from './testing/code-blocks.js';
import type { CodeBlock } from './testing/code-blocks.js';
import { packageDirectory } from './version.js';

const page = 'docs/COMPARE.md';
const lines = readFileSync(join(packageDirectory, '..', '..', page), 'utf8').split('\n');

interface Program {
  readonly section: string;
  readonly name: string;
  readonly block: CodeBlock;
}

/** The last heading of a level above a line. */
function headingAbove(line: number, mark: string): string {
  return lines.slice(0, line).findLast((text) => text.startsWith(mark))!.slice(mark.length);
}

const programs = codeBlocks(page).map((block): Program => ({ section: headingAbove(block.line, '## '), name: headingAbove(block.line, '### '), block }));

const isTypeScript = ({ language }: CodeBlock): boolean => language === 'ts';

/** Its lines that are neither empty nor comments. */
function codeLines({ code }: CodeBlock): string[] {
  return code.split('\n').filter((line) => line.trim() !== '' && !/^\s*(?:#|\/\/)/.test(line));
}

/** What stands for the library: what is imported, functions it has decorated, and the names under which it hands out a run, a trial, a study. */
function roots({ code }: CodeBlock): string[] {
  const modules = [...code.matchAll(/^import (\w+)$/gm)].map(([, name]) => name!);
  const named = [...code.matchAll(/^import \{ (.*) \} from/gm)].flatMap(([, names]) => names!.split(', '));
  const decorated = [...code.matchAll(/^@.*\ndef (\w+)/gm)].map(([, name]) => name!);
  const imported = [...modules, ...named];
  return imported.length === 0 ? [] : [...imported, ...decorated, 'run', 'trial', 'study'];
}

/** Index after the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === '(') depth++;
    else if (code[i] === ')' && --depth === 0) return i + 1;
  }
  throw new Error('a bracket is not closed');
}

/** Counts each pair of brackets in `root.a(…).b(…)`. */
function countCalls(block: CodeBlock): number {
  const code = codeLines(block).filter((line) => !line.startsWith('import ')).join('\n');
  const names = roots(block);
  if (names.length === 0) return 0;
  let count = 0;
  for (const found of code.matchAll(new RegExp(`(?<![\\w."']|def )(?:${names.join('|')})\\b`, 'g'))) {
    let at = found.index + found[0].length;
    for (;;) {
      at += /^(?:\.\w+)*/.exec(code.slice(at))![0].length;
      if (code[at] !== '(') break;
      count++;
      at = closing(code, at);
    }
  }
  return count;
}

test('the tables say what the programs have', () => {
  const bare = (block: CodeBlock): CodeBlock => programs.find((program) => program.section === 'The bare loop' && isTypeScript(program.block) === isTypeScript(block))!.block;
  const counted = programs.map(({ section, name, block }) => {
    const count = codeLines(block).length;
    return `${section}: | ${name} | ${countCalls(block)} | ${count} | ${count - codeLines(bare(block)).length} |`;
  });
  const said = lines.flatMap((line, i) => (/^\| [A-Z]/.test(line) ? [`${headingAbove(i, '## ')}: ${line}`] : []));
  expect(said).toEqual(counted);
});

test('no line of a program is made longer to have fewer of them', () => {
  expect(programs.flatMap(({ block }) => block.code.split('\n').filter((line) => line.length > 110))).toEqual([]);
});
