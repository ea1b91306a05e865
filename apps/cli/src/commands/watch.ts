import { findStudy } from '@paramo/client';
import type { Connection, SingleStudy } from '@paramo/client';
import type { LogEvent } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { note, print, toJson } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { describeState, studyExitCode } from '../study-outcome.js';
import { describeEvent } from '../watch/describe-event.js';
import { createStudyHistory } from '../watch/study-history.js';
import { showLive } from '../watch/show-live.js';

/** `paramo watch STUDY`: a live view on a terminal, else a line an event, until the study ends or the watcher leaves. */
export function watch(name: string, options: GlobalOptions & { readonly jsonl?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const leaving = new AbortController();
    let left: number | undefined;
    const leave = (code: number): void => {
      left ??= code;
      leaving.abort();
    };
    const interrupt = (): void => leave(exitCodes.interrupted.code);
    process.on('SIGINT', interrupt);
    try {
      if (options.jsonl) await follow(study, leaving.signal, (event) => print(`${toJson(event)}\n`));
      else if (process.stdout.isTTY) await watchLive(connection, study, leaving.signal, leave);
      else await follow(study, leaving.signal, (event) => print(`${describeEvent(event)}\n`));
    } finally {
      process.off('SIGINT', interrupt);
    }
    if (left !== undefined) return left;
    note(`study "${study.name}" has ${describeState(study.record)}`);
    return studyExitCode(study.record);
  });
}

/** Hands on every event of the log until the study has ended for good or the signal says so. */
async function follow(study: SingleStudy, signal: AbortSignal, onEvent: (event: LogEvent) => Promise<void> | void): Promise<void> {
  let over = false;
  for await (const event of study.watch({ signal })) {
    await onEvent(event);
    // An ended study may have been opened again, and what ran when it ended still ends.
    if (event.kind === 'study_ended') over = true;
    if (event.kind === 'study_opened') over = false;
    if (!over || event.position < study.record.position) continue;
    const { state, position, counts } = await study.refresh();
    if (state === 'ended' && counts.running === 0 && event.position >= position) return;
  }
}

async function watchLive(connection: Connection, study: SingleStudy, signal: AbortSignal, leave: (code: number) => void): Promise<void> {
  const history = createStudyHistory(study.record.spec);
  const view = showLive({ connection, study, history, leave });
  try {
    await follow(study, signal, (event) => history.add(event));
  } finally {
    await view.close();
  }
}
