import { createInterface } from 'node:readline/promises';
import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { deleteStudy } from '../operations.js';
import { note } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

/** `paramo delete STUDY`: deletes it with all its data. On a terminal it asks first. */
export function deleteCommand(name: string, options: GlobalOptions): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    if (process.stdin.isTTY && !(await confirmed(`Delete study "${study.name}" (${study.id}) with all its trials, metrics, checkpoints and files? [y/N] `))) {
      note('nothing was deleted');
      return exitCodes.failed.code;
    }
    await deleteStudy(connection, study.id);
    note(`study "${study.name}" (${study.id}) is deleted`);
    return exitCodes.ok.code;
  });
}

async function confirmed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
