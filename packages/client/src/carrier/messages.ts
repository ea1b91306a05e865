import type { ErrorCode, Json } from '@paramo/core';
import type { AskRequest, AttemptUpdate } from '@paramo/protocol';
import type { AttemptTerms, PointAside } from '../attempt.js';
import type { AttemptEnd } from '../spool/attempt-end.js';
import type { EndAnswer } from './call-end.js';

/**
 * What a reporter tells its carrier, beside the points, which go through the ring. A message that says something about entries of the ring
 * is sent before they are written, so the carrier has it, or is about to have it, when it meets them.
 */
export type ToCarrier =
  /** Deliver what processes that are gone have left. */
  | { readonly kind: 'start' }
  /** Carry an attempt, from here on named by its handle: a number above all earlier ones. */
  | { readonly kind: 'register'; readonly handle: number; readonly terms: AttemptTerms }
  /** The name of a metric of an attempt: the next number there is. */
  | { readonly kind: 'metric'; readonly handle: number; readonly name: string }
  /** The ring has an entry again; or it fills up. */
  | { readonly kind: 'entries'; readonly hurry: boolean }
  /** Points that found no room; all that is in the ring comes before them. */
  | { readonly kind: 'aside'; readonly handle: number; readonly points: readonly (readonly [metric: number, point: PointAside])[] }
  /** Send what waits now. */
  | { readonly kind: 'flush' }
  /** Bring what waits to disk now, and say so in the ring: the process is about to end. */
  | { readonly kind: 'save' }
  /** Whether somebody waits for news of an attempt. */
  | { readonly kind: 'waiting'; readonly handle: number; readonly isWaiting: boolean }
  /** End an attempt, and answer with `ended`. */
  | { readonly kind: 'end'; readonly id: number; readonly handle: number; readonly end: AttemptEnd; readonly askNext: AskRequest | undefined }
  /** Send what waits for at most so long, and answer with `closed`. */
  | { readonly kind: 'close'; readonly timeoutMs: number };

/** What a carrier tells its reporter. */
export type FromCarrier =
  | { readonly kind: 'away'; readonly away: boolean }
  /** Of so many entries of an attempt nothing is left to send or ack; with an update, or with why the daemon knows it no more. */
  | { readonly kind: 'news'; readonly handle: number; readonly settled: number; readonly update?: AttemptUpdate; readonly gone?: string }
  /** Of all points taken so far, how many were left out, and how many the daemon is not known to have. */
  | { readonly kind: 'counts'; readonly taken: number; readonly dropped: number; readonly unsent: number }
  | { readonly kind: 'warning'; readonly subject: string; readonly text: string }
  /** How an end was taken; with neither, the daemon is away and will be told. */
  | { readonly kind: 'ended'; readonly id: number; readonly answer?: EndAnswer; readonly error?: ErrorParts }
  | { readonly kind: 'closed' }
  /** The carrier has failed, and carries nothing any more. */
  | { readonly kind: 'dead'; readonly why: string };

/** A ParamoError on its way between threads. */
export interface ErrorParts {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly details?: Json;
}

/** The way from a reporter to its carrier. */
export interface CarrierChannel {
  /** Resolves when the carrier is at work. */
  readonly ready: Promise<void>;
  post(message: ToCarrier): void;
  /** Ends the carrier, whatever it is doing. */
  close(): Promise<void>;
}

/** Opens the way to a carrier that reads the ring in `memory`; `receive` is given what it says. */
export type OpenChannel = (memory: SharedArrayBuffer, receive: (message: FromCarrier) => void) => CarrierChannel;
