import { setTimeout as pause } from 'node:timers/promises';
import { isParamoError } from '@paramo/core';
import type { Random } from '@paramo/core';
import type { Transport } from '@paramo/protocol';
import type { Recorder } from './history.js';

/** Makes calls as any client must: again with the same request until they are answered. */
export interface Caller {
  /** Calls until there is an answer; undefined: refused for good, or the caller is to end. */
  call<T>(what: string, use: (transport: Transport) => Promise<T>): Promise<T | undefined>;
  close(): Promise<void>;
}

/** What a caller needs. */
export interface CallerOptions {
  /** Gives a new transport, or undefined while there is nobody to dial. */
  readonly dial: () => Promise<Transport | undefined>;
  readonly record: Recorder;
  readonly signal: AbortSignal;
  readonly random: Random;
}

/** What says that the daemon or its connection is in trouble: the call is made again. */
const troubles = new Set(['UNAVAILABLE', 'DAEMON_UNREACHABLE', 'TIMEOUT', 'OVERLOADED', 'UNAUTHENTICATED', 'INTERNAL', 'DATA_LOSS', 'STORE_FULL', 'DAEMON_VERSION']);

/** A caller that dials with its first call, and anew after each trouble. */
export function createCaller({ dial, record, signal, random }: CallerOptions): Caller {
  let transport: Transport | undefined;
  return {
    async call(what, use) {
      while (!signal.aborted) {
        try {
          transport ??= await dial();
          if (transport) return await use(transport);
        } catch (error) {
          if (signal.aborted) return undefined;
          const code = isParamoError(error) ? error.code : String(error);
          record({ kind: troubles.has(code) ? 'lost' : 'refused', call: what, code });
          if (!troubles.has(code)) return undefined;
          await transport?.close();
          transport = undefined;
        }
        await pause(20 + random.int(60));
      }
      return undefined;
    },
    async close() {
      await transport?.close();
    },
  };
}
