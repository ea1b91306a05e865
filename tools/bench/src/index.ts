import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureAskTell } from './ask-tell.js';
import { measureCheckpoints } from './checkpoints.js';
import { markdownTable, type Measurement } from './measurement.js';
import { measurePeers } from './peers.js';
import { measureReporting } from './reporting.js';
import { measureStarting } from './starting.js';

const { values: options } = parseArgs({
  options: { repetitions: { type: 'string', default: '5' }, write: { type: 'boolean', default: false }, 'no-peers': { type: 'boolean', default: false } },
});
const repetitions = Number(options.repetitions);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const measurements: Measurement[] = [];
say(`benchmarks, ${repetitions} repetitions each`);
for (const workers of [1, 16, 64]) {
  say(`ask and tell, ${workers} workers`);
  measurements.push(await measureAskTell(workers, repetitions));
}
say('reporting');
measurements.push(...(await measureReporting(repetitions)));
say('checkpoints');
measurements.push(...(await measureCheckpoints(repetitions)));
say('starting');
measurements.push(...(await measureStarting(repetitions)));
if (!options['no-peers']) {
  say('peers');
  measurements.push(...measurePeers(repetitions, say));
}

const order = [...new Set(measurements.map((one) => one.work))];
measurements.sort((a, b) => order.indexOf(a.work) - order.indexOf(b.work));
const table = markdownTable(measurements);
process.stdout.write(`${table}\n`);
if (options.write) {
  const page = [
    '# Benchmarks', '',
    'Made by `npm run bench -- --write`; medians over the repetitions of one run, systems one after the other on the same machine.',
    'Compare ratios rather than digits: machines differ, and this one was shared.', '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${repetitions} repetitions.`, '',
    table, '',
  ].join('\n');
  writeFileSync(fileURLToPath(new URL('../../../docs/BENCHMARKS.md', import.meta.url)), page);
}
// Connections of the SDK may still hold their timers.
process.exit(0);
