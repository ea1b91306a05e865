import { ParamoError } from '@paramo/core';
import type { Range } from './store.js';

/** A finite or infinite number as a key part, ordered as numbers are; −0 is 0. See `orderedFloat`. */
export interface FloatPart {
  readonly float: number;
}

/** A part of a key: text, a count from 0 to 2^53 − 1, or an ordered float. */
export type KeyPart = string | number | FloatPart;

/** The kind of a key part, for `decodeKey`. */
export type PartKind = 'text' | 'count' | 'float';

/** The longest key, in bytes; LMDB's own limit lies a little higher. */
export const maxKeyBytes = 1900;

/** Wraps `value` so that `encodeKey` orders it as a number; NaN has no place in an order and is refused. */
export function orderedFloat(value: number): FloatPart {
  if (Number.isNaN(value)) throw unfit('NaN has no place in an ordered key', 'Leave the entry out of the index.');
  return { float: value === 0 ? 0 : value };
}

/**
 * The bytes of a tuple. Among tuples of one shape (the same kinds of parts) bytes order as the parts do, one after the
 * other, and different tuples have different bytes: text is UTF-8 ended by a zero byte, a count is 8 bytes big-endian,
 * a float is its 8 bytes with the sign bit turned over, all bits when it is negative.
 * @throws ParamoError INVALID_ARGUMENT for text with a zero byte or half a surrogate pair, a count out of range, a key too long.
 */
export function encodeKey(...parts: readonly KeyPart[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += typeof part === 'string' ? Buffer.byteLength(part) + 1 : 8;
  if (size > maxKeyBytes) throw unfit(`a key of ${size} bytes is longer than ${maxKeyBytes}`, 'Use shorter names.');
  const key = Buffer.alloc(size);
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'string') at = writeText(key, part, at);
    else if (typeof part === 'number') at = writeCount(key, part, at);
    else at = writeFloat(key, part.float, at);
  }
  return key;
}

/** The parts of a key of the given shape; parts beyond the shape are left unread. */
export function decodeKey(key: Uint8Array, shape: readonly PartKind[]): (string | number)[] {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  let at = 0;
  return shape.map((kind) => {
    if (kind !== 'text') {
      at += 8;
      return kind === 'count' ? bytes.readUInt32BE(at - 8) * 2 ** 32 + bytes.readUInt32BE(at - 4) : readFloat(bytes, at - 8);
    }
    const end = bytes.indexOf(0, at);
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    return text;
  });
}

/** All keys whose first parts are these. */
export function prefixRange(...parts: readonly KeyPart[]): Range {
  const from = encodeKey(...parts);
  return { from, to: after(from) };
}

/** The least bytes above every key that starts with `prefix`. */
export function after(prefix: Uint8Array): Uint8Array {
  let last = prefix.length - 1;
  while (last >= 0 && prefix[last] === 0xff) last--;
  if (last < 0) throw unfit('nothing is ordered after this prefix', 'Start keys with the letter of a table.');
  const bound = new Uint8Array(prefix.subarray(0, last + 1));
  bound[last]!++;
  return bound;
}

function writeText(key: Buffer, text: string, at: number): number {
  if (text.includes('\0')) throw unfit(`${JSON.stringify(text)} holds a zero character`, 'Use printable characters in names and ids.');
  if (/\p{Surrogate}/u.test(text)) throw unfit(`${JSON.stringify(text)} holds half a surrogate pair`, 'Use well-formed Unicode in names and ids.');
  return at + key.write(text, at) + 1;
}

function writeCount(key: Buffer, count: number, at: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw unfit(`${count} is not a count from 0 to 2^53 - 1`, 'Use a whole number.');
  key.writeUInt32BE(Math.floor(count / 2 ** 32), at);
  return key.writeUInt32BE(count % 2 ** 32, at + 4);
}

function writeFloat(key: Buffer, value: number, at: number): number {
  key.writeDoubleBE(value, at);
  turn(key, at, (key[at]! & 0x80) !== 0);
  return at + 8;
}

function readFloat(bytes: Buffer, at: number): number {
  const copy = Buffer.from(bytes.subarray(at, at + 8));
  turn(copy, 0, (copy[0]! & 0x80) === 0);
  return copy.readDoubleBE(0);
}

/** Turns over all 64 bits of a negative number, and of others the sign bit. */
function turn(bytes: Buffer, at: number, negative: boolean): void {
  bytes[at]! ^= negative ? 0xff : 0x80;
  for (let i = at + 1; negative && i < at + 8; i++) bytes[i]! ^= 0xff;
}

function unfit(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint });
}
