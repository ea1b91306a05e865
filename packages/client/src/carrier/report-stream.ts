import { isParamoError, ParamoError, sleep } from '@paramo/core';
import type { Clock, Entropy } from '@paramo/core';
import { reportOfEncoded, TrialServiceService } from '@paramo/protocol';
import type { AttemptKey, AttemptUpdate, EncodedBatch, ReportRequest, ReportResponse } from '@paramo/protocol';
import type { CarriedAttempt } from './carried-attempt.js';
import { backoffMs } from '../backoff.js';
import { messageBytes } from './batch-size.js';
import { advisedMs } from '../link.js';
import type { Link } from '../link.js';
import { attemptName } from '../spool/spool-files.js';
import type { Warnings } from '../warning.js';

/** What the stream asks of the reporter it works for. */
export interface ReportStreamOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly warnings: Warnings;
  readonly writerId: string;
  /** Aborted when nothing more is to be sent, come what may. */
  readonly signal: AbortSignal;
  /** The attempts carried, by `attemptName`. */
  readonly attempts: ReadonlyMap<string, CarriedAttempt>;
  /** Whether the stream should be open. */
  wanted(): boolean;
  /** Whether the lease of an attempt is to be renewed now. */
  renewalDue(attempt: CarriedAttempt): boolean;
  /** Whether what waits loose is to go out now; asked once a message. */
  takeFlush(): boolean;
  /** Brings the batches that were made since to disk: they go out only then. */
  spool(): void;
  /** Whether this is the last message. */
  takeGoodbye(): boolean;
  /** Is told how to wake the sending side. */
  setWake(wake: (() => void) | undefined): void;
  setAway(away: boolean): void;
  /** Is given what the daemon says of an attempt, or why it knows that no more. */
  onNews(attempt: CarriedAttempt, news: { readonly update?: AttemptUpdate; readonly gone?: string }): void;
  /** Called after all news of a message. */
  onMessage(): void;
}

/** How long the daemon may take to answer what it has when we have closed our side. */
const closeMs = 5000;

/** Numbers the streams of this process: what went out on an earlier one goes out again. */
let epochs = 0;

/** Keeps a Report stream open, opening it again after losses, for as long as it is wanted. */
export async function runReportStream(options: ReportStreamOptions): Promise<void> {
  const { link, clock, entropy, warnings, signal } = options;
  for (let tries = 0; options.wanted() && !signal.aborted; ) {
    const call = new AbortController();
    const cancel = (): void => call.abort();
    signal.addEventListener('abort', cancel);
    let closeTimer: (() => void) | undefined;
    let closing = false;
    try {
      await link.ready({ signal });
      options.setAway(false);
      const requests = outgoing(options, ++epochs, () => {
        closing = true;
        closeTimer = clock.setTimer(closeMs, cancel);
      });
      for await (const response of link.duplex(TrialServiceService.report, requests, { signal: call.signal })) {
        tries = 0;
        dispatch(response, options);
      }
      // A daemon that ends streams by itself is about to go.
      if (!closing) await sleep(clock, backoffMs(tries++, entropy), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (closing && call.signal.aborted) continue;
      // A daemon that asks for a pause is there, and gets everything that is not acked again.
      if (!isParamoError(error, 'OVERLOADED')) options.setAway(true);
      if (!isParamoError(error, 'UNAVAILABLE') && !isParamoError(error, 'DAEMON_UNREACHABLE')) warnings.once('stream', `reports are held back: ${ParamoError.from(error).message}`);
      // Nobody but us waits for the daemon here, so this never gives up: `signal` and the bound on memory are the limits.
      await sleep(clock, Math.max(backoffMs(tries++, entropy), advisedMs(error)), signal);
    } finally {
      closeTimer?.();
      signal.removeEventListener('abort', cancel);
      options.setWake(undefined);
    }
  }
}

async function* outgoing(options: ReportStreamOptions, epoch: number, onEnd: () => void): AsyncGenerator<ReportRequest> {
  let woken = false;
  let resume: (() => void) | undefined;
  options.setWake(() => {
    woken = true;
    resume?.();
  });
  // The first message names the writer, and the attempts: the daemon says what became of each while we were away.
  const all = [...options.attempts.values()];
  yield message(options, [], all);
  for (;;) {
    woken = false;
    const next = nextMessage(options, epoch);
    if (next) yield next;
    else if (options.takeGoodbye()) {
      yield { ...message(options, [], []), goodbye: true };
    } else if (!options.wanted()) {
      onEnd();
      return;
    } else if (!woken) {
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    }
  }
}

function nextMessage(options: ReportStreamOptions, epoch: number): ReportRequest | undefined {
  const flush = options.takeFlush();
  const batches: EncodedBatch[] = [];
  const renewals: CarriedAttempt[] = [];
  const nowMs = options.clock.monotonicMs();
  let bytes = 0;
  const active = [...options.attempts.values()].filter(({ finishing }) => !finishing);
  if (flush) for (const attempt of active) attempt.cut();
  options.spool();
  for (const attempt of active) {
    let sent = false;
    while (bytes < messageBytes) {
      const before = batches.length;
      const batch = attempt.batches.nextUnsent(epoch);
      if (!batch) break;
      batches.push(batch);
      bytes += batch.length;
      sent ||= batches.length > before;
    }
    if (sent) attempt.lastSentMs = nowMs;
    else if (options.renewalDue(attempt)) renewals.push(attempt);
  }
  return batches.length > 0 || renewals.length > 0 ? message(options, batches, renewals) : undefined;
}

function message({ writerId, clock }: ReportStreamOptions, batches: readonly EncodedBatch[], renewals: readonly CarriedAttempt[]): ReportRequest {
  const nowMs = clock.monotonicMs();
  const heartbeats = renewals.map((attempt): AttemptKey => {
    attempt.lastSentMs = nowMs;
    return attempt.key;
  });
  return reportOfEncoded({ writerId, heartbeats, goodbye: false }, batches);
}

function dispatch(response: ReportResponse, options: ReportStreamOptions): void {
  for (const { attempt: key, sequence, error } of response.refusals) {
    const attempt = key && options.attempts.get(attemptName(key));
    const isGone = attempt?.refuse(Number(sequence)) === false;
    options.warnings.once(`refusal ${error?.code}`, `points were refused: ${error?.message ?? 'no reason was given'}${error?.hint ? `. ${error.hint}` : ''}`);
    if (attempt && isGone) options.onNews(attempt, { gone: error?.message ?? '' });
  }
  for (const update of response.updates) {
    const attempt = options.attempts.get(attemptName(update));
    attempt?.ack(Number(update.ackedSequence));
    if (attempt) options.onNews(attempt, { update });
  }
  options.onMessage();
}
