import type { Connection, SingleStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { listTrials } from '../operations.js';
import { createLive } from '../terminal/live.js';
import { createStyle } from '../terminal/style.js';
import { renderStudy } from './render-study.js';
import type { StudySnapshot } from './render-study.js';
import type { StudyHistory } from './study-history.js';

/** What a live view shows, and whom it tells that the watcher leaves. */
export interface LiveViewOptions {
  readonly connection: Connection;
  readonly study: SingleStudy;
  readonly history: StudyHistory;
  readonly leave: (exitCode: number) => void;
}

const refreshMs = 500;
const mostRunning = 8;
const leaders = 5;

/** Draws the study on the terminal again and again until closed. */
export function showLive({ connection, study, history, leave }: LiveViewOptions): { close(): Promise<void> } {
  const live = createLive(process.stdout);
  const style = createStyle(process.stdout);
  const keys = readKeys(leave);
  let closed = false;
  let wake = (): void => undefined;

  const take = async (): Promise<StudySnapshot> => {
    const record = await study.refresh();
    const running = await collect(listTrials(connection, study.id, { filter: 'state = running', limit: mostRunning }));
    const best = record.spec.objectives.length === 1 ? await collect(listTrials(connection, study.id, { filter: 'state = completed', order: 'value', limit: leaders })) : [];
    return { record, running, leaders: best };
  };
  const draw = async (): Promise<void> => {
    // Some terminals do not tell their size, or say 0.
    const { columns, rows } = process.stdout;
    live.update(renderStudy(await take(), history, { width: columns || 80, height: rows || 24, style, nowMs: connection.clock.wallMs() }));
  };
  const loop = (async () => {
    while (!closed) {
      // A daemon that is away for a moment is no reason to leave.
      await draw().catch((error: unknown) => live.update(`waiting for the daemon: ${(error as Error).message}`));
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, refreshMs);
      });
    }
  })();
  return {
    async close() {
      closed = true;
      wake();
      await loop;
      await draw().catch(() => undefined);
      live.done();
      keys.close();
    },
  };
}

/** Leaves on q or Ctrl-C, where there is a keyboard. */
function readKeys(leave: (exitCode: number) => void): { close(): void } {
  const { stdin } = process;
  if (!stdin.isTTY) return { close: () => undefined };
  const onKeys = (keys: Buffer): void => {
    const text = keys.toString();
    if (text.includes('\u0003')) leave(exitCodes.interrupted.code);
    else if (/q/i.test(text)) leave(exitCodes.ok.code);
  };
  stdin.setRawMode(true);
  stdin.on('data', onKeys);
  return {
    close() {
      stdin.off('data', onKeys);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
