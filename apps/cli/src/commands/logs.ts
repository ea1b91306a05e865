import { findStudy } from '@paramo/client';
import { isParamoError, ParamoError } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { followOutput } from '../operations.js';
import type { OutputPart } from '../operations.js';
import { note, printBytes } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

/** Options of `paramo logs`. */
export interface LogsOptions extends GlobalOptions {
  readonly attempt?: number;
  readonly follow?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

/** `paramo logs STUDY N`: what the program of a trial wrote. Both streams go to stdout, in the order in which they were written. */
export function logs(name: string, trial: string, { attempt = 0, follow = false, stdout = false, stderr = false, ...options }: LogsOptions): Promise<number> {
  if (!/^\d{1,15}$/.test(trial)) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `${JSON.stringify(trial)} is no trial`, hint: 'Give its number, as `paramo trials` shows it.' });
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const record = await study.trial(Number(trial));
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    process.on('SIGINT', leave);
    const key = { studyId: study.id, trial: record.number, attempt: attempt || record.attempt };
    let isEmpty = true;
    try {
      for await (const part of followOutput(connection, key, { follow, ...(stdout !== stderr && { stream: stdout ? 'stdout' : 'stderr' }) }, leaving.signal)) {
        isEmpty = false;
        await show(part);
      }
    } catch (error) {
      if (!leaving.signal.aborted || !isParamoError(error, 'ABORTED')) throw error;
    } finally {
      process.off('SIGINT', leave);
    }
    if (leaving.signal.aborted) return exitCodes.interrupted.code;
    if (isEmpty) note(record.attempt === 0 ? `trial ${trial} was not started yet` : `nothing is kept of attempt ${key.attempt} of trial ${trial}: programs under \`paramo run\` have their output kept`);
    return exitCodes.ok.code;
  });
}

async function show({ leftOut, content }: OutputPart): Promise<void> {
  if (leftOut > 0) note(`(${leftOut} bytes are left out)`);
  await printBytes(content);
}
