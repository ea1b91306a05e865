import { ParamoError } from '@paramo/core';
import type { AttemptKey, AttemptUpdate, Batch, ReportRequest, ReportResponse } from '@paramo/protocol';

/** What the report streams of a toy daemon ask of it. */
export interface ToyReportsOptions {
  readonly calls: string[];
  readonly isDown: () => boolean;
  readonly check: (name: string) => void;
  /** Stores a batch and tells the news of its attempt. */
  readonly store: (batch: Batch) => AttemptUpdate;
  readonly beat: (key: AttemptKey) => AttemptUpdate;
}

/** The report streams of a toy daemon. */
export interface ToyReports {
  report(requests: AsyncIterable<ReportRequest>): AsyncGenerator<ReportResponse>;
  /** Tells every stream. */
  push(update: AttemptUpdate): void;
  /** Ends every stream as a lost connection does. */
  cut(): void;
}

/** No stream is open yet. */
export function createToyReports({ calls, isDown, check, store, beat }: ToyReportsOptions): ToyReports {
  const pushes = new Set<(update: AttemptUpdate) => void>();
  const cuts = new Set<() => void>();

  async function* report(requests: AsyncIterable<ReportRequest>): AsyncGenerator<ReportResponse> {
    check('report');
    const out: ReportResponse[] = [];
    let wake = (): void => undefined;
    let over = false;
    let failure: Error | undefined;
    const push = (update: AttemptUpdate): void => {
      out.push({ updates: [update], refusals: [] });
      wake();
    };
    const cut = (): void => {
      failure = new ParamoError({ code: 'UNAVAILABLE', message: 'the toy went down' });
      wake();
    };
    pushes.add(push);
    cuts.add(cut);
    const reading = async (): Promise<void> => {
      for await (const { batches, heartbeats, goodbye } of requests) {
        if (isDown()) return cut();
        calls.push(...batches.map(({ trial, sequence }) => `batch ${trial}#${sequence}`), ...heartbeats.map(({ trial }) => `heartbeat ${trial}`), ...(goodbye ? ['goodbye'] : []));
        const updates = [...batches.map(store), ...heartbeats.map(beat)];
        if (updates.length > 0) out.push({ updates, refusals: [] });
        wake();
      }
      over = true;
      wake();
    };
    reading().catch((error: unknown) => {
      failure = ParamoError.from(error);
      wake();
    });
    try {
      for (;;) {
        const next = out.shift();
        if (failure) throw failure;
        if (next) yield next;
        else if (over) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      pushes.delete(push);
      cuts.delete(cut);
      calls.push('report ended');
    }
  }

  return {
    report,
    push(update) {
      for (const push of [...pushes]) push(update);
    },
    cut() {
      for (const cut of [...cuts]) cut();
    },
  };
}
