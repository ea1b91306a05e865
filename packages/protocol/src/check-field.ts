import { ParamoError } from '@paramo/core';

/** The refusal of a message: `path` names the field as the .proto files do, such as `spec.plan.steps`. */
export function invalidField(path: string, problem: string, hint = ''): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message: `${path} ${problem}`, hint, details: { field: path } });
}

/** A count or index of a message as a number: 0 … 2^53 − 1. */
export function countFromMessage(value: number | bigint, path: string, least = 0): number {
  if (value < BigInt(least) || value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField(path, `is ${value}, but must lie in ${least} … 2^53 - 1`);
  return Number(value);
}

/** A signed integer of a message as a number within ±(2^53 − 1). */
export function integerFromMessage(value: bigint, path: string): number {
  if (value < BigInt(Number.MIN_SAFE_INTEGER) || value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField(path, `is ${value}, but must lie within 2^53 - 1 of 0`);
  return Number(value);
}

/** A number as a count of a message. */
export function countToMessage(value: number, path: string): bigint {
  if (!Number.isSafeInteger(value) || value < 0) throw invalidField(path, `is ${value}, but must be a whole number in 0 … 2^53 - 1`);
  return BigInt(value);
}

/** A number as a signed integer of a message. */
export function integerToMessage(value: number, path: string): bigint {
  if (!Number.isSafeInteger(value)) throw invalidField(path, `is ${value}, but must be a whole number within 2^53 - 1 of 0`);
  return BigInt(value);
}

/** A number for a uint32 field. */
export function uint32ToMessage(value: number, path: string): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) throw invalidField(path, `is ${value}, but must be a whole number in 0 … 2^32 - 1`);
  return value;
}

/** A sub-message that must be there. */
export function required<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw invalidField(path, 'is missing');
  return value;
}

/** A number that is neither NaN nor infinite. */
export function finite(value: number, path: string): number {
  if (!Number.isFinite(value)) throw invalidField(path, `is ${value}, but must be finite`);
  return value;
}

const loneSurrogate = /\p{Surrogate}/u;
const control = /\p{Cc}/u;

/**
 * A name of 1 to `maxBytes` bytes without control characters. U+FFFD is refused: decoders put it where the bytes were
 * not valid UTF-8, and encoders in place of half a surrogate pair, so two broken names could become one.
 */
export function checkedName(name: string, path: string, maxBytes = 256): string {
  if (name === '') throw invalidField(path, 'is empty');
  if (name.includes('\u{fffd}') || loneSurrogate.test(name)) throw invalidField(path, 'is not valid UTF-8', 'Encode names as UTF-8.');
  if (control.test(name)) throw invalidField(path, `is ${JSON.stringify(name)}, but must not hold control characters`);
  const bytes = Buffer.byteLength(name);
  if (bytes > maxBytes) throw invalidField(path, `is ${bytes} bytes long, but may be ${maxBytes} at most`);
  return name;
}
