import { ParamoError, type CancelTimer, type TrialRecord, type Worker } from '@paramo/core';
import { startAttempt } from './leases.js';
import type { StudyRuntime } from './runtime.js';
import type { LiveTrial, StudyState } from './study-state.js';

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
  | { readonly kind: 'none'; readonly why: 'not now' | 'ended' | 'paused'; readonly detail: string };

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
  settle(answer: AskAnswer | Promise<AskAnswer>): void;
}

/** Opens admission for a study. `onWaiting` is called whenever a worker starts to wait. */
export function openAdmission(runtime: StudyRuntime, onWaiting: () => void): Admission {
  const { journal, clock, studies, studyId } = runtime;
  const waiters = new Set<Waiter>();
  /** Answers by request id that are on their way to disk. */
  const recent = new Map<string, Promise<AskAnswer>>();

  function start(live: LiveTrial, ask: Ask): Promise<AskAnswer> {
    const { attempt, durable } = startAttempt(runtime, live, ask.worker, ask.requestId);
    const answer = durable.then((): AskAnswer => assignment(attempt.trial, attempt.number));
    if (ask.requestId !== '') {
      recent.set(ask.requestId, answer);
      // On disk the store knows it.
      const forget = (): void => void recent.delete(ask.requestId);
      answer.then(forget, forget);
    }
    return answer;
  }

  function assignment(trial: number, attempt: number): AskAnswer {
    return { kind: 'assignment', trial: journal.trial(trial)!, attempt, leaseMs: journal.state.record.spec.rules.leaseMs };
  }

  function checkRevision({ revision }: Ask): void {
    const { record } = journal.state;
    if (revision >= record.revision) return;
    throw new ParamoError({
      code: 'REVISION_UNKNOWN', message: `study "${record.spec.name}" is at revision ${record.revision}; this worker knows revision ${revision}`,
      hint: 'Open the study again with the code of the newer revision.',
    });
  }

  const admission: Admission = {
    get waiting() {
      return waiters.size;
    },
    async ask(ask) {
      const known = recent.get(ask.requestId);
      if (known) return known;
      const answered = ask.requestId === '' ? undefined : studies.request(studyId, ask.requestId);
      if (answered) return assignment(answered.trial, answered.attempt);
      checkRevision(ask);
      const refusal = refuse(journal.state);
      if (refusal?.why === 'ended') return refusal;
      const next = refusal ? undefined : nextTrial(journal.state);
      if (next && waiters.size === 0) return start(next, ask);
      if (ask.waitMs <= 0) {
        onWaiting();
        return refusal ?? notNow;
      }
      return new Promise<AskAnswer>((resolve, reject) => {
        let cancel: CancelTimer = () => undefined;
        const waiter: Waiter = {
          ask,
          settle(answer) {
            waiters.delete(waiter);
            cancel();
            ask.signal?.removeEventListener('abort', leave);
            Promise.resolve(answer).then(resolve, reject);
          },
        };
        const leave = (): void => waiter.settle(refuse(journal.state) ?? notNow);
        cancel = clock.setTimer(ask.waitMs, leave);
        ask.signal?.addEventListener('abort', leave);
        waiters.add(waiter);
        onWaiting();
      });
    },
    serve() {
      const refusal = refuse(journal.state);
      for (const waiter of waiters) {
        if (refusal?.why === 'ended') waiter.settle(refusal);
        if (refusal) continue;
        const next = nextTrial(journal.state);
        if (!next) return;
        try {
          checkRevision(waiter.ask);
          waiter.settle(start(next, waiter.ask));
        } catch (error) {
          waiter.settle(Promise.reject(error as Error));
        }
      }
    },
    close() {
      for (const waiter of waiters) waiter.settle(notNow);
    },
  };
  return admission;
}

const notNow: AskAnswer = { kind: 'none', why: 'not now', detail: 'no trial within the wait; ask again' };

/** Why a study hands out nothing at all. */
function refuse({ record }: StudyState): (AskAnswer & { kind: 'none' }) | undefined {
  if (record.state === 'ended') return { kind: 'none', why: 'ended', detail: `${record.endReason}: ${record.endDetail}` };
  if (record.state === 'paused') return { kind: 'none', why: 'paused', detail: record.endDetail || 'the study is paused' };
  return undefined;
}

/** The waiting trial to serve next: requeued, enqueued, resumed, prepared; of each the one that waits longest. */
export function nextTrial({ live, record }: StudyState): LiveTrial | undefined {
  const { trials } = record.spec.budget;
  let best: LiveTrial | undefined;
  for (const one of live.values()) {
    if (one.record.state !== 'waiting') continue;
    const isNew = one.record.attempt === 0 && !one.successor;
    if (isNew && trials !== undefined && record.spent.trials >= trials) continue;
    if (!best || one.queue < best.queue || (one.queue === best.queue && one.queuedAt < best.queuedAt)) best = one;
  }
  return best;
}
