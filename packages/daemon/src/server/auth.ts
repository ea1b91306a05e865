import { createHash, timingSafeEqual } from 'node:crypto';
import { ServerInterceptingCall } from '@grpc/grpc-js';
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js';
import { ParamoError } from '@paramo/core';
import { failureStatus } from './failure-status.js';

/** What guards the loopback port. */
export interface TokenGuardOptions {
  readonly token: string;
  /** Told of each call that gave the token. */
  readonly onProven: () => void;
}

/**
 * Lets calls pass that carry `authorization: Bearer TOKEN`, and ends others with UNAUTHENTICATED as soon as their headers
 * are in: before a message of theirs is read. The comparison takes the same time for every wrong token.
 */
export function createTokenGuard({ token, onProven }: TokenGuardOptions): ServerInterceptor {
  const expected = digest(token);
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const given = bearerToken(metadata);
            if (given === undefined || !timingSafeEqual(digest(given), expected)) {
              call.sendStatus(failureStatus(refusal(given !== undefined)));
              return;
            }
            onProven();
            metadata.remove('authorization');
            pass(metadata);
          },
        }),
    });
}

function bearerToken(metadata: Metadata): string | undefined {
  const [value, ...more] = metadata.get('authorization');
  if (typeof value !== 'string' || more.length > 0) return undefined;
  return /^Bearer +(\S+)$/i.exec(value)?.[1];
}

// Of equal length, as the comparison needs.
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function refusal(given: boolean): ParamoError {
  return new ParamoError({
    code: 'UNAUTHENTICATED',
    message: given ? 'the token is not the one of this daemon' : 'calls on the loopback port need a token and this one has none',
    hint: 'Send the metadata "authorization: Bearer TOKEN"; the token is in daemon.json of the home and changes with each start of the daemon.',
  });
}
