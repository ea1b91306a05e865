import { basename } from 'node:path';
import { findStudy, parseDuration, trialVariable } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import type { StudyRecord } from '@paramo/core';
import { dryRun } from '../run/dry-run.js';
import { defaultGraceMs } from '../run/grace.js';
import { checkPlan, metricsOf } from '../run/run-plan.js';
import type { RunPlan } from '../run/run-plan.js';
import { parseSearch } from '../run/search-grammar.js';
import { trackProgram } from '../run/track-program.js';
import { tuneProgram } from '../run/tune-program.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

/** Options of `paramo run`. */
export interface RunOptions extends GlobalOptions {
  readonly param?: readonly string[];
  readonly name?: string;
  readonly join?: string;
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
  readonly resume?: number;
  readonly tag?: readonly string[];
  readonly note?: string;
  readonly group?: string;
  readonly fresh?: boolean;
  readonly dryRun?: boolean;
  readonly describe?: boolean;
  readonly json?: boolean;
}

/** `paramo run [-p NAME=VALUES …] -- COMMAND`: tracks a program, or tunes it. */
export async function run(command: readonly string[], options: RunOptions): Promise<number> {
  const { join } = options;
  if (join === undefined) return runPlan(planOf(command, options), options);
  const study = await withConnection(options, async (connection) => (await findStudy(join, { connection })).record);
  return runPlan(joiningPlan(study, command, options), options);
}

/** Does what a plan says. */
export async function runPlan(plan: RunPlan, options: GlobalOptions & { readonly dryRun?: boolean; readonly describe?: boolean }): Promise<number> {
  checkPlan(plan);
  if (options.dryRun) return dryRun(plan);
  // Run by a program that itself runs for a trial: what is tracked and tuned here is not that one.
  delete process.env[trialVariable];
  const work = plan.objectives.length > 0 ? tuneProgram : trackProgram;
  return withConnection(options, (connection) => work(connection, { ...plan, ...(options.describe === false && { describe: false }) }), { create: true });
}

function planOf(command: readonly string[], options: RunOptions): RunPlan {
  const { param = [], minimize = [], maximize = [], metric = [], pattern = [], trials, wall, strategy, stopper, steps, seed, fresh, step, tensorboard, timeout, grace, gpus, resume, tag, note, group } = options;
  const objectives = [...minimize.map((name) => `min ${name}` as const), ...maximize.map((name) => `max ${name}` as const)];
  const required = metricsOf(objectives, metric);
  const search = parseSearch(param);
  return {
    name: options.name ?? nameOf(command),
    search,
    objectives,
    program: {
      command,
      fixed: search.fixed,
      metrics: required,
      required,
      graceMs: grace === undefined ? defaultGraceMs : parseDuration('--grace', grace),
      patterns: patternsOf(pattern, required),
      ...(timeout !== undefined && { timeoutMs: parseDuration('--timeout', timeout) }),
      ...(step !== undefined && { step }),
      ...(tensorboard !== undefined && { tensorboard }),
    },
    study: {
      ...(strategy !== undefined && { strategy }),
      ...(stopper !== undefined && { stopper }),
      ...(steps !== undefined && { steps }),
      ...(seed !== undefined && { seed }),
      ...(fresh && { fresh }),
      ...((trials !== undefined || wall !== undefined) && { budget: { ...(trials !== undefined && { trials }), ...(wall !== undefined && { wall }) } }),
    },
    notes: { ...(tag && { tags: tag }), ...(note !== undefined && { note }), ...(group !== undefined && { group }) },
    ...(resume !== undefined && { resume }),
    workers: options.jobs ?? 1,
    ...(gpus !== undefined && { gpus }),
    json: options.json === true,
  };
}

/** What the study has settled already, and a worker that joins it does not say again. */
const settled = ['name', 'minimize', 'maximize', 'trials', 'wall', 'strategy', 'stopper', 'steps', 'seed', 'fresh'] as const;

/** The plan of one more worker on a study, whoever opened it. */
function joiningPlan({ spec }: StudyRecord, command: readonly string[], options: RunOptions): RunPlan {
  const said = settled.filter((option) => options[option] !== undefined);
  if (said.length > 0) throw refuse(`--join takes study ${JSON.stringify(spec.name)} as it is, but there is --${said[0]}`, `Leave --${said[0]} out.`);
  const { search, ...plan } = planOf(command, { ...options, name: spec.name, pattern: [] });
  const searched = Object.keys(search.parameters);
  if (searched.length > 0) throw refuse(`--join takes the space of study ${JSON.stringify(spec.name)} as it is, but -p says what to search: ${searched.join(', ')}`, 'Leave it out; a fixed value such as -p epochs=3 may stay.');
  if (!spec.space || !spec.strategy) throw refuse(`study ${JSON.stringify(spec.name)} has tracked runs only`, `Track one more with --name ${spec.name} in place of --join.`);
  const objectives = spec.objectives.map(({ goal, metric }) => `${goal} ${metric}` as const);
  const required = metricsOf(objectives, options.metric ?? []);
  const parameters = Object.fromEntries(spec.space.parameters.map((parameter) => [parameter.name, parameter]));
  return { ...plan, joins: true, search: { parameters, fixed: search.fixed }, objectives, program: { ...plan.program, metrics: required, required, patterns: patternsOf(options.pattern ?? [], required) } };
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
