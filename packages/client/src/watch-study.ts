import { sleep } from '@paramo/core';
import type { LogEvent } from '@paramo/core';
import { logEventFromMessage, StudyServiceService } from '@paramo/protocol';
import { backoffMs } from './backoff.js';
import type { Connection } from './connect.js';
import { holdProcess } from './hold-process.js';
import { isLost } from './link.js';

/** From where, and for how long, to watch. */
export interface WatchOptions {
  /** The last position already known; 0, the default: from the start. */
  readonly after?: number;
  /** Whether to wait for events to come; true by default, else it ends at the log's head. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** The events of a study's log, in order and each one once, across losses of the connection. Ends quietly when aborted. */
export async function* watchStudy({ link, clock, entropy }: Connection, studyId: string, options: WatchOptions = {}): AsyncGenerator<LogEvent, void, undefined> {
  const { follow = true, signal } = options;
  let after = options.after ?? 0;
  for (let tries = 0; !signal?.aborted; ) {
    try {
      const request = { studyId, after: BigInt(after), untilHead: !follow };
      for await (const { events } of link.serverStream(StudyServiceService.watch, request, signal && { signal })) {
        tries = 0;
        for (const message of events) {
          const event = logEventFromMessage(message);
          if (event.position <= after) continue;
          after = event.position;
          yield event;
        }
      }
      if (!follow) return;
    } catch (error) {
      if (signal?.aborted) return;
      if (!isLost(error)) throw error;
    }
    const release = holdProcess();
    await sleep(clock, backoffMs(tries++, entropy), signal);
    release();
  }
}
