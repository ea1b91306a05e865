import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeFiles } from '../home/home-files.js';
import type { CheckNews } from './check-store.js';

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
  // Run from sources, as tests do, it is the built one: a bare process loads no TypeScript.
  const entry = new URL(`${import.meta.url.endsWith('.ts') ? '../../dist/upkeep/' : './'}check-process.js`, import.meta.url);
  const child = fork(fileURLToPath(entry), [JSON.stringify(request)], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const waiting: CheckNews[] = [];
  let wake = (): void => undefined;
  let ended: string | undefined;
  const end = (how: string): void => {
    ended ??= how;
    wake();
  };
  child.on('message', (news) => {
    waiting.push(news as CheckNews);
    wake();
  });
  child.once('error', ({ message }) => end(message));
  child.once('close', (code, signal) => end(code === 0 ? '' : (signal ?? `code ${code}`)));
  try {
    while (ended === undefined || waiting.length > 0) {
      yield* waiting.splice(0);
      if (ended === undefined && waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    if (ended !== '') yield { kind: 'finding', finding: { subject: 'store', ok: false, detail: `STORE_CORRUPT: ${request.data} cannot be read to its end: the process that did ended with ${ended}`, hint: 'Bring a backup back with `paramo restore`; it keeps what is there beside it.' } };
  } finally {
    child.kill('SIGKILL');
  }
}
