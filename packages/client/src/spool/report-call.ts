import { ParamoError } from '@paramo/core';
import { TrialServiceService } from '@paramo/protocol';
import type { AttemptUpdate, Batch, ReportRequest } from '@paramo/protocol';
import type { Link } from '../link.js';
import { attemptName } from './spool-files.js';

/** One report stream in the name of a writer that is gone. */
export interface ReportCall {
  /** Sends batches in one message; resolves with the newest the daemon has said of each attempt when all of them are stored or refused. Rejects when the stream fails. */
  send(batches: readonly Batch[]): Promise<ReadonlyMap<string, AttemptUpdate>>;
  /** Ends the stream, `withGoodbye` with the word that the writer is gone. */
  close(withGoodbye: boolean): Promise<void>;
}

/** Opens a stream, with its first message. */
export function openReportCall(link: Link, writerId: string, signal: AbortSignal): ReportCall {
  const queue: ReportRequest[] = [];
  const updates = new Map<string, AttemptUpdate>();
  const refused = new Set<string>();
  let isOver = false;
  let wake = (): void => undefined;
  let look = (): void => undefined;

  async function* requests(): AsyncGenerator<ReportRequest, void, undefined> {
    for (;;) {
      const next = queue.shift();
      if (next) yield next;
      else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const run = async (): Promise<void> => {
    for await (const response of link.duplex(TrialServiceService.report, requests(), { signal })) {
      for (const { attempt, sequence } of response.refusals) if (attempt) refused.add(`${attemptName(attempt)}#${sequence}`);
      for (const update of response.updates) if (update.ackedSequence >= (updates.get(attemptName(update))?.ackedSequence ?? 0n)) updates.set(attemptName(update), update);
      look();
    }
    if (!isOver) throw new ParamoError({ code: 'UNAVAILABLE', message: 'the daemon ended the stream', hint: 'Try again in a moment.' });
  };
  let running: Promise<void> | undefined;
  const push = (request: ReportRequest): void => {
    queue.push(request);
    running ??= run();
    running.catch(() => undefined);
    wake();
  };

  return {
    async send(batches) {
      push({ writerId, batches: [...batches], heartbeats: [], goodbye: false });
      const isAnswered = (batch: Batch): boolean => batch.sequence <= (updates.get(attemptName(batch))?.ackedSequence ?? 0n) || refused.has(`${attemptName(batch)}#${batch.sequence}`);
      const answered = new Promise<void>((resolve) => {
        look = () => {
          if (batches.every(isAnswered)) resolve();
        };
      });
      await Promise.race([answered, running]);
      return updates;
    },
    async close(withGoodbye) {
      if (withGoodbye) push({ writerId, batches: [], heartbeats: [], goodbye: true });
      isOver = true;
      wake();
      await running;
    },
  };
}
