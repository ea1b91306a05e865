import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { replayStudy } from '../operations.js';
import type { ReplayStep } from '../operations.js';
import { print, printJson } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createLive } from '../terminal/live.js';
import { progressBar } from '../terminal/progress.js';

const exitOf: Readonly<Record<NonNullable<ReplayStep['outcome']>, number>> = { reproduced: exitCodes.ok.code, differs: exitCodes.failed.code, 'not checkable': exitCodes.conflict.code };
const barWidth = 30;

/** `paramo replay STUDY`: whether its log, recomputed, comes out the same. */
export function replay(name: string, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const live = createLive(process.stderr);
    let last: ReplayStep | undefined;
    try {
      for await (last of replayStudy(connection, study.id)) live.update(`${progressBar(last.position, last.head, barWidth)} position ${last.position} of ${last.head}`);
    } finally {
      live.done();
    }
    const outcome = last?.outcome ?? 'not checkable';
    const { position = 0, head = 0, reproduced = 0, detail = '', differsAt } = last ?? {};
    if (options.json) await printJson({ study: study.name, studyId: study.id, outcome, position, head, reproduced, detail, ...(differsAt !== undefined && { differsAt }) });
    else await print(`${outcome}${differsAt === undefined ? '' : ` at position ${differsAt}`}: ${detail || `${reproduced} suggestions and decisions`}\n`);
    return exitOf[outcome];
  });
}
