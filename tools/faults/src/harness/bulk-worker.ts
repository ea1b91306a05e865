import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '@paramo/core';
import { AskRequest, CompleteRequest, ReportOnceRequest, TrialServiceService } from '@paramo/protocol';
import { createCaller } from './caller.js';
import type { CallerOptions } from './caller.js';
import { bulkValue } from './history.js';

/** How a bulk worker works. */
export interface BulkWorkerOptions extends Omit<CallerOptions, 'random'> {
  readonly studyId: string;
  readonly name: string;
  /** Ends by itself after so many. */
  readonly trials: number;
}

const batchPoints = 20_000;
const batches = 8;
const callMs = 10_000;

/** A worker that reports so much that the daemon moves points from its log into chunks all the time. */
export async function runBulkWorker({ studyId, name, trials, ...options }: BulkWorkerOptions): Promise<void> {
  const { signal, record } = options;
  const { call, close } = createCaller({ ...options, random: createRandom('bulk worker', name) });
  const worker = { id: name, process: name, host: name, pid: 0, labels: new Map<string, string>() };
  let finished = 0;
  for (let requests = 0; !signal.aborted && finished < trials; requests++) {
    const requestId = `${name} ${requests}`;
    const answer = await call('ask', (t) => t.unary(TrialServiceService.ask, AskRequest.fromPartial({ studyId, revision: 99, worker, requestId, waitMs: 300 }), { timeoutMs: callMs }));
    if (!answer?.assignment) {
      await pause(20);
      continue;
    }
    const key = { studyId, trial: answer.assignment.trial!.number, attempt: answer.assignment.attempt };
    const own = { ...key, trial: Number(key.trial) };
    record({ kind: 'given', ...own, requestId });
    for (let i = 0; i < batches && !signal.aborted; i++) {
      const from = i * batchPoints;
      const steps = Array.from({ length: batchPoints }, (_, j) => from + j);
      record({ kind: 'sent in bulk', ...own, sequence: i + 1, from, count: batchPoints });
      const request = ReportOnceRequest.fromPartial({
        writerId: name, batch: { ...key, sequence: BigInt(i + 1), series: [{ name: 'loss', steps: steps.map(BigInt), values: steps.map((step) => bulkValue(own, step)), timesMs: [] }] },
      });
      const acked = await call('report', (t) => t.unary(TrialServiceService.reportOnce, request, { timeoutMs: callMs }));
      if (acked?.update && acked.update.ackedSequence >= BigInt(i + 1)) record({ kind: 'acked', ...own, sequence: i + 1 });
    }
    const ended = await call('complete', (t) => t.unary(TrialServiceService.complete, CompleteRequest.fromPartial({ attempt: key, writerId: name, requestId: `${requestId} ends` }), { timeoutMs: callMs }));
    if (ended) finished++;
    if (ended) record({ kind: 'ended', ...own, state: 'completed' });
  }
  await close();
}
