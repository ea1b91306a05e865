import { ParamoError } from '@paramo/core';
import type { LogEvent } from '@paramo/core';
import { createSeededEntropy } from '@paramo/core/testing';
import { bindService, logEventToMessage, StudyServiceService } from '@paramo/protocol';
import { createLocalTransport } from '@paramo/protocol/testing';
import { expect, test } from 'vitest';
import { createConnection } from './connect.js';
import { createSystemClock } from './system-clock.js';
import { watchStudy } from './watch-study.js';

/** A log of five events, streamed two at a time; the first stream breaks off, and the second repeats what was seen. */
function setUp() {
  const asked: string[] = [];
  const event = (position: number): LogEvent => ({ position, wallMs: 1, kind: 'trial_retracted', trial: position, reason: '' });
  const service = bindService(StudyServiceService, {
    async *watch({ after, untilHead }, { signal }) {
      asked.push(`${after}${untilHead ? ' until head' : ''}`);
      const from = asked.length === 1 ? Number(after) : Math.max(0, Number(after) - 1);
      for (let position = from; position < 5; position += 2) {
        yield { events: [position + 1, position + 2].filter((one) => one <= 5).map((one) => logEventToMessage(event(one))), head: 5n };
        if (asked.length === 1) throw new ParamoError({ code: 'UNAVAILABLE', message: 'gone' });
      }
      if (!untilHead) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  const connection = createConnection({ dial: async () => createLocalTransport([service]), clock: createSystemClock(), entropy: createSeededEntropy(1) });
  return { asked, connection };
}

test('the log goes on after a loss from the last event seen, each event once', async () => {
  const { asked, connection } = setUp();
  const positions: number[] = [];
  for await (const { position } of watchStudy(connection, 's', { follow: false })) positions.push(position);
  expect(positions).toEqual([1, 2, 3, 4, 5]);
  expect(asked).toEqual(['0 until head', '2 until head']);
});

test('watching waits for more until it is aborted, and then ends quietly', async () => {
  const { connection } = setUp();
  const controller = new AbortController();
  const positions: number[] = [];
  for await (const { position } of watchStudy(connection, 's', { after: 3, signal: controller.signal })) {
    positions.push(position);
    if (position === 5) controller.abort();
  }
  expect(positions).toEqual([4, 5]);
});
