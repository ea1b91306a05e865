import type { Connection, Notes, StudyOptions } from '@paramo/client';
import { ParamoError, parseObjective } from '@paramo/core';
import type { ObjectiveString } from '@paramo/core';
import { note } from '../output.js';
import { unusedParams } from './command-line.js';
import { createMetricReader } from './metric-reader.js';
import type { ProgramOptions } from './run-program.js';
import type { Search } from './search-grammar.js';

/** A program and what to do with it, whether options or a file say so. */
export interface RunPlan {
  /** The study's name. */
  readonly name: string;
  /** The study is there, and is joined as it is. */
  readonly joins?: boolean;
  readonly search: Search;
  /** None: the program is tracked, not tuned. */
  readonly objectives: readonly ObjectiveString[];
  readonly program: Omit<ProgramOptions, 'env' | 'onOutput' | 'describeAfterMs'>;
  /** What the study is given beside its space and objective. */
  readonly study: Pick<StudyOptions, 'strategy' | 'stopper' | 'steps' | 'seed' | 'fresh' | 'budget' | 'target' | 'maxFailures' | 'retries'>;
  /** Of a tracked run. */
  readonly notes?: Notes;
  /** The tracked run to go on with. */
  readonly resume?: number;
  /** Programs at once. */
  readonly workers: number;
  readonly gpus?: string;
  /** Whether it is kept what a program was; by default it is. */
  readonly describe?: boolean;
  readonly json: boolean;
}

/** The metrics that a program has to write: the objectives first. */
export function metricsOf(objectives: readonly ObjectiveString[], others: readonly string[]): readonly string[] {
  return [...new Set([...objectives.map((objective) => parseObjective(objective)[0]!.metric), ...others])];
}

/** Checks what can be checked before anything starts. @throws ParamoError INVALID_ARGUMENT, INVALID_OPTIONS. */
export function checkPlan({ search, objectives, program, notes = {}, resume }: RunPlan): void {
  const searched = Object.keys(search.parameters);
  if (searched.length > 0 && objectives.length === 0) throw refuse(`there is something to search (${searched.join(', ')}) but nothing to go by`, 'Name the metric with --minimize val_loss or --maximize accuracy.');
  if (searched.length === 0 && objectives.length > 0) throw refuse('there is a metric to go by but nothing to search', 'Give what may vary, such as -p lr=1e-5..1e-1:log, or track the run with --metric.');
  if (objectives.length > 0 && (resume !== undefined || Object.keys(notes).length > 0)) throw refuse('--resume, --tag, --note and --group are for a tracked run, and this one is tuned', 'Leave them out; note something about one of its trials with `paramo note`.');
  createMetricReader(program);
  const unused = unusedParams(program.command, [...searched, ...Object.keys(search.fixed)]);
  if (unused.length > 0) note(`${unused.join(', ')} ${unused.length === 1 ? 'is' : 'are'} not in the command: the program finds the params in PARAMO_PARAMS`);
}

/** What a program that speaks to the daemon itself needs to find it. */
export function programEnvironment({ target = {} }: Connection, devices: string | undefined): Readonly<Record<string, string>> {
  const { home, address, token } = target;
  return {
    ...(home !== undefined && { PARAMO_HOME: home }),
    ...(address !== undefined && { PARAMO_ADDRESS: address }),
    ...(token !== undefined && { PARAMO_TOKEN: token }),
    ...(devices !== undefined && { CUDA_VISIBLE_DEVICES: devices }),
  };
}

function refuse(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint });
}
