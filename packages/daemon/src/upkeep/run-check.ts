import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { homeFiles } from '../home/home-files.js';
import type { CheckNews } from './check-news.js';
import { runChild } from './run-child.js';

/** What a check looks at. */
export interface CheckRequest {
  /** The database file. */
  readonly data: string;
  /** The folder of blobs; absent: they are not looked at. */
  readonly blobs?: string;
}

/** Checks the store of a home, whether or not its daemon is at work. */
export async function* checkHome(home: string): AsyncGenerator<CheckNews, void, undefined> {
  const { storePath } = homeFiles(home);
  const data = join(storePath, 'data.mdb');
  if (existsSync(data)) yield* runCheck({ data, blobs: join(storePath, 'blobs') });
}

/** Checks a store in a process of its own: a damaged database may end it, which is a finding then and no more. */
export async function* runCheck(request: CheckRequest): AsyncGenerator<CheckNews, void, undefined> {
  const death = yield* runChild<CheckNews>('check', request);
  if (death !== undefined) yield { kind: 'finding', finding: { subject: 'store', ok: false, detail: `STORE_CORRUPT: ${request.data} cannot be read to its end: the process that did ended with ${death}`, hint: 'Bring a backup back with `paramo restore`; it keeps what is there beside it.' } };
}
