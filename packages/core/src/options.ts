import type { Json } from './json.js';
import { nearMiss } from './near-miss.js';
import type { Params } from './params.js';
import { ParamoError } from './paramo-error.js';

/** Bounds of a number; absent: none. */
export interface NumberBounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** What a list holds: numbers, texts, or params as JSON objects, which the plugin checks against the space. */
export type OptionItemSchema = ({ readonly type: 'number' } & NumberBounds) | { readonly type: 'string' } | { readonly type: 'object' };

/** One option of a plugin: a small, strict part of JSON Schema. */
export type OptionSchema = { readonly description: string } & (
  | ({ readonly type: 'number' | 'integer'; readonly default?: number } & NumberBounds)
  | { readonly type: 'boolean'; readonly default?: boolean }
  | { readonly type: 'string'; readonly enum?: readonly string[]; readonly default?: string }
  | { readonly type: 'object'; readonly additionalProperties: { readonly type: 'integer' | 'number'; readonly minimum?: number } }
  | { readonly type: 'array'; readonly items: OptionItemSchema; readonly minItems?: number; readonly default?: readonly Json[] }
);

/** The options of a plugin by name. */
export type OptionsSchema = Readonly<Record<string, OptionSchema>>;

type ValueOf<S extends OptionSchema> = S extends { readonly type: 'number' | 'integer' }
  ? number
  : S extends { readonly type: 'boolean' }
    ? boolean
    : S extends { readonly enum: infer E extends readonly string[] }
      ? E[number]
      : S extends { readonly type: 'string' }
        ? string
        : S extends { readonly type: 'array'; readonly items: { readonly type: infer T } }
          ? readonly (T extends 'number' ? number : T extends 'string' ? string : Params)[]
          : Readonly<Record<string, number>>;

/** The options a plugin's `create` sees: those with a default are always there. */
export type OptionsOf<Schema extends OptionsSchema> = {
  readonly [K in keyof Schema as Schema[K] extends { readonly default: unknown } ? K : never]: ValueOf<Schema[K]>;
} & { readonly [K in keyof Schema as Schema[K] extends { readonly default: unknown } ? never : K]?: ValueOf<Schema[K]> };

/** The options users may give: all optional. */
export type OptionsInput<Schema extends OptionsSchema> = { readonly [K in keyof Schema]?: ValueOf<Schema[K]> };

/**
 * The options with defaults filled in.
 * @throws ParamoError INVALID_OPTIONS naming the option, the near miss, and what is allowed.
 */
export function resolveOptions<const Schema extends OptionsSchema>(plugin: string, schema: Schema, given: Readonly<Record<string, Json>>): OptionsOf<Schema> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(schema, name)) throw unknownOption(plugin, schema, name);
  }
  const resolved: Record<string, Json> = {};
  for (const [name, option] of Object.entries(schema)) {
    const value = given[name] ?? (option as { readonly default?: Json }).default;
    if (value === undefined) continue;
    const problem = mismatch(option, value);
    if (problem) {
      throw new ParamoError({ code: 'INVALID_OPTIONS', message: `${plugin}: option ${name} is ${JSON.stringify(value)}, but ${problem}`, hint: option.description });
    }
    resolved[name] = value;
  }
  return Object.freeze(resolved) as OptionsOf<Schema>;
}

/** The same as a JSON Schema document, for people and editors. */
export function optionsJsonSchema(schema: OptionsSchema): Json {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', properties: schema as unknown as Json, additionalProperties: false };
}

function unknownOption(plugin: string, schema: OptionsSchema, name: string): ParamoError {
  const known = Object.keys(schema);
  const near = nearMiss(name, known);
  const hint = near ? `Did you mean ${near}?` : known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none.';
  return new ParamoError({ code: 'INVALID_OPTIONS', message: `${plugin} has no option ${name}`, hint });
}

function mismatch(option: OptionSchema, value: Json): string | undefined {
  switch (option.type) {
    case 'number':
    case 'integer':
      return numberMismatch(option, value);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'it must be true or false';
    case 'string':
      if (typeof value !== 'string') return 'it must be a string';
      if (!option.enum || option.enum.includes(value)) return undefined;
      return `it must be one of ${option.enum.join(', ')}${near(value, option.enum)}`;
    case 'object': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it must be an object of names and numbers';
      for (const [key, entry] of Object.entries(value)) {
        const problem = numberMismatch(option.additionalProperties, entry);
        if (problem) return `${key} in it is ${JSON.stringify(entry)}: ${problem}`;
      }
      return undefined;
    }
    case 'array':
      return arrayMismatch(option, value);
  }
}

function arrayMismatch({ items, minItems = 0 }: OptionSchema & { readonly type: 'array' }, value: Json): string | undefined {
  if (!Array.isArray(value)) return 'it must be a list';
  if (value.length < minItems) return `it must have at least ${minItems} ${minItems === 1 ? 'item' : 'items'}`;
  for (const item of value as readonly Json[]) {
    const problem = itemMismatch(items, item);
    if (problem) return `${JSON.stringify(item)} is in it: ${problem}`;
  }
  return undefined;
}

function itemMismatch(items: OptionItemSchema, value: Json): string | undefined {
  switch (items.type) {
    case 'number':
      return numberMismatch(items, value);
    case 'string':
      return typeof value === 'string' ? undefined : 'it must be a string';
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'it must be an object';
  }
}

function numberMismatch(option: { readonly type: 'number' | 'integer' } & NumberBounds, value: Json): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'it must be a number';
  if (option.type === 'integer' && !Number.isSafeInteger(value)) return 'it must be a whole number';
  if (option.minimum !== undefined && value < option.minimum) return `it must be at least ${option.minimum}`;
  if (option.exclusiveMinimum !== undefined && value <= option.exclusiveMinimum) return `it must be above ${option.exclusiveMinimum}`;
  if (option.maximum !== undefined && value > option.maximum) return `it must be at most ${option.maximum}`;
  return undefined;
}

function near(value: string, known: readonly string[]): string {
  const guess = nearMiss(value, known);
  return guess ? ` (did you mean ${guess}?)` : '';
}
