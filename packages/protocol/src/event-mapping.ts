import { ParamoError } from '@paramo/core';
import type { LogEvent } from '@paramo/core';
import { countFromMessage, countToMessage, integerFromMessage, integerToMessage, invalidField } from './check-field.js';
import { entryFromMessage } from './entry-from-message.js';
import { entryToMessage } from './entry-to-message.js';
import { LogEvent as LogEventMessage } from './gen/paramo/v1/event.js';

/** An event as the bytes that are stored and streamed. Those of an unknown kind come out as they went in. */
export function encodeLogEvent(event: LogEvent): Uint8Array {
  return event.kind === 'unknown' ? event.bytes : LogEventMessage.encode(logEventToMessage(event)).finish();
}

/**
 * An event from its bytes. A kind that this version does not know is no error: it is `unknown`, with a copy of the bytes.
 * @throws ParamoError DATA_LOSS when the bytes are no message, INVALID_ARGUMENT naming the field when they make no event.
 */
export function decodeLogEvent(bytes: Uint8Array): LogEvent {
  const event = logEventFromMessage(decoded(bytes));
  // A copy: the caller may reuse its buffer, and another encoder may have ordered the fields in another way.
  return event.kind === 'unknown' ? { ...event, bytes: Uint8Array.from(bytes) } : event;
}

/** An event as a message. */
export function logEventToMessage(event: LogEvent): LogEventMessage {
  if (event.kind === 'unknown') return decoded(event.bytes);
  return { position: countToMessage(event.position, 'position'), wallMs: integerToMessage(event.wallMs, 'wall_ms'), kind: entryToMessage(event) };
}

/** An event; one of a kind this version does not know is `unknown`. @throws ParamoError INVALID_ARGUMENT naming the field. */
export function logEventFromMessage(message: LogEventMessage): LogEvent {
  const head = { position: countFromMessage(message.position, 'position', 1), wallMs: integerFromMessage(message.wallMs, 'wall_ms') };
  if (message.kind) return { ...head, ...entryFromMessage(message.kind) };
  if (message._unknownFields === undefined) throw invalidField('kind', 'is not set');
  return { ...head, kind: 'unknown', bytes: Uint8Array.from(LogEventMessage.encode(message).finish()) };
}

function decoded(bytes: Uint8Array): LogEventMessage {
  try {
    return LogEventMessage.decode(bytes);
  } catch (cause) {
    throw new ParamoError({ code: 'DATA_LOSS', message: `${bytes.length} bytes that should be an event of a study's log cannot be read`, cause });
  }
}
