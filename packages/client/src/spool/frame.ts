import { crc32 } from 'node:zlib';

/** Bytes before the payload of a record: its length, and the checksum of length and payload, little-endian. */
const headBytes = 8;
/** No record is near as long: what claims to be is damage. */
const mostBytes = 64 * 1024 * 1024;

/** What stands in a file. */
export interface Frames {
  /** The payloads of the whole records at its start. */
  readonly payloads: readonly Buffer[];
  /** What comes behind them: nothing, the beginning of a record, or what was changed on disk. */
  readonly rest: 'none' | 'torn' | 'damaged';
  /** Where the whole records end. */
  readonly end: number;
}

/** Payloads as they stand in a file, one after the other. */
export function frameRecords(payloads: readonly Uint8Array[]): Buffer {
  const framed = Buffer.allocUnsafe(payloads.reduce((sum, { length }) => sum + headBytes + length, 0));
  let at = 0;
  for (const payload of payloads) {
    framed.writeUInt32LE(payload.length, at);
    framed.writeUInt32LE(checksum(framed.subarray(at, at + 4), payload), at + 4);
    framed.set(payload, at + headBytes);
    at += headBytes + payload.length;
  }
  return framed;
}

/** The records of a file, up to the first that is torn or damaged. */
export function readFrames(bytes: Buffer): Frames {
  const payloads: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + headBytes > bytes.length) return { payloads, rest: 'torn', end: at };
    const length = bytes.readUInt32LE(at);
    const end = at + headBytes + length;
    if (length > mostBytes) return { payloads, rest: 'damaged', end: at };
    if (end > bytes.length) return { payloads, rest: 'torn', end: at };
    const payload = bytes.subarray(at + headBytes, end);
    if (checksum(bytes.subarray(at, at + 4), payload) !== bytes.readUInt32LE(at + 4)) return { payloads, rest: 'damaged', end: at };
    payloads.push(payload);
    at = end;
  }
  return { payloads, rest: 'none', end: at };
}

function checksum(length: Uint8Array, payload: Uint8Array): number {
  return crc32(payload, crc32(length));
}
