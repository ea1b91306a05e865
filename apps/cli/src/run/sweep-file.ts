import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { parseDuration } from '@paramo/client';
import type { Duration, PluginChoice } from '@paramo/client';
import { bool, choice, float, int, nearMiss, ordinal, ParamoError } from '@paramo/core';
import type { Json, ObjectiveString, Parameter, ParamValue } from '@paramo/core';
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { LineCounter, parseDocument } from 'yaml';
import { packageDirectory } from '../version.js';
import { defaultGraceMs } from './grace.js';
import { metricsOf } from './run-plan.js';
import type { RunPlan } from './run-plan.js';
import { parseSearch } from './search-grammar.js';
import type { Search } from './search-grammar.js';

/** A parameter as a sweep file writes it. */
type ParameterEntry =
  | string
  | { readonly float: readonly [number, number]; readonly log?: boolean | 'reverse'; readonly step?: number; readonly default?: number }
  | { readonly int: readonly [number, number]; readonly log?: boolean; readonly step?: number; readonly default?: number }
  | { readonly choice: readonly ParamValue[]; readonly default?: ParamValue }
  | { readonly ordinal: readonly ParamValue[]; readonly default?: ParamValue }
  | { readonly bool: true; readonly default?: boolean };

/** A sweep file that keeps to `sweep.schema.json`. */
interface SweepFile {
  readonly name?: string;
  readonly command: string | readonly (string | number | boolean)[];
  readonly space: Readonly<Record<string, ParameterEntry>>;
  readonly fixed?: Readonly<Record<string, ParamValue>>;
  readonly objective: ObjectiveString | readonly ObjectiveString[];
  readonly metrics?: readonly string[];
  readonly patterns?: Readonly<Record<string, string>>;
  readonly step?: string;
  readonly tensorboard?: string;
  readonly strategy?: string | PluginChoice;
  readonly stopper?: string | PluginChoice;
  readonly steps?: number;
  readonly budget?: { readonly trials?: number; readonly wall?: Duration };
  readonly target?: number;
  readonly seed?: number;
  readonly maxFailures?: number;
  readonly retries?: number;
  readonly workers?: number;
  readonly timeout?: Duration;
  readonly grace?: Duration;
  readonly gpus?: string | number;
}

const kinds = ['float', 'int', 'choice', 'ordinal', 'bool'] as const;

/**
 * Reads a sweep file: YAML or JSON with the names of the TypeScript API.
 * @throws ParamoError INVALID_ARGUMENT naming the file, the place, and the near miss.
 */
export function readSweepFile(path: string): Omit<RunPlan, 'json'> {
  const file = parse(path);
  const objectives = typeof file.objective === 'string' ? [file.objective] : file.objective;
  const search: Search = { parameters: Object.fromEntries(Object.entries(file.space).map(([name, entry]) => [name, parameterOf(path, name, entry)])), fixed: file.fixed ?? {} };
  const both = Object.keys(search.fixed).find((name) => Object.hasOwn(search.parameters, name));
  if (both !== undefined) throw refuse(`${path}: ${both} is in space and in fixed`, 'Leave it in one of them.');
  const required = metricsOf(objectives, file.metrics ?? []);
  const { strategy, stopper, steps, budget, target, seed, maxFailures, retries, step, tensorboard, patterns = {}, timeout, grace, gpus } = file;
  const unknown = Object.keys(patterns).find((metric) => !required.includes(metric));
  if (unknown !== undefined) throw refuse(`${path}: patterns has ${unknown}, which is neither objective nor in metrics`, `Add it to metrics.`);
  return {
    name: file.name ?? basename(path, extname(path)),
    search,
    objectives,
    program: {
      command: typeof file.command === 'string' ? file.command.trim().split(/\s+/) : file.command.map(String),
      fixed: search.fixed,
      metrics: required,
      required,
      patterns,
      graceMs: grace === undefined ? defaultGraceMs : parseDuration('grace', grace),
      ...(timeout !== undefined && { timeoutMs: parseDuration('timeout', timeout) }),
      ...(step !== undefined && { step }),
      ...(tensorboard !== undefined && { tensorboard }),
    },
    study: Object.fromEntries(Object.entries({ strategy, stopper, steps, budget, target, seed, maxFailures, retries }).filter(([, value]) => value !== undefined)) as RunPlan['study'],
    workers: file.workers ?? 1,
    ...(gpus !== undefined && { gpus: String(gpus) }),
  };
}

function parse(path: string): SweepFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw refuse(`${path} cannot be read: ${(cause as Error).message}`, 'Name a sweep file, as in `paramo sweep sweep.yaml`.', cause);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) throw refuse(`${path}, line ${lines.linePos(error.pos[0]).line}: ${error.message}`, 'Mend the YAML there.', error);
  const content = document.toJS({ maxAliasCount: 100 }) as Json;
  const validate = validator();
  if (!validate(content)) throw mistake(path, content, validate.errors ?? []);
  return content as unknown as SweepFile;
}

let compiled: ValidateFunction | undefined;

function validator(): ValidateFunction {
  return (compiled ??= new Ajv({ allErrors: true, strict: false, verbose: true }).compile(JSON.parse(readFileSync(`${packageDirectory}/sweep.schema.json`, 'utf8')) as object));
}

/** The mistake that is nearest to what was meant: the deepest one, a misspelt name before all others. */
function mistake(path: string, content: Json, errors: readonly ErrorObject[]): ParamoError {
  const ofSpace = errors.find(({ instancePath }) => /^\/space\/[^/]+/.test(instancePath));
  if (ofSpace) {
    const name = ofSpace.instancePath.split('/')[2]!.replaceAll('~1', '/').replaceAll('~0', '~');
    const entry = (content as { readonly space: Readonly<Record<string, Json>> }).space[name];
    const kind = typeof entry === 'object' && entry !== null ? kinds.find((candidate) => Object.hasOwn(entry, candidate)) : undefined;
    if (kind === undefined) {
      const near = typeof entry === 'object' && entry !== null ? Object.keys(entry).map((key) => nearMiss(key, kinds)).find((found) => found !== undefined) : undefined;
      return refuse(`${path}: space.${name} is ${JSON.stringify(entry)}, which is no parameter`, near === undefined ? 'Write { float: [0, 1] }, { int: [1, 8] }, { choice: [a, b] }, { ordinal: [s, m, l] }, { bool: true } or a text such as 1e-5..1e-1:log.' : `Did you mean ${near}?`);
    }
    errors = errors.filter(({ schemaPath, params }) => new RegExp(`/anyOf/${kinds.indexOf(kind) + 1}/`).test(schemaPath) || (params as { readonly additionalProperty?: string }).additionalProperty === undefined).filter(({ parentSchema }) => parentSchema?.['properties'] === undefined || Object.hasOwn(parentSchema['properties'] as object, kind));
  }
  const misspelt = errors.find(({ keyword }) => keyword === 'additionalProperties');
  const error = misspelt ?? errors.filter(({ keyword }) => keyword !== 'anyOf').sort((a, b) => b.instancePath.length - a.instancePath.length)[0] ?? errors[0]!;
  const place = error.instancePath.slice(1).replaceAll('/', '.');
  if (misspelt) {
    const name = (misspelt.params as { readonly additionalProperty: string }).additionalProperty;
    const known = Object.keys((misspelt.parentSchema?.['properties'] ?? {}) as object).filter((key) => key !== '$schema');
    const near = nearMiss(name, known);
    return refuse(`${path}: ${place === '' ? 'a sweep' : place} has no ${JSON.stringify(name)}`, near === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${near}?`);
  }
  if (error.keyword === 'required') return refuse(`${path}: ${place === '' ? '' : `${place}.`}${(error.params as { readonly missingProperty: string }).missingProperty} is missing`, 'A sweep needs command, space and objective.');
  if (error.keyword === 'pattern') return refuse(`${path}: ${place} is ${JSON.stringify(error.data)}`, "Write 'min NAME' or 'max NAME'.");
  return refuse(`${path}: ${place || 'the document'} ${error.message ?? 'is wrong'}, and is ${JSON.stringify(error.data)}`, 'sweep.schema.json in the package says what may stand there.');
}

function parameterOf(path: string, name: string, entry: ParameterEntry): Parameter {
  if (typeof entry === 'string') {
    const parameter = parseSearch([`${name}=${entry}`]).parameters[name];
    if (!parameter) throw refuse(`${path}: space.${name} is ${JSON.stringify(entry)}, which does not vary`, 'Put it under fixed.');
    return parameter;
  }
  if ('float' in entry) return float(...entry.float, optionsOf(entry));
  if ('int' in entry) return int(...entry.int, optionsOf(entry));
  if ('choice' in entry) return choice(entry.choice, optionsOf(entry));
  if ('ordinal' in entry) return ordinal(entry.ordinal, optionsOf(entry));
  return bool(optionsOf(entry));
}

/** What is said beside the kind. */
function optionsOf<T extends object>(entry: T): Omit<T, (typeof kinds)[number]> {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !(kinds as readonly string[]).includes(key))) as Omit<T, (typeof kinds)[number]>;
}

function refuse(message: string, hint: string, cause?: unknown): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint, ...(cause !== undefined && { cause }) });
}
