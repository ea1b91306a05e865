import type { StudyRecord } from '@paramo/core';
import { factsOf } from './facts.js';
import type { Fact } from './facts.js';
import type { TrialDetails } from './trial-details.js';

/** One thing that is known of one or both of two trials. */
export interface Comparison {
  readonly section: string;
  readonly name: string;
  /** Absent: the trial has nothing of it. */
  readonly left?: Pick<Fact, 'value' | 'human'>;
  readonly right?: Pick<Fact, 'value' | 'human'>;
  readonly differs: boolean;
}

/** What belongs to one trial alone, and would differ of any two. */
const ownSections: ReadonlySet<string> = new Set(['use', 'attempts', 'checkpoints', 'artifacts']);

/** Two trials side by side, section by section; of their changes to the code the lines that only one of them has. */
export function compareTrials(study: StudyRecord, left: TrialDetails, right: TrialDetails): readonly Comparison[] {
  const rights = new Map(factsOf(study, right).map((fact) => [keyOf(fact), fact]));
  const rows: Comparison[] = [];
  const add = (one: Fact | undefined, other: Fact | undefined): void => {
    const { section, name } = (one ?? other)!;
    if (!ownSections.has(section)) rows.push({ section, name, ...(one && { left: one }), ...(other && { right: other }), differs: one?.value !== other?.value });
  };
  for (const fact of factsOf(study, left)) {
    const key = keyOf(fact);
    add(fact, rights.get(key));
    rights.delete(key);
  }
  for (const fact of rights.values()) add(undefined, fact);
  // What the right one alone has stands with the rest of its section.
  const order = new Map([...new Set(rows.map(({ section }) => section))].map((section, index) => [section, index]));
  rows.sort((a, b) => order.get(a.section)! - order.get(b.section)!);
  return [...rows, ...compareChanges(left.changes ?? '', right.changes ?? '')];
}

/** Lines of two diffs that only one of them has, by file: `+` and `-` as in the diff itself. */
export function compareChanges(left: string, right: string): readonly Comparison[] {
  const lefts = linesByFile(left);
  const rights = linesByFile(right);
  return [...new Set([...lefts.keys(), ...rights.keys()])].sort().flatMap((name) => {
    const onlyLeft = without(lefts.get(name) ?? [], rights.get(name) ?? []);
    const onlyRight = without(rights.get(name) ?? [], lefts.get(name) ?? []);
    return Array.from({ length: Math.max(onlyLeft.length, onlyRight.length) }, (_, i): Comparison => ({
      section: 'changes', name, differs: true, ...(i < onlyLeft.length && { left: cell(onlyLeft[i]!) }), ...(i < onlyRight.length && { right: cell(onlyRight[i]!) }),
    }));
  });
}

function keyOf({ section, name }: Fact): string {
  return `${section}\n${name}`;
}

function cell(text: string): Pick<Fact, 'value' | 'human'> {
  return { value: text, human: text };
}

/** The lines that a diff takes out and puts in, by the file's path. */
function linesByFile(diff: string): Map<string, string[]> {
  const files = new Map<string, string[]>();
  let lines: string[] = [];
  let inHunk = false;
  for (const line of diff.split('\n')) {
    const path = /^diff --git a\/.* b\/(.*)$/.exec(line)?.[1];
    if (path !== undefined) {
      files.set(path, (lines = []));
      inHunk = false;
    } else if (line.startsWith('@@')) inHunk = true;
    else if (inHunk ? /^[+-]/.test(line) : /^(?:new|deleted) file|^Binary files/.test(line)) lines.push(line);
  }
  return files;
}

/** The lines of `lines` that `others` does not have, each as often as it has it more. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
