import { mkdirSync, rmSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { createRandom } from '@paramo/core';
import type { Fault, FaultContext, FaultResult } from './fault.js';

/** A fault's run. */
export interface Outcome {
  readonly name: string;
  readonly what: string;
  readonly seed: number;
  /** Where its homes lie; gone when it has passed. */
  readonly directory: string;
  readonly seconds: number;
  readonly result: FaultResult;
}

const shown = 10;

/** Runs a fault; what it throws is a violation. Its directory stays when it fails. */
export async function runFault(fault: Fault, context: Omit<FaultContext, 'random'>): Promise<Outcome> {
  const { seed, directory } = context;
  mkdirSync(directory, { recursive: true });
  const begun = performance.now();
  let result: FaultResult;
  try {
    result = await fault.run({ ...context, random: createRandom('faults', fault.name, seed) });
  } catch (error) {
    result = { counts: {}, violations: [(error as Error).stack ?? String(error)] };
  }
  if (result.violations.length === 0) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  return { name: fault.name, what: fault.what, seed, directory, seconds: (performance.now() - begun) / 1000, result };
}

/** PASS, FAIL or NOT RUN. */
export function verdictOf({ notRun, violations }: FaultResult): 'PASS' | 'FAIL' | 'NOT RUN' {
  if (violations.length > 0) return 'FAIL';
  return notRun === undefined ? 'PASS' : 'NOT RUN';
}

/** What is said of a run: what was found, and how to see it again. */
export function outcomeLines({ name, seed, directory, seconds, result }: Outcome, long: boolean): string[] {
  const verdict = verdictOf(result);
  return [
    ...result.violations.slice(0, shown).map((violation) => (typeof violation === 'string' ? violation : `${violation.invariant}: ${violation.detail}`)),
    ...(result.violations.length > shown ? [`and ${result.violations.length - shown} more`] : []),
    `${verdict} ${name}: seed ${seed}, ${[countsOf(result), `${seconds.toFixed(1)} s`, result.notRun && `not run: ${result.notRun}`].filter(Boolean).join(', ')}`,
    ...(verdict === 'FAIL' ? [`its homes: ${directory}`, `again with: npm run faults -- ${name} --seed ${seed}${long ? ' --long' : ''}`] : []),
  ];
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

/** `docs/FAULT-RUNS.md` after a run of the full form: a fault that was not in it keeps the row it has in `page`. */
export function outcomePage(page: string, outcomes: readonly Outcome[], names: readonly string[]): string {
  const rows = new Map([...page.matchAll(/^\| ([a-z-]+) \|.*\|$/gm)].map(([row, name]) => [name!, row]));
  rows.delete('fault');
  const day = new Date().toISOString().slice(0, 10);
  for (const { name, what, seed, seconds, result } of outcomes) {
    const said = [countsOf(result), result.note, result.notRun && `not run: ${result.notRun}`].filter(Boolean).join('; ');
    rows.set(name, `| ${name} | ${what} | ${verdictOf(result)} | ${said} | ${seed} | ${day} | ${seconds.toFixed(0)} |`);
  }
  return [
    '# Runs of the bed of faults', '',
    'Made by `npm run faults -- --long`; CONTRIBUTING.md says what it is. Each row is the newest full run of its fault. What is drawn follows from the seed, the', 'timing does not.', '',
    `Node ${process.version}, Linux ${release()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory.`, '',
    '| fault | what | outcome | counts | seed | day | s |', '|---|---|---|---|---:|---|---:|',
    ...names.flatMap((name) => rows.get(name) ?? []), '',
  ].join('\n');
}

function countsOf({ counts }: FaultResult): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
