import type { Clock } from '@paramo/core';
import type { MemoryStore } from '@paramo/daemon/testing';
import type { AskRequest, AttemptUpdate, Batch, BoundMethod, CallContext, GetTrialResponse, OpenStudyRequest, ReportRequest, ReportResponse, ServiceBinding } from '@paramo/protocol';
import { findMethod } from './wire.js';

/** A daemon that is wrong in one way, made at its ports: the checker has to find it out. */
export interface Defect {
  /** What is wrong. */
  readonly what: string;
  /** Replaces parts of the store. */
  readonly store?: (store: MemoryStore) => Partial<MemoryStore>;
  /** Replaces parts of the clock. */
  readonly clock?: (clock: Clock) => Partial<Clock>;
  /** Replaces the services. */
  readonly bindings?: (bindings: readonly ServiceBinding[]) => readonly ServiceBinding[];
}

/** The planted ones. */
export const defects: readonly Defect[] = [
  {
    what: 'acks before the sync',
    store: (store) => ({
      async commit(writes) {
        store.commit(writes).catch(() => undefined);
      },
    }),
  },
  {
    what: 'commits in two halves',
    store: (store) => ({
      async commit(writes) {
        const half = writes.length >> 1;
        if (half > 0) await store.commit(writes.slice(0, half));
        await store.commit(writes.slice(half));
      },
    }),
  },
  {
    what: 'forgets which request it has answered',
    bindings: (bindings) => replaceUnary(bindings, '/Ask', (request: AskRequest) => ({ ...request, requestId: '' })),
  },
  {
    what: 'hands out a trial more than the budget holds',
    bindings: (bindings) => replaceUnary(bindings, '/OpenStudy', (request: OpenStudyRequest) => {
      const { spec } = request;
      return { ...request, spec: { ...spec!, budget: { ...spec!.budget!, trials: spec!.budget!.trials! + 1n } } };
    }),
  },
  {
    what: 'frees no trial whose worker is silent',
    clock: (clock) => ({
      setTimer: (delayMs, action) => (delayMs >= 1500 && delayMs <= 10_000 ? () => undefined : clock.setTimer(delayMs, action)),
    }),
  },
  { what: 'fences nobody', bindings: withoutFencing },
];

function replaceMethod(bindings: readonly ServiceBinding[], path: string, replace: (method: BoundMethod) => BoundMethod): readonly ServiceBinding[] {
  return bindings.map((binding) => ({ ...binding, methods: binding.methods.map((method) => (method.definition.path.endsWith(path) ? replace(method) : method)) }));
}

function replaceUnary<Req>(bindings: readonly ServiceBinding[], path: string, change: (request: Req) => Req): readonly ServiceBinding[] {
  return replaceMethod(bindings, path, (method) => (method.kind === 'unary' ? { ...method, handle: (request: unknown, context: CallContext) => method.handle(change(request as Req), context) } : method));
}

/** What comes of an earlier attempt is taken for the newest one's, with numbers that fit. */
function withoutFencing(bindings: readonly ServiceBinding[]): readonly ServiceBinding[] {
  const getTrial = findMethod(bindings, '/paramo.v1.TrialService/GetTrial');
  const counts = new Map<string, number>();
  const originals = new Map<string, { readonly attempt: number; readonly sequence: bigint }>();

  async function renew(writer: string, batch: Batch): Promise<Batch> {
    if (getTrial.kind !== 'unary') return batch;
    const { trial } = (await getTrial.handle({ studyId: batch.studyId, number: batch.trial }, { signal: new AbortController().signal, peer: '' })) as GetTrialResponse;
    const attempt = trial!.attempt;
    if (batch.attempt >= attempt) return batch;
    const name = `${batch.studyId}/${batch.trial}/${attempt}/${writer}`;
    const sequence = (counts.get(name) ?? 0) + 1;
    counts.set(name, sequence);
    originals.set(`${name}/${sequence}`, batch);
    return { ...batch, attempt, sequence: BigInt(sequence) };
  }
  const restore = (writer: string) => (update: AttemptUpdate): AttemptUpdate => {
    const original = originals.get(`${update.studyId}/${update.trial}/${update.attempt}/${writer}/${update.ackedSequence}`);
    return original ? { ...update, attempt: original.attempt, ackedSequence: original.sequence } : update;
  };
  return replaceMethod(bindings, '/Report', (method) => {
    if (method.kind !== 'duplex') return method;
    return {
      ...method,
      async *handle(requests: AsyncIterable<unknown>, context: CallContext) {
        let writer = '';
        async function* renewed(): AsyncGenerator<ReportRequest> {
          for await (const request of requests as AsyncIterable<ReportRequest>) {
            writer = request.writerId;
            yield { ...request, batches: await Promise.all(request.batches.map((batch) => renew(writer, batch))) };
          }
        }
        for await (const response of method.handle(renewed(), context) as AsyncIterable<ReportResponse>) yield { ...response, updates: response.updates.map(restore(writer)) };
      },
    };
  });
}
