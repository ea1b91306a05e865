import { createConnection } from '@paramo/client';
import type { Connection } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import { createSeededEntropy } from '@paramo/core/testing';
import { systemClock } from '@paramo/daemon';
import { startTestDaemon } from '@paramo/daemon/testing';
import type { AttemptKey, Transport } from '@paramo/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { followOutput } from '../operations.js';
import { createOutputSender } from './output-sender.js';

/** A running attempt, and a connection to its daemon that can be cut. */
async function start(): Promise<{ readonly connection: Connection; readonly key: AttemptKey; cut(away: boolean): void; read(): Promise<{ readonly leftOut: number; readonly text: string }> }> {
  const daemon = await startTestDaemon();
  const study = await daemon.open({ budget: { trials: 1 } });
  const { number, attempt } = await study.ask();
  let away = false;
  const { unary } = daemon.transport;
  const transport: Transport = {
    ...daemon.transport,
    unary: (method, request, options) => (away ? Promise.reject(new ParamoError({ code: 'UNAVAILABLE', message: 'away' })) : unary(method, request, options)),
    close: () => Promise.resolve(),
  };
  const connection = createConnection({ dial: () => Promise.resolve(transport), clock: systemClock, entropy: createSeededEntropy(1), write: () => undefined });
  onTestFinished(async () => {
    await connection.close();
    await daemon.close();
  });
  return {
    connection,
    key: { studyId: study.studyId, trial: BigInt(number), attempt },
    cut(next) {
      away = next;
    },
    async read() {
      let leftOut = 0;
      let text = '';
      for await (const part of followOutput(connection, { studyId: study.studyId, trial: number, attempt }, { follow: false }, new AbortController().signal)) {
        leftOut += part.leftOut;
        text += part.content.toString();
      }
      return { leftOut, text };
    },
  };
}

test('all that was written is there when the end was waited for, in its order', async () => {
  const { connection, key, read } = await start();
  const sender = createOutputSender(connection, key);
  let expected = '';
  for (let i = 0; i < 3000; i++) {
    const line = `${'x'.repeat(i % 90)} ${i}\n`;
    expected += line;
    void sender.write(i % 7 === 0 ? 'stderr' : 'stdout', Buffer.from(line));
  }
  await sender.finish(5000);
  expect(await read()).toEqual({ leftOut: 0, text: expected });
});

test('a program that writes faster than it is stored waits, and loses nothing', async () => {
  const { connection, key, read } = await start();
  const sender = createOutputSender(connection, key);
  const block = 'x'.repeat(300_000);
  for (let i = 0; i < 20; i++) await sender.write('stdout', Buffer.from(block));
  await sender.finish(5000);
  expect(await read()).toEqual({ leftOut: 0, text: block.repeat(20) });
});

test('while the daemon is away the newest MiB is kept, and the gap is said', async () => {
  const { connection, key, cut, read } = await start();
  const sender = createOutputSender(connection, key);
  const block = (letter: string): Buffer => Buffer.from(letter.repeat(65_536));
  void sender.write('stdout', block('a'));
  await expect.poll(async () => (await read()).text, { timeout: 5000 }).toBe(block('a').toString());
  cut(true);
  for (const letter of 'bcdefghijklmnopqrstu') void sender.write('stdout', block(letter));
  cut(false);
  await sender.finish(5000);
  expect(await read()).toEqual({ leftOut: 4 * 65_536, text: ['a', ...'fghijklmnopqrstu'].map((letter) => block(letter).toString()).join('') });
});

test('the end of a trial waits no longer than it is told', async () => {
  const { connection, key, cut, read } = await start();
  cut(true);
  const sender = createOutputSender(connection, key);
  void sender.write('stderr', Buffer.from('lost'));
  await sender.finish(50);
  cut(false);
  expect(await read()).toEqual({ leftOut: 0, text: '' });
});
