import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ParamoError } from '@paramo/core';

/** Where the magic number lies in a page, and what it is; two such pages begin every database of this library. */
const magicOffset = 24;
const magic = 0xbeefc0de;
const pageBytes = 4096;
/** In such a page: the size of pages, the number of the last page, and the transaction that wrote it. */
const pageSizeOffset = 48;
const lastPageOffset = 144;
const transactionOffset = 152;

/**
 * Makes sure that `path` is a database file, or absent, or empty: the library itself does not survive other content. What
 * a power cut left of a database in which nothing was ever committed (its two first pages, torn) is cleared away. With
 * `mustExist` there was a store, and none of that is made anew.
 * @throws ParamoError STORE_FORMAT when something else lies there, STORE_CORRUPT when it cannot be read or is gone.
 */
export async function prepareStoreFile(path: string, mustExist = false): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || (found.isFile() && found.size === 0)) {
    if (mustExist) throw lost(path, found ? 'is empty' : 'is gone');
    return;
  }
  if (!found.isFile()) throw new ParamoError({ code: 'STORE_CORRUPT', message: `${path} is not a file`, hint: 'Move it away; the store needs its place.' });
  const head = await readHead(path);
  const marks = [magicOffset, pageBytes + magicOffset].map((at) => head.length >= at + 4 && head.readUInt32LE(at) === magic);
  if (found.size <= 2 * pageBytes && (marks.includes(true) || head.every((byte) => byte === 0))) {
    if (mustExist) throw lost(path, `was cut off after ${found.size} bytes`);
    return rm(path);
  }
  if (mustExist && head.every((byte) => byte === 0)) throw lost(path, 'begins with nothing but zeros');
  if (!marks[0]) throw new ParamoError({ code: 'STORE_FORMAT', message: `${path} is not a store of Paramo`, hint: 'Move the file away, or set PARAMO_HOME to another folder.' });
}

/**
 * Whether a database file is shorter than its head says. Reading what is cut off ends a process; but pages that were never
 * used may be all that is missing.
 */
export async function isShort(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.isFile() && found.size < expectedBytes(await readHead(path));
}

/** How long the file should be by its newest head page. */
function expectedBytes(head: Buffer): number {
  let newest = -1n;
  let bytes = 0;
  for (const at of [0, pageBytes]) {
    if (head.length < at + pageBytes || head.readUInt32LE(at + magicOffset) !== magic) continue;
    const transaction = head.readBigUInt64LE(at + transactionOffset);
    if (transaction < newest) continue;
    newest = transaction;
    bytes = (Number(head.readBigUInt64LE(at + lastPageOffset)) + 1) * (head.readUInt32LE(at + pageSizeOffset) || pageBytes);
  }
  return bytes;
}

function lost(path: string, how: string): ParamoError {
  return new ParamoError({ code: 'STORE_CORRUPT', message: `${path} ${how}, but there was a store`, hint: `Bring a backup back with \`paramo restore\`; or move ${dirname(path)} away to begin with an empty store.` });
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
