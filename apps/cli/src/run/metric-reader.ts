import { ParamoError } from '@paramo/core';

/** A value read from what a program wrote. */
export interface ReadPoint {
  readonly metric: string;
  /** Step index; absent: the next of this metric. */
  readonly step?: number;
  readonly value: number;
}

/** Reads metrics out of lines of text. */
export interface MetricReader {
  /** The points of one line, each metric once: where a line has it several times, the last counts. */
  read(line: string): readonly ReadPoint[];
}

/** What to look for. */
export interface MetricReaderOptions {
  /** Names of the metrics. */
  readonly metrics: readonly string[];
  /** The name under which a line says its step; absent: the values of a metric are counted. */
  readonly step?: string;
  /** In place of the name: a regular expression whose first group is the value, a metric. */
  readonly patterns?: Readonly<Record<string, string>>;
}

/** Lines are looked at up to so many characters. */
export const longestLine = 65_536;

const numberPattern = String.raw`([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?))`;

/**
 * Finds `NAME=VALUE`, `NAME: VALUE` and members of JSON lines (`a.b` is b in a); never the end of a longer name.
 * @throws ParamoError INVALID_OPTIONS when a pattern is no regular expression with a group.
 */
export function createMetricReader({ metrics, step, patterns = {} }: MetricReaderOptions): MetricReader {
  const finders = metrics.map((metric) => ({ metric, pattern: Object.hasOwn(patterns, metric) ? compile(metric, patterns[metric]!) : byName(metric) }));
  const stepPattern = step === undefined ? undefined : byName(step);

  const readJson = (line: string): readonly ReadPoint[] | undefined => {
    if (!line.startsWith('{')) return undefined;
    let document: unknown;
    try {
      document = JSON.parse(line);
    } catch {
      return undefined;
    }
    const at = step === undefined ? undefined : stepOf(numberAt(document, step));
    return finders.flatMap(({ metric }) => {
      const value = numberAt(document, metric);
      return value === undefined ? [] : [point(metric, value, at)];
    });
  };

  return {
    read(text) {
      const line = text.slice(0, longestLine).trim();
      const json = readJson(line);
      if (json && json.length > 0) return json;
      let at: number | undefined;
      const points: ReadPoint[] = [];
      for (const { metric, pattern } of finders) {
        const value = lastNumber(pattern, line);
        if (value === undefined) continue;
        at ??= stepPattern && stepOf(lastNumber(stepPattern, line));
        points.push(point(metric, value, at));
      }
      return points;
    },
  };
}

function point(metric: string, value: number, step: number | undefined): ReadPoint {
  return step === undefined ? { metric, value } : { metric, step, value };
}

/** The pattern of a name: not the end of a longer one, and nothing but blanks between it, its sign and its value. */
function byName(name: string): RegExp {
  return new RegExp(String.raw`(?<![\w./-])${escape(name)}["']?\s*[:=]\s*["']?${numberPattern}(?![\w])`, 'gi');
}

function compile(metric: string, source: string): RegExp {
  try {
    const groups = new RegExp(`${source}|`).exec('')!.length - 1;
    if (groups < 1) throw new Error('it has no group');
    return new RegExp(source, 'g');
  } catch (cause) {
    throw new ParamoError({ code: 'INVALID_OPTIONS', message: `the pattern of ${metric} cannot be used: ${(cause as Error).message}`, hint: `Give a regular expression whose first group is the value, such as 'loss was ([0-9.]+)'.`, cause });
  }
}

function lastNumber(pattern: RegExp, line: string): number | undefined {
  let value: number | undefined;
  for (const found of line.matchAll(pattern)) value = toNumber(found[1] ?? '') ?? value;
  return value;
}

/** The number of a text as programs print it, `nan` and `-inf` included. */
function toNumber(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (/^[-+]?nan$/.test(lower)) return NaN;
  const infinite = /^([-+]?)inf(?:inity)?$/.exec(lower);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  return lower === '' || Number.isNaN(Number(lower)) ? undefined : Number(lower);
}

/** The number at a path of a JSON document; a key that holds dots itself comes first. */
function numberAt(document: unknown, path: string): number | undefined {
  const direct = own(document, path);
  const value = direct !== undefined ? direct : path.split('.').reduce(own, document);
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? toNumber(value) : undefined;
}

function own(document: unknown, key: string): unknown {
  return typeof document === 'object' && document !== null && Object.hasOwn(document, key) ? (document as Readonly<Record<string, unknown>>)[key] : undefined;
}

function stepOf(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
