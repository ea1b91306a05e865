import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { note } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

/** `paramo pause STUDY`: no trial starts until it is resumed; what runs goes on. */
export function pause(name: string, options: GlobalOptions & { readonly reason?: string }): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    await study.pause(options.reason ?? 'paused by a person');
    note(`study ${name} is paused; \`paramo resume ${name}\` lets it go on`);
    return exitCodes.ok.code;
  });
}
