import { basename } from 'node:path';
import { findStudy, parseDuration, track, tune } from '@paramo/client';
import type { Connection, ObjectiveInput, StudyTrial, Trial } from '@paramo/client';
import { isParamoError, ParamoError, parseObjective, space } from '@paramo/core';
import type { Params, Space, TrialRecord } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { reportFailure } from '../failure.js';
import { note, printJson } from '../output.js';
import { listTrials } from '../operations.js';
import { unusedParams } from '../run/command-line.js';
import { dryRun } from '../run/dry-run.js';
import { openGpuSlots } from '../run/gpu-slots.js';
import { createMetricReader } from '../run/metric-reader.js';
import { runProgram } from '../run/run-program.js';
import type { ProgramOptions } from '../run/run-program.js';
import { parseSearch } from '../run/search-grammar.js';
import type { Search } from '../run/search-grammar.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { studyExitCode } from '../study-outcome.js';
import { formatNumber } from '../terminal/format.js';
import { formatParam } from '../trial-fields.js';

/** Options of `paramo run`. */
export interface RunOptions extends GlobalOptions {
  readonly param?: readonly string[];
  readonly name?: string;
  readonly metric?: readonly string[];
  readonly minimize?: readonly string[];
  readonly maximize?: readonly string[];
  readonly pattern?: readonly string[];
  readonly step?: string;
  readonly tensorboard?: string;
  readonly trials?: number;
  readonly wall?: string;
  readonly jobs?: number;
  readonly strategy?: string;
  readonly stopper?: string;
  readonly steps?: number;
  readonly seed?: number;
  readonly timeout?: string;
  readonly grace?: string;
  readonly gpus?: string;
  readonly fresh?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const defaultGraceMs = 10_000;

/** `paramo run [-p NAME=VALUES …] -- COMMAND`: tracks a program, or tunes it. */
export async function run(command: readonly string[], options: RunOptions): Promise<number> {
  const search = parseSearch(options.param ?? []);
  const objectives = [...(options.minimize ?? []).map((metric) => `min ${metric}` as const), ...(options.maximize ?? []).map((metric) => `max ${metric}` as const)];
  const searched = Object.keys(search.parameters);
  if (searched.length > 0 && objectives.length === 0) throw refuse(`there is something to search (${searched.join(', ')}) but nothing to go by`, 'Name the metric with --minimize val_loss or --maximize accuracy.');
  if (searched.length === 0 && objectives.length > 0) throw refuse('there is a metric to go by but nothing to search', 'Give what may vary, such as -p lr=1e-5..1e-1:log, or track the run with --metric.');
  const names = [...searched, ...Object.keys(search.fixed)];
  const unused = unusedParams(command, names);
  if (unused.length > 0) note(`${unused.join(', ')} ${unused.length === 1 ? 'is' : 'are'} not in the command: the program finds the params in PARAMO_PARAMS`);

  const required = [...new Set([...objectives.map((objective) => parseObjective(objective)[0]!.metric), ...(options.metric ?? [])])];
  const program: Omit<ProgramOptions, 'env' | 'onOutput'> = {
    command,
    fixed: search.fixed,
    metrics: required,
    required,
    graceMs: options.grace === undefined ? defaultGraceMs : parseDuration('--grace', options.grace),
    patterns: patternsOf(options.pattern ?? [], required),
    ...(options.timeout !== undefined && { timeoutMs: parseDuration('--timeout', options.timeout) }),
    ...(options.step !== undefined && { step: options.step }),
    ...(options.tensorboard !== undefined && { tensorboard: options.tensorboard }),
  };
  // Made once now, so that a bad pattern is told before anything starts.
  createMetricReader(program);
  const name = options.name ?? nameOf(command);
  if (options.dryRun) return dryRun({ name, objectives, search, program });
  return withConnection(options, (connection) => (searched.length > 0 ? tuneIt(connection) : trackIt(connection)), { create: true });

  async function trackIt(connection: Connection): Promise<number> {
    const gpu = (await openGpuSlots(options.gpus)).take();
    let code: number | undefined;
    const evaluate = async (trial: Trial): Promise<void> => {
      const end = await runProgram(trial, {
        ...program,
        env: environment(connection, gpu.devices),
        // The program's own words go where they would go without us, unless a document is to stand there.
        onOutput: (stream, bytes) => (stream === 'stdout' && !options.json ? process.stdout : process.stderr).write(bytes),
      });
      code = end.code;
      if (end.failure) throw end.failure;
    };
    try {
      const trial = await track<Params>(name, { params: search.fixed, connection, ...(options.seed !== undefined && { seed: options.seed }) }, evaluate);
      note(`${name} ${trial.number}: ${Object.entries(trial.metrics).map(([metric, value]) => `${metric} ${formatNumber(value)}`).join(', ') || trial.state}`);
      if (options.json) await printJson(trial);
    } catch (error) {
      // Whoever wraps a program in this wants its exit code back.
      if (!code) throw error;
      reportFailure(error);
    }
    return code ?? exitCodes.ok.code;
  }

  async function tuneIt(connection: Connection): Promise<number> {
    const gpus = await openGpuSlots(options.gpus);
    const running = new Set<Promise<unknown>>();
    const evaluate = async (trial: Trial): Promise<void> => {
      const gpu = gpus.take();
      const work = runProgram(trial, { ...program, env: environment(connection, gpu.devices), onOutput: () => undefined });
      const settled = work.then(gpu.free, gpu.free);
      running.add(settled);
      void settled.finally(() => running.delete(settled));
      const { failure } = await work;
      if (failure) throw failure;
    };
    // One or several: here it is both.
    const objective: ObjectiveInput = objectives as [(typeof objectives)[number], ...typeof objectives];
    try {
      await tune(
        {
          name,
          space: space(search.parameters) as unknown as Space<Params>,
          objective,
          attributes: { command: [...command], ...(Object.keys(search.fixed).length > 0 && { fixed: search.fixed }) },
          ...(options.strategy !== undefined && { strategy: options.strategy }),
          ...(options.stopper !== undefined && { stopper: options.stopper }),
          ...(options.steps !== undefined && { steps: options.steps }),
          ...(options.seed !== undefined && { seed: options.seed }),
          ...(options.fresh && { fresh: true }),
          ...((options.trials !== undefined || options.wall !== undefined) && { budget: { ...(options.trials !== undefined && { trials: options.trials }), ...(options.wall !== undefined && { wall: options.wall }) } }),
        },
        evaluate,
        { connection, workers: options.jobs ?? 1, onTrial: say(search, objectives) },
      );
    } catch (error) {
      // Without a result there is still a study, and each of its trials says why.
      if (!isParamoError(error, 'STUDY_ENDED')) throw error;
      reportFailure(error);
    } finally {
      // Programs that were told to end have their grace.
      await Promise.all(running);
    }
    const study = await findStudy(name, { connection });
    const best = objectives.length === 1 ? await findBest(connection, study.id) : undefined;
    if (options.json) {
      const trials = [];
      for await (const trial of listTrials(connection, study.id)) trials.push(trial);
      await printJson({ study: study.record, best: best && { trial: best.number, value: best.value, params: best.params, metrics: best.metrics }, trials });
    } else if (best) {
      note(`best of ${name}: trial ${best.number}, ${required[0]} ${formatOptional(best.value)}`);
      for (const [param, value] of Object.entries(best.params)) process.stdout.write(`${param}\t${String(value)}\n`);
    }
    return studyExitCode(study.record);
  }
}

async function findBest(connection: Connection, studyId: string): Promise<TrialRecord | undefined> {
  for await (const trial of listTrials(connection, studyId, { filter: 'state = completed', order: 'value', limit: 1 })) return trial;
  return undefined;
}

/** Tells of every trial that ended. */
function say(search: Search, objectives: readonly string[]): (trial: StudyTrial) => void {
  return (trial) => {
    const values = objectives.length === 1 ? formatOptional(trial.value) : Object.entries(trial.values).map(([metric, value]) => `${metric} ${formatNumber(value)}`).join(' ');
    const params = Object.keys(search.parameters).map((param) => `${param} ${formatParam(trial.params[param])}`).join(', ');
    const why = trial.state === 'failed' ? `  ${trial.error?.message ?? trial.reason}` : '';
    note(`trial ${trial.number} ${trial.state}  ${values}  ${params}${why}`);
  };
}

function formatOptional(value: number | undefined): string {
  return value === undefined ? '' : formatNumber(value);
}

/** What a program that speaks to the daemon itself needs to find it. */
function environment(connection: Connection, devices: string | undefined): Readonly<Record<string, string>> {
  const { home, address, token } = connection.target ?? {};
  return {
    ...(home !== undefined && { PARAMO_HOME: home }),
    ...(address !== undefined && { PARAMO_ADDRESS: address }),
    ...(token !== undefined && { PARAMO_TOKEN: token }),
    ...(devices !== undefined && { CUDA_VISIBLE_DEVICES: devices }),
  };
}

/** A name for what a command does: its script's. */
function nameOf(command: readonly string[]): string {
  const [program = '', ...rest] = command;
  const script = /^(?:python|node|ruby|bash|sh|deno|bun|uv|npx|Rscript|julia)[\d.]*$/.test(basename(program)) ? rest.find((argument) => !argument.startsWith('-')) : undefined;
  return basename(script ?? program).replace(/\.[A-Za-z]+$/, '') || 'run';
}

function patternsOf(options: readonly string[], metrics: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(options.map((option) => {
    const at = option.indexOf('=');
    if (at > 0) return [option.slice(0, at), option.slice(at + 1)];
    if (metrics.length === 1) return [metrics[0]!, option];
    throw refuse(`--pattern ${option} does not say of which metric it is`, "Write --pattern 'val_loss=loss was ([0-9.]+)'.");
  }));
}

function refuse(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint });
}
