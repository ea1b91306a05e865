import type { Json } from '@paramo/core';
import { invalidField } from './check-field.js';

/** The JSON of a field that holds one object; empty text means {}. */
export function jsonObjectFromMessage(text: string, path: string): Readonly<Record<string, Json>> {
  const value = text === '' ? {} : jsonFromMessage(text, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidField(path, 'is not a JSON object');
  return value as Readonly<Record<string, Json>>;
}

/** The JSON of a field. */
export function jsonFromMessage(text: string, path: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw invalidField(path, `is not JSON: ${(cause as Error).message}`);
  }
}

/** An object as the text of a JSON field; empty text for {}. */
export function jsonObjectToMessage(value: Readonly<Record<string, Json>>): string {
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}
