import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { deliverLeftovers, findStudy } from '@paramo/client';
import type { Connection, DeliveredStudy, Leftovers } from '@paramo/client';
import { isParamoError, ParamoError } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { note, print, printJson, printRows } from '../output.js';
import type { Field } from '../output.js';
import { givenHome, withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createLive } from '../terminal/live.js';
import { progressBar } from '../terminal/progress.js';
import { printable } from '../terminal/text.js';

type Row = DeliveredStudy & { readonly study: string };

const barWidth = 30;

const fields: readonly Field<Row>[] = [
  { title: 'study', value: ({ study }) => study, maxWidth: 40 },
  { title: 'points', align: 'right', value: ({ points }) => points },
  { title: 'late', align: 'right', value: ({ late }) => late },
  { title: 'ends', align: 'right', value: ({ ends }) => ends },
  { title: 'dropped', align: 'right', value: ({ dropped }) => dropped },
  { title: 'unreadable', align: 'right', value: ({ missing }) => missing },
  { title: 'refused', align: 'right', value: ({ refused }) => refused.length },
];

const reasons: Readonly<Record<string, string>> = {
  'in use': 'its process, or one that delivers it, is at work',
  unseen: 'its process belongs to another host or container and may be at work: sync there, or in an hour',
  newer: 'a newer version of Paramo wrote it',
};

/** `paramo sync`: brings to the daemon what processes that are gone could not, and says what it was. */
export async function sync(options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  if (options.address !== undefined) throw new ParamoError({ code: 'INVALID_OPTIONS', message: 'a spool is delivered to the daemon of its own home', hint: 'Name the home with --home, without --address.' });
  const home = givenHome(options);
  const spoolPath = join(home, 'spool');
  if (!existsSync(spoolPath)) {
    await report({ studies: [], damaged: [], left: [] }, [], options.json === true);
    return exitCodes.ok.code;
  }
  return withConnection({ ...options, home }, async (connection) => {
    const { link, clock, writerId } = connection;
    const live = createLive(process.stderr);
    let found: Leftovers;
    try {
      found = await deliverLeftovers({ spoolPath, link, clock, writerId, signal: new AbortController().signal, onProgress: (done, of) => live.update(`${progressBar(done, of, barWidth)} ${done} of ${of} files`) });
    } finally {
      live.done();
    }
    const rows: Row[] = [];
    for (const study of found.studies) rows.push({ study: await nameOf(connection, study.studyId), ...study });
    await report(found, rows, options.json === true);
    const isWhole = found.damaged.every(({ isTail }) => isTail) && found.studies.every(({ refused, missing }) => refused.length + missing === 0);
    return isWhole ? exitCodes.ok.code : exitCodes.failed.code;
  });
}

async function report({ damaged, left }: Leftovers, rows: readonly Row[], asJson: boolean): Promise<void> {
  if (asJson) return printJson({ studies: rows, damaged, left });
  if (rows.length > 0) await printRows(rows, fields);
  else await print('nothing was left to deliver\n');
  for (const { study, refused } of rows) {
    for (const { trial, what, code, reason } of refused) note(printable(`${study}, trial ${trial}: ${what === 'end' ? 'its end was' : `${what} points were`} refused (${code}: ${reason})`));
  }
  for (const { directory, path, bytes, isTail } of damaged) note(`${join(directory, path)}: ${isTail ? `its process was cut off in the middle of the last record (${bytes} bytes)` : `${bytes} bytes at its end are damaged and were not delivered`}`);
  for (const { directory, why } of left) note(`${directory} is left alone: ${reasons[why] ?? why}`);
}

async function nameOf(connection: Connection, studyId: string): Promise<string> {
  try {
    return (await findStudy(studyId, { connection })).name;
  } catch (error) {
    if (!isParamoError(error, 'STUDY_NOT_FOUND')) throw error;
    return studyId;
  }
}
