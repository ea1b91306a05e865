import { createHash } from 'node:crypto';
import { ParamoError } from '@paramo/core';
import type { FieldValue } from './trial-field.js';

/** Where a page ended: the place in the order of the last trial gone over. */
export interface PageCursor {
  /** Its value in the order; undefined: it has none. */
  readonly value: FieldValue;
  readonly number: number;
}

/** The listing a token belongs to. */
export interface Listing {
  readonly studyId: string;
  readonly filter: string;
  readonly order: string;
}

/** The token that goes on after the cursor; the same for the same cursor of the same listing, on any day. */
export function encodePageToken(listing: Listing, { value, number }: PageCursor): string {
  // Numbers travel as text, so that infinities come back.
  const said = typeof value === 'number' ? { number: String(value) } : typeof value === 'string' ? { text: value } : value === undefined ? {} : { flag: value };
  return Buffer.from(JSON.stringify([fingerprint(listing), number, said])).toString('base64url');
}

/** @throws ParamoError INVALID_ARGUMENT when the token is none, or of another listing. */
export function decodePageToken(listing: Listing, token: string): PageCursor {
  const parts = parse(token);
  if (!Array.isArray(parts) || parts.length !== 3) throw foreign('is not one of ours');
  const [print, number, said] = parts as [unknown, unknown, { readonly number?: unknown; readonly text?: unknown; readonly flag?: unknown } | null];
  if (print !== fingerprint(listing)) throw foreign('belongs to another study, filter or order');
  const value = typeof said?.number === 'string' ? Number(said.number) : (said?.text ?? said?.flag);
  if (!Number.isSafeInteger(number) || !(value === undefined || ['number', 'string', 'boolean'].includes(typeof value))) throw foreign('is not one of ours');
  return { value: value as FieldValue, number: number as number };
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function fingerprint({ studyId, filter, order }: Listing): string {
  return createHash('sha256').update(JSON.stringify([studyId, filter, order])).digest('base64url').slice(0, 12);
}

function foreign(what: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message: `the page token ${what}`, hint: 'Pass next_page_token of the page before with the same study, filter and order, or none for the first page.' });
}
