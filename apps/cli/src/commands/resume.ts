import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { note } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

/** `paramo resume STUDY`: a paused study goes on, and hosts that were held back get trials again. */
export function resume(name: string, options: GlobalOptions): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    await study.open('resumed by a person');
    note(`study ${name} is open, on all hosts`);
    return exitCodes.ok.code;
  });
}
