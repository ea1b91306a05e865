import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@paramo/core';
import { faults } from './bed.js';
import type { FaultResult } from './fault.js';
import { countsOf, outcomeTable, verdictOf } from './outcome.js';
import type { Outcome } from './outcome.js';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string' }, only: { type: 'string', multiple: true }, long: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, write: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (options.list) {
  for (const { name, what } of faults) say(`${name.padEnd(16)} ${what}`);
  process.exit(0);
}
const unknown = options.only?.find((name) => !faults.some((fault) => fault.name === name));
if (unknown !== undefined) {
  process.stderr.write(`no fault is called ${unknown}; --list names them\n`);
  process.exit(2);
}

const seed = options.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(options.seed);
const shown = 10;
const outcomes: Outcome[] = [];
for (const fault of faults) {
  if (options.only && !options.only.includes(fault.name)) continue;
  say(`${fault.name}: ${fault.what} (seed ${seed})`);
  const begun = performance.now();
  let result: FaultResult;
  try {
    result = await fault.run({ seed, random: createRandom('faults', fault.name, seed), long: options.long, say: (line) => say(`  ${line}`) });
  } catch (error) {
    result = { counts: {}, violations: [(error as Error).stack ?? String(error)] };
  }
  const seconds = (performance.now() - begun) / 1000;
  outcomes.push({ name: fault.name, what: fault.what, seed, seconds, result });
  for (const violation of result.violations.slice(0, shown)) say(`  ${typeof violation === 'string' ? violation : `${violation.invariant}: ${violation.detail}`}`);
  if (result.violations.length > shown) say(`  and ${result.violations.length - shown} more`);
  say(`  ${verdictOf(result)} seed ${seed}, ${countsOf(result)}, ${seconds.toFixed(1)} s${result.notRun === undefined ? '' : `, not run: ${result.notRun}`}`);
  if (verdictOf(result) === 'FAIL') say(`  again with: npm run faults -- --only ${fault.name} --seed ${seed}${options.long ? ' --long' : ''}`);
}

const table = outcomeTable(outcomes);
say(`\n${table}\n`);
if (options.write) {
  const page = [
    '# Runs of the bed of faults', '',
    `Made by \`npm run faults -- ${options.long ? '--long ' : ''}--write\`; CONTRIBUTING.md says what it is. Everything drawn follows from the seed, the timing does not.`, '',
    `${new Date().toISOString().slice(0, 10)}, seed ${seed}, ${options.long ? 'full form' : 'form for CI'}; Node ${process.version}, Linux ${release()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory.`, '',
    table, '',
  ].join('\n');
  writeFileSync(fileURLToPath(new URL('../../../docs/FAULT-RUNS.md', import.meta.url)), page);
}
process.exit(outcomes.some(({ result }) => verdictOf(result) === 'FAIL') ? 1 : 0);
