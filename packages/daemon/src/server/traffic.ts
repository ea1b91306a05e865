import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { comeLaterMs } from '../limits.js';
import type { ServerLimits } from '../limits.js';

/** A call, as far as its connection may have to end it. */
export interface EndableCall {
  fail(error: ParamoError): void;
}

/** A connection, with the calls on it and what it has sent that nobody has taken yet. */
export interface Connection {
  /** Since when it has no call, on the monotonic clock; undefined while it has one. */
  readonly idleSinceMs: number | undefined;
  /** Takes a call in; or answers why not. */
  admit(call: EndableCall): ParamoError | undefined;
  /** A call is over. */
  release(call: EndableCall): void;
  /** A message of so many bytes has come in full and is being worked on. */
  took(bytes: number): void;
}

/** All connections of a server, with what they share: a number of calls, and memory for half-sent messages. */
export interface Traffic {
  /** Follows a connection until it closes. With `refusal` its calls are answered with that. */
  join(socket: Socket, refusal?: ParamoError): Connection;
  stop(): void;
}

/** How often unread bytes are summed up, in milliseconds: so long a flood may go on above the limit. */
const lookMs = 200;
/** What a stream may hold beside one message: its HTTP/2 window, and what was read along with it. */
const windowBytes = 128 * 1024;
/** Frames and headers around a message, generously. */
const overheadBytes = 1024;
/** How long calls have to be told why before their connection goes, in milliseconds. */
const farewellMs = 100;

interface Joined extends Connection {
  readonly socket: Socket;
  readonly calls: Set<EndableCall>;
  unreadBytes: number;
  /** Brings `unreadBytes` up to date. */
  measure(): void;
}

/** Nobody has connected yet. */
export function createTraffic(limits: ServerLimits, clock: Clock): Traffic {
  const { maxCalls, fewCalls, maxUnreadBytes, maxMessageBytes } = limits;
  const joined = new Set<Joined>();
  let calls = 0;
  let cancel: CancelTimer | undefined;

  function look(): void {
    cancel = undefined;
    if (joined.size === 0) return;
    let total = 0;
    for (const connection of joined) {
      connection.measure();
      total += connection.unreadBytes;
    }
    // Whoever holds most goes first; a client that behaves never has more than a message a call.
    for (const connection of total > maxUnreadBytes ? [...joined].sort((a, b) => b.unreadBytes - a.unreadBytes) : []) {
      if (total <= maxUnreadBytes) break;
      total -= connection.unreadBytes;
      end(connection);
    }
    cancel = clock.setTimer(lookMs, look);
  }

  function end({ socket, calls: open }: Joined): void {
    const error = busy(`more than ${maxUnreadBytes} bytes of messages that are not complete were sent to the daemon, most of them on this connection`, 'Send a message at once and in full, on fewer connections.');
    for (const call of [...open]) call.fail(error);
    socket.pause();
    clock.setTimer(farewellMs, () => socket.destroy());
  }

  function join(socket: Socket, refusal?: ParamoError): Connection {
    const open = new Set<EndableCall>();
    let idleSinceMs: number | undefined = clock.monotonicMs();
    let readBytes = 0;
    const connection: Joined = {
      socket,
      calls: open,
      unreadBytes: 0,
      get idleSinceMs() {
        return idleSinceMs;
      },
      measure() {
        // What came for calls that are over was thrown away.
        connection.unreadBytes = Math.min(connection.unreadBytes + socket.bytesRead - readBytes, open.size * (maxMessageBytes + windowBytes));
        readBytes = socket.bytesRead;
      },
      admit(call) {
        if (refusal) return refusal;
        if (calls >= maxCalls || (calls >= maxCalls / 2 && open.size >= fewCalls)) {
          return busy(`the daemon has ${calls} calls in hand, ${open.size} of this connection`, 'Wait a moment; let workers that only wait share a connection less.');
        }
        calls++;
        open.add(call);
        idleSinceMs = undefined;
        return undefined;
      },
      release(call) {
        if (!open.delete(call)) return;
        calls--;
        if (open.size === 0) idleSinceMs = clock.monotonicMs();
      },
      took(bytes) {
        connection.measure();
        connection.unreadBytes = Math.max(0, connection.unreadBytes - bytes * 1.1 - overheadBytes);
      },
    };
    joined.add(connection);
    socket.once('close', () => joined.delete(connection));
    cancel ??= clock.setTimer(lookMs, look);
    return connection;
  }

  return { join, stop: () => cancel?.() };
}

/** The answer to what is too much at the moment. */
export function busy(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'OVERLOADED', message, hint, details: { retryAfterMs: comeLaterMs } });
}
