import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs `NAME-process.js` with a request, in a process of its own, which a damaged database may end. Gives what it sends, and
 * answers how it died; undefined: it came to its end.
 */
export async function* runChild<News>(name: 'check' | 'copy', request: object): AsyncGenerator<News, string | undefined, undefined> {
  // Run from sources, as tests do, it is the built one: a bare process loads no TypeScript.
  const entry = new URL(`${import.meta.url.endsWith('.ts') ? '../../dist/upkeep/' : './'}${name}-process.js`, import.meta.url);
  const child = fork(fileURLToPath(entry), [JSON.stringify(request)], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const waiting: News[] = [];
  let wake = (): void => undefined;
  let over = false;
  let death: string | undefined;
  const end = (how: string | undefined): void => {
    if (!over) death = how;
    over = true;
    wake();
  };
  child.on('message', (news) => {
    waiting.push(news as News);
    wake();
  });
  child.once('error', ({ message }) => end(message));
  child.once('close', (code, signal) => end(code === 0 ? undefined : (signal ?? `code ${code}`)));
  try {
    while (!over || waiting.length > 0) {
      yield* waiting.splice(0);
      if (!over && waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    return death;
  } finally {
    child.kill('SIGKILL');
  }
}

/** Sends news to whoever runs this process, and ends it when that one has gone. */
export function newsToParent<News>(): (news: News) => Promise<void> {
  process.on('disconnect', () => process.exit(0));
  return (news) => new Promise((resolve) => process.send!(news, () => resolve()));
}
