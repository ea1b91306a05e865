import { open, rm, stat } from 'node:fs/promises';
import { ParamoError } from '@paramo/core';

/** Where the magic number lies in a page, and what it is; two such pages begin every database of this library. */
const magicOffset = 24;
const magic = 0xbeefc0de;
const pageBytes = 4096;

/**
 * Makes sure that `path` is a database file, or absent, or empty: the library itself does not survive other content. What
 * a power cut left of a database in which nothing was ever committed (its two first pages, torn) is cleared away.
 * @throws ParamoError STORE_FORMAT when something else lies there, STORE_CORRUPT when it cannot be read.
 */
export async function prepareStoreFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || (found.isFile() && found.size === 0)) return;
  if (!found.isFile()) throw new ParamoError({ code: 'STORE_CORRUPT', message: `${path} is not a file`, hint: 'Move it away; the store needs its place.' });
  const head = await readHead(path);
  const marks = [magicOffset, pageBytes + magicOffset].map((at) => head.length >= at + 4 && head.readUInt32LE(at) === magic);
  if (found.size <= 2 * pageBytes && (marks.includes(true) || head.every((byte) => byte === 0))) return rm(path);
  if (!marks[0]) throw new ParamoError({ code: 'STORE_FORMAT', message: `${path} is not a store of Paramo`, hint: 'Move the file away, or set PARAMO_HOME to another folder.' });
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * pageBytes), 0, 2 * pageBytes, 0).finally(() => file.close());
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new ParamoError({ code: 'STORE_CORRUPT', message: `${path} cannot be read: ${(cause as Error).message}`, hint: 'Check the permissions of the file and its folder.', cause });
  }
}
