// npm run faults [-- NAME... --long --seed N --list]: runs the faults that are named, or all of them, and exits with 1
// when a promise did not hold.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faults } from './bed.js';
import { outcomeLines, outcomePage, outcomeTable, runFault, verdictOf } from './outcome.js';
import type { Outcome } from './outcome.js';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, long: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (options.list) {
  for (const { name, what } of faults) say(`${name.padEnd(16)} ${what}`);
  process.exit(0);
}
const unknown = names.find((name) => !faults.some((fault) => fault.name === name));
const seed = options.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(options.seed);
if (unknown !== undefined || !Number.isSafeInteger(seed)) {
  process.stderr.write(unknown === undefined ? `${options.seed} is not a seed: give a whole number\n` : `no fault is called ${unknown}; --list names them\n`);
  process.exit(2);
}

const root = mkdtempSync(join(tmpdir(), 'paramo-faults-'));
const outcomes: Outcome[] = [];
for (const fault of faults) {
  if (names.length > 0 && !names.includes(fault.name)) continue;
  say(`${fault.name}: ${fault.what}`);
  const outcome = await runFault(fault, { seed, long: options.long, directory: join(root, fault.name), say: (line) => say(`  ${line}`) });
  outcomes.push(outcome);
  for (const line of outcomeLines(outcome, options.long)) say(`  ${line}`);
}
const failed = outcomes.filter(({ result }) => verdictOf(result) === 'FAIL');
if (failed.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
say(`\n${outcomeTable(outcomes)}\n`);
if (options.long) {
  const page = fileURLToPath(new URL('../../../docs/FAULT-RUNS.md', import.meta.url));
  writeFileSync(page, outcomePage(existsSync(page) ? readFileSync(page, 'utf8') : '', outcomes, faults.map(({ name }) => name)));
}
say(`${outcomes.length} faults, ${failed.length} failed, ${outcomes.filter(({ result }) => verdictOf(result) === 'NOT RUN').length} not run, seed ${seed}`);
process.exit(failed.length > 0 ? 1 : 0);
