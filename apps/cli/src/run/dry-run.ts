import { createRandom, space } from '@paramo/core';
import type { Params } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { note, print, printRows } from '../output.js';
import { fillCommand } from './command-line.js';
import { createLineSplitter } from './line-splitter.js';
import { createMetricReader } from './metric-reader.js';
import type { ReadPoint } from './metric-reader.js';
import type { RunPlan } from './run-plan.js';

/** Shows the space, the command of a trial, and the metrics that output given on stdin would yield. Starts nothing. */
export async function dryRun({ name, objectives, search, program }: RunPlan): Promise<number> {
  note(`study ${name}${objectives.length > 0 ? `: ${objectives.join(', ')}` : ''}`);
  const { parameters, fixed } = search;
  let params: Params = fixed;
  if (Object.keys(parameters).length > 0) {
    const searched = space(parameters);
    for (const dimension of searched.dimensions) {
      const { parameter } = dimension;
      const values = parameter.kind === 'bool' ? 'true, false' : 'values' in parameter ? parameter.values.map(String).join(', ') : `${parameter.low} to ${parameter.high}${parameter.scale === 'linear' ? '' : `, ${parameter.scale}`}${parameter.step === undefined ? '' : `, step ${parameter.step}`}`;
      note(`  ${dimension.name}  ${parameter.kind}  ${values}`);
    }
    const random = createRandom(0, 'dry run');
    params = { ...fixed, ...(searched.defaults() ?? searched.fromUnit(searched.dimensions.map(() => random.next()))) };
  }
  await print(`${fillCommand(program.command, params).map(quote).join(' ')}\n`);
  if (process.stdin.isTTY) return exitCodes.ok.code;

  const reader = createMetricReader(program);
  const counts = new Map<string, number>();
  const points: Required<ReadPoint>[] = [];
  let lines = 0;
  const splitter = createLineSplitter((line) => {
    lines++;
    for (const { metric, step, value } of reader.read(line)) {
      const at = step ?? counts.get(metric) ?? 0;
      counts.set(metric, at + 1);
      points.push({ metric, step: at, value });
    }
  });
  for await (const bytes of process.stdin as AsyncIterable<Buffer>) splitter.push(bytes);
  splitter.end();
  if (lines === 0) return exitCodes.ok.code;
  await printRows(points, [
    { title: 'metric', value: ({ metric }) => metric },
    { title: 'step', align: 'right', value: ({ step }) => step },
    { title: 'value', align: 'right', value: ({ value }) => value },
  ]);
  const missing = program.metrics.filter((metric) => !counts.has(metric));
  for (const metric of missing) note(`${metric} is in none of the ${lines} lines`);
  return missing.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}

/** An argument as a shell would take it. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
