import { isSystemMetric } from '@paramo/core';
import type { Explanation, StudyRecord } from '@paramo/core';
import { formatDuration, formatNumber } from '../terminal/format.js';
import { sparkline } from '../terminal/sparkline.js';
import { formatAttribute, formatParam } from '../trial-fields.js';
import type { TrialDetails } from './trial-details.js';

/** One thing that is known of a trial. */
export interface Fact {
  readonly section: string;
  readonly name: string;
  /** The exact value. */
  readonly value: string | number | boolean;
  /** The value as people read it. */
  readonly human: string;
  /** A line of bars: how it went; absent for what has one value. */
  readonly chart?: string;
}

const chartWidth = 32;
const mebibyte = 1024 * 1024;

/** What there is to say of a trial, section by section, in the order in which people read it. */
export function factsOf({ spec }: StudyRecord, details: TrialDetails): readonly Fact[] {
  const { trial, description, series, attempts, checkpoints, artifacts } = details;
  const facts: Fact[] = [];
  const add = (section: string, name: string, value: Fact['value'] | undefined, human: string | undefined = undefined, chart?: string): void => {
    if (value === undefined || value === '') return;
    facts.push({ section, name, value, human: human ?? (typeof value === 'number' ? formatNumber(value) : String(value)), ...(chart && { chart }) });
  };

  add('trial', 'state', trial.state);
  if (spec.objectives.length === 1) add('trial', spec.objectives[0]!.metric, trial.value, trial.value === undefined ? undefined : `${formatNumber(trial.value)}${trial.at === undefined ? '' : ` at step ${trial.at}`}`);
  else for (const { metric } of spec.objectives) add('trial', metric, trial.values[metric]);
  add('trial', 'reason', trial.error?.message || trial.reason);
  add('trial', 'steps', trial.done);
  if (trial.startedMs > 0 && trial.endedMs > 0) add('trial', 'ms', trial.endedMs - trial.startedMs, formatDuration(trial.endedMs - trial.startedMs));
  if (trial.startedMs > 0) add('trial', 'started', ...time(trial.startedMs));
  add('trial', 'host', trial.worker?.host);
  add('trial', 'seed', trial.seed);
  add('trial', 'why', why(trial.because));
  add('trial', 'retry of', trial.retryOf);
  if (trial.from) add('trial', 'made from', trial.from.trial, `trial ${trial.from.trial}, its checkpoint of step ${trial.from.done}`);
  for (const [name, value] of Object.entries(trial.attributes)) add('attributes', name, formatAttribute(value));

  for (const [name, value] of Object.entries(trial.params)) add('params', name, value ?? 'null', formatParam(value));
  const bySeries = new Map(series.map((one) => [one.name, one]));
  for (const [name, value] of Object.entries(trial.metrics)) add('metrics', name, value, undefined, line(bySeries.get(name)?.values));
  for (const { name, values } of series.filter((one) => isSystemMetric(one.name))) {
    const last = values.at(-1)!;
    add('use', name, last, name.endsWith('memory') ? bytes(last) : undefined, line(values));
  }

  for (const { attempt, host, startedMs, from, end, endedMs, reason } of attempts.length > 1 ? attempts : []) {
    const lasted = endedMs === undefined ? '' : `, ${end} after ${formatDuration(endedMs - startedMs)}`;
    add('attempts', String(attempt), end ?? 'running', `${time(startedMs)[1]}${host && ` on ${host}`}, from step ${from}${lasted}${reason && `: ${reason}`}`);
  }
  for (const { done, bytes: size, checkpoint } of checkpoints) add('checkpoints', `step ${done}`, checkpoint, `${bytes(size)}  ${checkpoint.slice(0, 12)}`);
  for (const { name, bytes: size, attempt, sha256 } of artifacts) add('artifacts', name, sha256, `${bytes(size)}  ${sha256.slice(0, 12)}  attempt ${attempt}`);
  if (!description) return facts;

  const { command, directory, runtime, host, git, packages, environment } = description;
  add('program', 'command', command.map(quoted).join(' '));
  add('program', 'directory', directory);
  if (runtime) add('program', runtime.name, runtime.version);
  if (git) {
    add('code', 'commit', git.commit);
    add('code', 'branch', git.branch);
    add('code', 'remote', git.remote);
    add('code', 'changed', git.changes?.sha256 ?? git.dirty, git.changes ? `${bytes(git.changes.bytes)} of changes${git.changes.cut ? ', cut' : ''}` : git.dirty ? 'yes' : 'no');
  }
  add('machine', 'name', host.name);
  add('machine', 'platform', host.platform);
  add('machine', 'processor', host.cpu);
  add('machine', 'cores', host.cores);
  add('machine', 'memory', host.memoryBytes, bytes(host.memoryBytes));
  for (const { index, model, memoryBytes, driver } of host.gpus) add('machine', `gpu ${index}`, `${model}, ${bytes(memoryBytes)}, driver ${driver}`);
  for (const [name, value] of Object.entries(environment)) add('environment', name, value);
  if (packages.lockFile) add('packages', packages.lockFile.name, packages.lockFile.sha256, packages.lockFile.sha256.slice(0, 12));
  for (const [name, version] of Object.entries(packages.versions)) add('packages', name, version);
  return facts;
}

function why(because: Explanation): string {
  switch (because.kind) {
    case 'default':
      return 'the defaults of the space';
    case 'exploit':
      return `exploit of trial ${because.donor}: ${because.change}`;
    case 'model':
      return `model: ${formatNumber(because.mean)} ± ${formatNumber(because.sd)} expected, by ${because.acquisition}`;
    default:
      return because.detail;
  }
}

function line(values: readonly number[] | undefined): string | undefined {
  return values && values.length > 1 ? sparkline(values, chartWidth) : undefined;
}

function time(ms: number): [exact: string, human: string] {
  const exact = new Date(ms).toISOString();
  return [exact, `${exact.slice(0, 19).replace('T', ' ')} UTC`];
}

function bytes(count: number): string {
  if (count < 10_000) return `${count} B`;
  return count < mebibyte ? `${formatNumber(count / 1024, 3)} KiB` : count < 1024 * mebibyte ? `${formatNumber(count / mebibyte, 3)} MiB` : `${formatNumber(count / mebibyte / 1024, 3)} GiB`;
}

/** An argument as a shell would need it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
