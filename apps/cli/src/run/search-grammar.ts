import { bool, choice, float, int, nearMiss, ordinal, ParamoError } from '@paramo/core';
import type { Parameter, ParamValue } from '@paramo/core';

/** What `-p` options say: what is searched, and what every trial has alike. */
export interface Search {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly fixed: Readonly<Record<string, ParamValue>>;
}

const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
/** Ends of a range have a digit before the point, so that its two points can be told from theirs. */
const rangeEnd = String.raw`[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?`;
const rangePattern = new RegExp(`^(${rangeEnd})\\.\\.(${rangeEnd})((?::[^:]*)*)$`);
const numberPattern = new RegExp(`^${number}$`);
const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const rangeOptions = ['log', 'reverse', 'step', 'int', 'float', 'default'] as const;
const grammar = 'Write lr=1e-5..1e-1:log, layers=1..8, drop=0..0.5:step=0.05, opt=adam,sgd, size=s,m,l:ordinal, flag=true,false, or seed=42 for a fixed value.';

/**
 * Reads `-p NAME=VALUES` options: ranges, lists and fixed values. A range whose ends are written as whole numbers is of
 * whole numbers, but for 0..1, which is a share. Values of a list that all look like numbers are numbers.
 * @throws ParamoError INVALID_SPACE naming the parameter, what is wrong and what to write.
 */
export function parseSearch(options: readonly string[]): Search {
  const parameters: Record<string, Parameter> = {};
  const fixed: Record<string, ParamValue> = {};
  for (const option of options) {
    const at = option.indexOf('=');
    const name = at < 0 ? option : option.slice(0, at);
    if (at < 0 || !namePattern.test(name)) throw refuse(`-p ${option} does not say NAME=VALUES`, grammar);
    if (Object.hasOwn(parameters, name) || Object.hasOwn(fixed, name)) throw refuse(`${name}: given twice`, 'Give each parameter once.');
    const text = option.slice(at + 1);
    const parameter = parseRange(name, text) ?? parseList(name, text);
    if (parameter) parameters[name] = parameter;
    else fixed[name] = valueOf(text);
  }
  return { parameters, fixed };
}

function parseRange(name: string, text: string): Parameter | undefined {
  const found = rangePattern.exec(text);
  if (!found) {
    if (/^[^,]*\d\.\.+[^,]*$/.test(text)) throw refuse(`${name}: ${text} is not a range`, grammar);
    return undefined;
  }
  const [, low = '', high = '', rest = ''] = found;
  const options = readOptions(name, rest);
  const whole = [low, high, options['step'] ?? '1', options['default'] ?? '1'].every((part) => /^[-+]?\d+$/.test(part));
  const isInt = Object.hasOwn(options, 'int') || (whole && !(low === '0' && high === '1') && !Object.hasOwn(options, 'float'));
  const given = {
    ...(options['step'] !== undefined && { step: numberOf(name, 'step', options['step']) }),
    ...(options['default'] !== undefined && { default: numberOf(name, 'default', options['default']) }),
  };
  const from = Number(low);
  if (Object.hasOwn(options, 'log') && !(from > 0)) throw refuse(`${name}: a log range must start above 0`, `Write ${name}=1e-6..${high}:log, or leave :log out.`);
  if (isInt) {
    if (Object.hasOwn(options, 'reverse')) throw refuse(`${name}: a range of whole numbers cannot be reverse`, 'Leave :reverse out, or write :float.');
    return int(from, Number(high), { ...(Object.hasOwn(options, 'log') && { log: true }), ...given });
  }
  const log = Object.hasOwn(options, 'reverse') ? 'reverse' : Object.hasOwn(options, 'log');
  return float(from, Number(high), { log, ...given });
}

function readOptions(name: string, text: string): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (const option of text.split(':').slice(1)) {
    const [key = '', value = ''] = option.split('=');
    if (!(rangeOptions as readonly string[]).includes(key)) {
      const near = nearMiss(key, rangeOptions);
      throw refuse(`${name}: a range has no option ${JSON.stringify(key)}`, near === undefined ? `There are ${rangeOptions.join(', ')}.` : `Did you mean :${near}?`);
    }
    options[key] = value;
  }
  return options;
}

function parseList(name: string, text: string): Parameter | undefined {
  const [, list = text, suffix] = /^(.*?)(?::(ordinal|default=[^:]*))?$/s.exec(text) ?? [];
  const parts = list.split(',');
  if (parts.length < 2) return undefined;
  if (parts.includes('')) throw refuse(`${name}: ${text} has an empty value`, 'Leave the extra comma out.');
  const preset = suffix?.startsWith('default=') ? { default: suffix.slice('default='.length) } : {};
  if (parts.length === 2 && parts.includes('true') && parts.includes('false')) return bool('default' in preset ? { default: preset.default === 'true' } : {});
  const numeric = parts.every((part) => numberPattern.test(part));
  const convert = (part: string): ParamValue => (numeric ? Number(part) : part);
  const values = parts.map(convert);
  const options = 'default' in preset ? { default: convert(preset.default!) } : {};
  return suffix === 'ordinal' ? ordinal(values) : choice(values, options);
}

function valueOf(text: string): ParamValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return numberPattern.test(text) ? Number(text) : text;
}

function numberOf(name: string, option: string, text: string): number {
  if (numberPattern.test(text)) return Number(text);
  throw refuse(`${name}: ${option} is ${JSON.stringify(text)}, not a number`, `Write :${option}=0.1.`);
}

function refuse(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_SPACE', message, hint });
}
