import { Metadata, status } from '@grpc/grpc-js';
import { errorCodes, isParamoError, ParamoError } from '@paramo/core';
import type { ErrorCode, Json } from '@paramo/core';
import { ErrorDetail } from './gen/paramo/v1/value.js';

/** The key of the trailing metadata that carries the serialized ErrorDetail of a failed call. */
export const errorMetadataKey = 'paramo-error-bin';

/** A failure as gRPC carries it: what servers answer and clients are thrown. */
export interface ServiceFailure {
  /** A gRPC status number. */
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

// Some clients refuse trailers above 8 KiB in all.
const maxStatusText = 500;
const maxMessageText = 1500;
const maxHintText = 750;
const maxDetailsText = 1500;

/** Anything thrown by a handler, as the failure that crosses the wire. Unknown errors are INTERNAL; no stack trace leaves. */
export function toServiceError(thrown: unknown): ServiceFailure {
  const error = ParamoError.from(thrown);
  const { details } = error;
  const detailsJson = details === undefined ? '' : JSON.stringify(details);
  const detail: ErrorDetail = {
    code: error.code,
    message: clip(error.summary, maxMessageText),
    hint: clip(error.hint, maxHintText),
    retryAfterMs: retryAfterMs(details),
    detailsJson: detailsJson.length > maxDetailsText ? '' : detailsJson,
  };
  const metadata = new Metadata();
  metadata.set(errorMetadataKey, Buffer.from(ErrorDetail.encode(detail).finish()));
  return { code: statusNumber(error.code), details: clip(error.message, maxStatusText), metadata };
}

/**
 * A failed call, as the ParamoError the handler threw. Failures that are not a handler's (no connection, deadline,
 * cancelled, unknown method, a proxy's) get the code that fits their status.
 */
export function fromServiceError(failure: unknown): ParamoError {
  if (isParamoError(failure)) return failure;
  if (!isServiceFailure(failure)) return ParamoError.from(failure);
  const detail = readDetail(failure);
  const fallback = foreign(failure);
  if (!detail) return new ParamoError({ ...fallback, cause: failure });
  // A code of a newer daemon: its words are kept, under the code that fits the status.
  const known = Object.hasOwn(errorCodes, detail.code);
  const details = readDetails(detail);
  return new ParamoError({
    code: known ? (detail.code as ErrorCode) : fallback.code,
    message: known ? detail.message : `${detail.code}: ${detail.message}`,
    hint: detail.hint,
    ...(details !== undefined && { details }),
    cause: failure,
  });
}

function statusNumber(code: ErrorCode): number {
  return status[errorCodes[code].status];
}

function retryAfterMs(details: Json | undefined): number {
  const ms = typeof details === 'object' && details !== null && 'retryAfterMs' in details ? details.retryAfterMs : 0;
  return typeof ms === 'number' && ms > 0 ? Math.min(Math.ceil(ms), 2 ** 32 - 1) : 0;
}

function isServiceFailure(value: unknown): value is { readonly code: number; readonly details?: unknown; readonly metadata?: unknown; readonly message?: unknown } {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'number';
}

function readDetail({ metadata }: { readonly metadata?: unknown }): ErrorDetail | undefined {
  // By shape: another installed copy of grpc-js makes Metadata of another class.
  if (typeof metadata !== 'object' || metadata === null || typeof (metadata as Partial<Metadata>).get !== 'function') return undefined;
  const [bytes] = (metadata as Metadata).get(errorMetadataKey);
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return ErrorDetail.decode(bytes);
  } catch {
    return undefined;
  }
}

function readDetails({ detailsJson, retryAfterMs: ms }: ErrorDetail): Json | undefined {
  if (detailsJson) {
    try {
      return JSON.parse(detailsJson) as Json;
    } catch {
      return undefined;
    }
  }
  return ms > 0 ? { retryAfterMs: ms } : undefined;
}

function foreign(failure: { readonly code: number; readonly details?: unknown; readonly message?: unknown }): { code: ErrorCode; message: string; hint: string } {
  const message = String(failure.details || failure.message || status[failure.code] || `status ${failure.code}`);
  switch (failure.code) {
    case status.UNAVAILABLE:
      return /connect|ECONN|ENOENT|EPIPE|ENOTFOUND|name resolution/i.test(message)
        ? { code: 'DAEMON_UNREACHABLE', message, hint: 'Check that the daemon runs (`paramo up`) and that the address is right.' }
        : { code: 'UNAVAILABLE', message, hint: 'Try again in a moment.' };
    case status.DEADLINE_EXCEEDED:
      return { code: 'TIMEOUT', message, hint: 'Try again, or allow more time.' };
    case status.CANCELLED:
      return { code: 'ABORTED', message, hint: 'Nothing to do when this was meant.' };
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return { code: 'UNAUTHENTICATED', message, hint: 'Give the token that daemon.json of the home holds, or set PARAMO_TOKEN.' };
    case status.RESOURCE_EXHAUSTED:
      // What gRPC itself says of a message that no repetition makes smaller.
      if (/larger than/i.test(message)) return { code: 'LIMIT_EXCEEDED', message, hint: 'Send less at a time, or ask for a smaller page.' };
      return { code: 'OVERLOADED', message, hint: 'Send less at a time, or try again later.' };
    case status.UNIMPLEMENTED:
      return { code: 'DAEMON_VERSION', message, hint: 'The daemon does not know this call: bring client and daemon to the same version.' };
    default:
      return { code: 'INTERNAL', message, hint: '' };
  }
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
