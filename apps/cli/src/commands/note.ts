import { annotate, findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { note as say, printJson } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

/** Options of `paramo note`. */
export interface NoteOptions extends GlobalOptions {
  readonly tag?: readonly string[];
  readonly untag?: readonly string[];
  readonly group?: string;
  readonly json?: boolean;
}

/** `paramo note STUDY N [TEXT]`: changes what is noted about a trial; an empty text removes the note. */
export function note(name: string, number: number, text: string | undefined, { tag = [], untag = [], group, json, ...options }: NoteOptions): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const before = (await study.trial(number)).attributes['tags'];
    const tags = new Set([...(Array.isArray(before) ? (before as readonly string[]) : []), ...tag]);
    for (const one of untag) tags.delete(one);
    const changed = await annotate(connection, { studyId: study.id, trial: number }, {
      ...(text !== undefined && { note: text }), ...(group !== undefined && { group }), ...(tag.length + untag.length > 0 && { tags: [...tags] }),
    });
    if (json) await printJson(changed);
    else say(`${study.name} ${number}: ${Object.entries(changed.attributes).map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(', ') || 'nothing is noted'}`);
    return exitCodes.ok.code;
  });
}
