import { nearMiss } from '@paramo/core';
import { invalidField } from './check-field.js';

/** The names of a closed set against the numbers of a proto enum. */
export interface EnumMapping<Name extends string, Value extends number> {
  toMessage(name: Name): Value;
  /** @throws ParamoError INVALID_ARGUMENT for unspecified and unknown numbers. */
  fromMessage(value: number, path: string): Name;
}

/** The mapping given by `values`, name by name. */
export function enumMapping<Name extends string, Value extends number>(values: Readonly<Record<Name, Value>>): EnumMapping<Name, Value> {
  const names = new Map<number, Name>(Object.entries(values).map(([name, value]) => [value as number, name as Name]));
  return {
    toMessage(name) {
      if (!Object.hasOwn(values, name)) throw invalidField(name, 'is unknown', hintFor(name, Object.keys(values)));
      return values[name];
    },
    fromMessage(value, path) {
      const name = names.get(value);
      if (name === undefined) throw invalidField(path, value === 0 ? 'is not set' : `has the unknown value ${value}`, `Give one of ${[...names].map(([number, each]) => `${number} (${each})`).join(', ')}.`);
      return name;
    },
  };
}

function hintFor(name: string, known: readonly string[]): string {
  const near = nearMiss(name, known);
  return near === undefined ? `Give one of ${known.join(', ')}.` : `Did you mean ${near}?`;
}
