import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { knownBugsPage } from './known-bugs-page.js';
import { knownBugs } from './known-bugs.js';
import { simulate } from './simulate.js';

const { values: options } = parseArgs({
  options: { seeds: { type: 'string', default: '500' }, from: { type: 'string', default: '0' }, trace: { type: 'boolean', default: false }, twice: { type: 'boolean', default: false }, 'known-bugs': { type: 'boolean', default: false } },
});
if (options['known-bugs']) {
  writeFileSync(new URL('../../../docs/KNOWN-BUGS.md', import.meta.url), knownBugsPage(knownBugs));
  process.exit(0);
}
const from = Number(options.from);
const seeds = Number(options.seeds);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** Between two lines of progress, in milliseconds. */
const progressMs = 30_000;
/** Ends once all was written. Processes that were killed in the middle of a call have left their handles, so nothing else would. */
const exit = (code: number): Promise<never> => new Promise(() => process.stdout.write('', () => process.exit(code)));

const begunMs = performance.now();
let saidMs = begunMs;
let events = 0;
let starts = 0;
let virtualMs = 0;
for (let seed = from; seed < from + seeds; seed++) {
  const result = await simulate(seed);
  events += result.events;
  starts += result.starts;
  virtualMs += result.virtualMs;
  if (options.twice) {
    const again = await simulate(seed);
    if (again.digest !== result.digest) {
      const at = result.trace.findIndex((line, i) => line !== again.trace[i]);
      say(`seed ${seed} did not repeat itself; first at line ${at + 1}:\n  ${result.trace[at]}\n  ${again.trace[at]}`);
      await exit(1);
    }
  }
  if (result.violations.length > 0) {
    if (options.trace) for (const line of result.trace) say(line);
    say(`seed ${seed} broke ${result.violations.length === 1 ? 'a promise' : `${result.violations.length} promises`} (sites: ${result.sites.join(', ') || 'none'}):`);
    for (const violation of result.violations) say(`  ${violation}`);
    say(`again, with all that happened: npm run simulator -- --from ${seed} --seeds 1 --trace`);
    await exit(1);
  }
  if (options.trace && seeds === 1) for (const line of result.trace) say(line);
  const nowMs = performance.now();
  if (nowMs - saidMs > progressMs) {
    saidMs = nowMs;
    say(`${seed + 1 - from} of ${seeds} seeds, ${(((seed + 1 - from) * 1000) / (nowMs - begunMs)).toFixed(1)} a second`);
  }
}
const seconds = (performance.now() - begunMs) / 1000;
say(`${seeds} seeds from ${from}: no promise broken; ${(seeds / seconds).toFixed(1)} seeds a second, ${seconds.toFixed(1)} s; ${events} events in ${(virtualMs / 3_600_000).toFixed(1)} h of virtual time, ${starts} starts of the daemon`);
await exit(0);
