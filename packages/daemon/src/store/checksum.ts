import { crc32 } from 'node:zlib';

/** Bytes that a checksum takes. */
export const checksumBytes = 4;

/** A value to be stored under `key`: its CRC-32, which covers the key too, then `parts`. */
export function withChecksum(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat([Buffer.alloc(checksumBytes), ...parts]);
  value.writeUInt32LE(checksumOf(key, value));
  return value;
}

/** What was stored under `key`, or undefined when it is damaged or was another key's. */
export function withoutChecksum(key: Uint8Array, value: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (bytes.length < checksumBytes || bytes.readUInt32LE() !== checksumOf(key, bytes)) return undefined;
  return bytes.subarray(checksumBytes);
}

function checksumOf(key: Uint8Array, value: Buffer): number {
  return crc32(value.subarray(checksumBytes), crc32(key));
}
