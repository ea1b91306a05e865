import type { FaultResult } from './fault.js';

/** A fault's run, as the table shows it. */
export interface Outcome {
  readonly name: string;
  readonly what: string;
  readonly seed: number;
  readonly seconds: number;
  readonly result: FaultResult;
}

/** PASS, FAIL or NOT RUN. */
export function verdictOf({ notRun, violations }: FaultResult): 'PASS' | 'FAIL' | 'NOT RUN' {
  if (violations.length > 0) return 'FAIL';
  return notRun === undefined ? 'PASS' : 'NOT RUN';
}

/** Counts as words. */
export function countsOf({ counts }: FaultResult): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

/** The table in Markdown, and below it what was not run. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ name, what, seconds, result }) => `| ${name} | ${what} | ${verdictOf(result)} | ${countsOf(result)} | ${seconds.toFixed(0)} |`);
  const missing = outcomes.filter(({ result }) => result.notRun !== undefined).map(({ name, result }) => `* ${name}: ${result.notRun}`);
  const notes = outcomes.filter(({ result }) => result.note !== undefined).map(({ name, result }) => `* ${name}: ${result.note}`);
  return [
    '| fault | what | outcome | counts | s |', '|---|---|---|---|---:|', ...rows,
    ...(notes.length > 0 ? ['', 'Notes:', '', ...notes] : []),
    ...(missing.length > 0 ? ['', 'Not run:', '', ...missing] : []),
  ].join('\n');
}
