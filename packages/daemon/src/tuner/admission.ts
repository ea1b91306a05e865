import { ParamoError, type CancelTimer, type TrialRecord, type Worker } from '@paramo/core';
import type { HostWatch } from './hosts.js';
import { startAttempt } from './leases.js';
import { reachedLimit } from './limits.js';
import { askKey, findRequest } from './request-keys.js';
import type { StudyRuntime } from './runtime.js';
import { queueOrder, type LiveTrial, type StudyState } from './study-state.js';

/** A worker's wish for a trial. */
export interface Ask {
  /** The newest revision the worker knows. */
  readonly revision: number;
  readonly worker: Worker;
  readonly requestId: string;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

/** A trial with its lease, or why there is none. */
export type AskAnswer =
  | { readonly kind: 'assignment'; readonly trial: TrialRecord; readonly attempt: number; readonly leaseMs: number }
  | { readonly kind: 'none'; readonly why: 'not now' | 'ended' | 'paused' | 'host held'; readonly detail: string };

/** Hands waiting trials to waiting workers, within the budget. */
export interface Admission {
  /** How many workers wait for a trial right now. */
  readonly waiting: number;
  /** Leases the next trial; waits for one as long as asked. */
  ask(ask: Ask): Promise<AskAnswer>;
  /** Serves whoever waits, as far as there are trials. */
  serve(): void;
  /** Answers everybody who waits; nobody is served afterwards. */
  close(): void;
}

interface Waiter {
  readonly ask: Ask;
  readonly key: string | undefined;
  /** It began to wait although it was known that it would not be served. */
  readonly refused: boolean;
  settle(answer: AskAnswer | Promise<AskAnswer>): void;
}

/** How long an ask waits that is not served for now, in milliseconds: its worker says why, and asks again. */
const refusedWaitMs = 5000;

/** Opens admission for a study. `onWaiting` is called whenever a worker starts to wait. */
export function openAdmission(runtime: StudyRuntime, hosts: HostWatch, onWaiting: () => void): Admission {
  const { journal, clock, studies: { store } } = runtime;
  const waiters = new Set<Waiter>();
  let serving = false;
  let closed = false;

  /** Waiters that would be served: those of a host that is held back want no trial prepared, and keep nobody waiting. */
  function waiting(): number {
    let count = 0;
    for (const { ask } of waiters) if (hosts.refusal(ask.worker.host) === undefined) count++;
    return count;
  }

  async function start(live: LiveTrial, { worker, requestId }: Ask): Promise<AskAnswer> {
    const { attempt, durable } = startAttempt(runtime, live, { worker, requestId, requestKey: askKey(worker, requestId) });
    await durable;
    return assignment(attempt.trial, attempt.number);
  }

  async function again(trial: number, attempt: number): Promise<AskAnswer> {
    await journal.settled();
    return assignment(trial, attempt);
  }

  /** The end of a study may still be on its way to disk. */
  async function onDisk(answer: AskAnswer): Promise<AskAnswer> {
    await journal.settled();
    return answer;
  }

  function assignment(trial: number, attempt: number): AskAnswer {
    return { kind: 'assignment', trial: journal.trial(trial)!, attempt, leaseMs: journal.state.record.spec.rules.leaseMs };
  }

  function outdated({ revision }: Ask): ParamoError | undefined {
    const { record } = journal.state;
    if (revision >= record.revision) return undefined;
    return new ParamoError({
      code: 'REVISION_UNKNOWN', message: `study "${record.spec.name}" is at revision ${record.revision}; this worker knows revision ${revision}`,
      hint: 'Open the study again with the code of the newer revision.',
    });
  }

  /** Why the host of this worker is to have no trial now. */
  function holdBack({ worker }: Ask): (AskAnswer & { kind: 'none' }) | undefined {
    const detail = hosts.refusal(worker.host);
    return detail === undefined ? undefined : { kind: 'none', why: 'host held', detail };
  }

  function wait(ask: Ask, key: string | undefined, refused: boolean): Promise<AskAnswer> {
    return new Promise<AskAnswer>((resolve, reject) => {
      let cancel: CancelTimer = () => undefined;
      const waiter: Waiter = {
        ask,
        key,
        refused,
        settle(answer) {
          waiters.delete(waiter);
          cancel();
          ask.signal?.removeEventListener('abort', leave);
          Promise.resolve(answer).then(resolve, reject);
        },
      };
      const leave = (): void => waiter.settle(refuse(journal.state, store.shortage()) ?? holdBack(ask) ?? notNow);
      cancel = clock.setTimer(refused ? Math.min(ask.waitMs, refusedWaitMs) : ask.waitMs, leave);
      ask.signal?.addEventListener('abort', leave);
      waiters.add(waiter);
      onWaiting();
    });
  }

  return {
    get waiting() {
      return waiting();
    },
    async ask(ask) {
      const key = askKey(ask.worker, ask.requestId);
      const answered = key === undefined ? undefined : findRequest(runtime, key);
      if (answered) return again(answered.trial, answered.attempt);
      const unfit = outdated(ask);
      if (unfit) throw unfit;
      // The same request, sent again while it waits: its first caller has gone.
      if (key !== undefined) for (const waiter of waiters) if (waiter.key === key) waiter.settle(notNow);
      const refusal = refuse(journal.state, store.shortage()) ?? holdBack(ask);
      // Nobody is left to be told of the trial.
      if (ask.signal?.aborted || closed) return refusal ?? notNow;
      if (refusal?.why === 'ended') return onDisk(refusal);
      const next = refusal || waiting() > 0 ? undefined : nextTrial(journal.state);
      if (next) return start(next, ask);
      if (ask.waitMs > 0) return wait(ask, key, refusal !== undefined);
      onWaiting();
      return refusal ?? notNow;
    },
    serve() {
      // What is committed below calls this again.
      if (serving || closed || waiters.size === 0) return;
      serving = true;
      try {
        for (const waiter of waiters) {
          const unfit = outdated(waiter.ask);
          const refusal = refuse(journal.state, store.shortage()) ?? holdBack(waiter.ask);
          if (unfit) waiter.settle(Promise.reject(unfit));
          // Who knew it when it began to wait is told again before long, not at every event.
          else if (refusal && (refusal.why === 'ended' || !waiter.refused)) waiter.settle(onDisk(refusal));
          if (unfit || refusal) continue;
          const next = nextTrial(journal.state);
          if (next) waiter.settle(start(next, waiter.ask));
        }
      } finally {
        serving = false;
      }
    },
    close() {
      closed = true;
      for (const waiter of waiters) waiter.settle(notNow);
    },
  };
}

const notNow: AskAnswer = { kind: 'none', why: 'not now', detail: 'no trial within the wait; ask again' };

/** Why a study hands out nothing at all. */
function refuse({ record }: StudyState, shortage: ParamoError | undefined): (AskAnswer & { kind: 'none' }) | undefined {
  if (record.state === 'ended') return { kind: 'none', why: 'ended', detail: `${record.endReason}: ${record.endDetail}` };
  if (record.state === 'paused') return { kind: 'none', why: 'paused', detail: record.endDetail || 'the study is paused' };
  if (shortage) return { kind: 'none', why: 'not now', detail: `no trial starts now: ${shortage.summary}` };
  return undefined;
}

/** The waiting trial to serve next: requeued, enqueued, resumed, prepared; of each the one that waits longest. */
function nextTrial(state: StudyState): LiveTrial | undefined {
  const { queues, record } = state;
  const { trials } = record.spec.budget;
  // The planner voids them soon.
  if (reachedLimit(state)?.voidsWaiting) return undefined;
  const spent = trials !== undefined && record.spent.trials >= trials;
  for (const name of queueOrder) {
    for (const live of queues[name].values()) {
      if (!spent || live.record.attempt > 0 || live.successor) return live;
    }
  }
  return undefined;
}
