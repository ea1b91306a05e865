import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ParamoError } from '@paramo/core';
import { runCheck } from './run-check.js';

/**
 * Reads a copied store as a whole; answers what it holds, in a few lines.
 * @throws ParamoError STORE_CORRUPT, with the first thing that is wrong; STORE_FORMAT when a newer version wrote it.
 */
export async function checkCopy(folder: string, onProgress: (text: string) => void): Promise<readonly string[]> {
  const content: string[] = [];
  const data = join(folder, 'data.mdb');
  for await (const news of runCheck({ data, blobs: join(folder, 'blobs') })) {
    if (news.kind === 'progress') {
      onProgress(`checking ${news.done} ${news.what}`);
      continue;
    }
    const { subject, ok, detail } = news.finding;
    if (!ok && detail.startsWith('STORE_FORMAT: ')) throw new ParamoError({ code: 'STORE_FORMAT', message: detail.slice('STORE_FORMAT: '.length), hint: news.finding.hint });
    if (!ok) throw new ParamoError({ code: 'STORE_CORRUPT', message: `${subject}: ${detail}`, hint: '`paramo doctor` on its home names all that is damaged.' });
    content.push(detail);
  }
  await rm(`${data}-lock`, { force: true });
  return content;
}
