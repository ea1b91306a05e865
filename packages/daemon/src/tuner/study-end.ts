import { ParamoError, type EndReason, type LogEntry } from '@paramo/core';
import { decide } from './decisions.js';
import { stoppedEntry, voidedEntry } from './leases.js';
import { reachedLimit, reasonToPause } from './limits.js';
import type { StudyRuntime } from './runtime.js';

/** Closes the study when a limit is reached, opens it again when that limit was raised. True when the log has changed. */
export function enforceLimits(runtime: StudyRuntime): boolean {
  const { state } = runtime.journal;
  if (state.record.state !== 'open') return false;
  const pause = reasonToPause(state);
  if (pause !== undefined && !state.closed) {
    void runtime.commit([{ kind: 'study_updated', state: 'paused', reason: pause }]);
    return true;
  }
  const limit = reachedLimit(state);
  if (limit && !state.closed) {
    closeStudy(runtime, limit.reason, limit.detail, limit.endsRunning);
    return true;
  }
  if (!limit && state.closed?.reason === 'budget') {
    void runtime.commit([{ kind: 'study_opened', reason: 'the budget allows more' }]);
    return true;
  }
  if (limit?.voidsWaiting && state.record.counts.waiting > 0) {
    void runtime.commit(voidWaiting(runtime, limit.detail));
    return true;
  }
  return false;
}

/** Lets no further trial come. Running ones go on to their end, or are told to stop. */
export function closeStudy(runtime: StudyRuntime, reason: EndReason, detail: string, endsRunning: boolean): void {
  const { state } = runtime.journal;
  const entries: LogEntry[] = [{ kind: 'study_closed', reason, detail }];
  if (endsRunning) entries.push(...voidWaiting(runtime, detail));
  void runtime.commit(entries);
  if (!endsRunning) return;
  for (const { record } of [...state.live.values()]) {
    if (record.state === 'running') decide(runtime, { trial: record.number, action: 'stop', reason: detail }, 'user', 0);
  }
}

/** The ends of all waiting trials: cancelled where they never started, stopped where they had. */
function voidWaiting(runtime: StudyRuntime, reason: string): LogEntry[] {
  return [...runtime.journal.state.live.values()]
    .filter(({ record }) => record.state === 'waiting')
    .map(({ record }) => voidedEntry(runtime, record, reason));
}

/** Ends a study in which nothing runs or waits and nothing was suggested. False: a person holds it open. */
export function finish(runtime: StudyRuntime, done: boolean): boolean {
  const { state } = runtime.journal;
  const paused = [...state.live.values()].filter(({ record }) => record.state === 'paused');
  const held = !state.closed || (state.closed.reason !== 'user' && !reachedLimit(state)?.voidsWaiting);
  // One that was withdrawn holds nothing open: nobody sees it any more.
  if (held && paused.some(({ pausedBy, record }) => pausedBy === 'user' && !record.retracted)) return false;
  if (!state.closed && !done) {
    failStudy(runtime, new ParamoError({
      code: 'STRATEGY_STALLED', message: `strategy ${state.record.spec.strategy!.name} has nothing to suggest, nothing to wait for, and does not say it is done`,
      hint: 'Report this to the plugin; raise it with `paramo replay`. Another strategy can go on with this study.',
    }));
    return true;
  }
  if (!state.closed) {
    void runtime.commit([{ kind: 'study_closed', reason: 'done', detail: 'the strategy has nothing left to suggest' }]);
    return true;
  }
  const { reason, detail } = state.closed;
  const entries: LogEntry[] = paused.map(({ record }) => stoppedEntry(runtime, record, record.attempt, 'not promoted'));
  void runtime.commit([...entries, { kind: 'study_ended', reason, detail }]);
  return true;
}

/** Ends a study with the error of a plugin. Running trials may still end; what they report is kept. */
export function failStudy(runtime: StudyRuntime, error: ParamoError): void {
  const { state } = runtime.journal;
  if (state.record.state === 'ended') return;
  // In full but for the code, which stands beside it.
  const message = error.message.slice(`${error.code}: `.length);
  const entries: LogEntry[] = [...voidWaiting(runtime, 'the study failed'), { kind: 'study_ended', reason: 'failures', detail: message, error: { code: error.code, message } }];
  if (!state.closed) entries.unshift({ kind: 'study_closed', reason: 'failures', detail: message });
  void runtime.commit(entries);
}
