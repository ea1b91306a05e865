import { errorCodes } from './error-code.js';
import type { ErrorCode, ErrorCodeEntry } from './error-code.js';
import type { Json } from './json.js';

/** The parts of an error: what and why in `message`, what to do in `hint`. */
export interface ParamoErrorParts {
  readonly code: ErrorCode;
  /** What went wrong and why, without the code and without what to do. */
  readonly message: string;
  /** What to do about it, as a sentence. */
  readonly hint?: string;
  /** Facts for programs. */
  readonly details?: Json;
  readonly cause?: unknown;
}

const mark: unique symbol = Symbol.for('paramo.error');

/** The one error of Paramo. `message` is `CODE: what and why. What to do.`, so that printing it alone is enough. */
export class ParamoError extends Error {
  readonly code: ErrorCode;
  /** What went wrong and why: the message without code and hint. */
  readonly summary: string;
  /** What to do, or empty. */
  readonly hint: string;
  readonly details?: Json;

  constructor(parts: ParamoErrorParts) {
    super(compose(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.summary = parts.message;
    this.hint = parts.hint ?? '';
    if (parts.details !== undefined) this.details = parts.details;
    Object.defineProperty(this, mark, { value: true });
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'ParamoError', writable: true, configurable: true });
  }

  /** Anything thrown, as a ParamoError: itself if it is one, ABORTED and TIMEOUT for what an AbortSignal throws, else INTERNAL with the cause. */
  static from(thrown: unknown): ParamoError {
    if (isParamoError(thrown)) return thrown;
    if (!(thrown instanceof Error)) return new ParamoError({ code: 'INTERNAL', message: `${describe(thrown)} was thrown`, cause: thrown });
    const code = thrown.name === 'AbortError' ? 'ABORTED' : thrown.name === 'TimeoutError' ? 'TIMEOUT' : 'INTERNAL';
    return new ParamoError({ code, message: thrown.message || thrown.name, cause: thrown });
  }
}

/** Whether `value` is a ParamoError, of `code` if given. By shape, so that two installed copies of this package agree. */
export function isParamoError(value: unknown, code?: ErrorCode): value is ParamoError {
  if (typeof value !== 'object' || value === null || !(mark in value)) return false;
  const found = (value as { readonly code?: unknown }).code;
  return typeof found === 'string' && (code === undefined ? true : found === code);
}

function compose({ code, message, hint }: ParamoErrorParts): string {
  // A newer peer may send a code that this version does not know.
  const known: Readonly<Record<string, ErrorCodeEntry>> = errorCodes;
  const text = `${code}: ${message || (known[code]?.meaning ?? 'unknown error')}`;
  if (!hint) return text;
  return /[.?!]$/.test(text) ? `${text} ${hint}` : `${text}. ${hint}`;
}

function describe(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown || 'an empty string';
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
