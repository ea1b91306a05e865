import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@paramo/core';
import { workerEntry } from './endpoint.js';
import type { Death, Endpoint, EndpointEvents } from './endpoint.js';
import { watchMemory } from './memory-watch.js';
import type { WorkerReply } from './messages.js';

/** The only environment a plugin sees: never the daemon's secrets. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'SystemRoot'];
const stderrKept = 2_000;

/** Starts a process for one third-party plugin; it is killed when it holds more than `memoryLimitMb`. */
export function startProcess(events: EndpointEvents, { memoryLimitMb, clock }: { readonly memoryLimitMb: number; readonly clock: Clock }): Endpoint {
  const child = fork(fileURLToPath(workerEntry('process-worker')), [], {
    execArgv: [`--max-old-space-size=${memoryLimitMb}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrKept);
  });

  let gone = false;
  const left = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', () => {
      if (child.pid === undefined) resolve();
    });
  });
  const overLimit: Death = { kind: 'memory', detail: `it used more than ${memoryLimitMb} MB of memory` };
  const die = (death: Death): void => {
    cancelWatch();
    if (gone) return;
    gone = true;
    child.kill('SIGKILL');
    events.onDeath(death);
  };
  const cancelWatch = child.pid === undefined ? () => {} : watchMemory({ pid: child.pid, limitMb: memoryLimitMb, clock, onOver: () => die(overLimit) });
  child.on('message', (reply) => {
    if (!gone) events.onReply(reply as WorkerReply);
  });
  child.on('error', (error) => die({ kind: 'died', detail: `its process failed: ${error.message}` }));
  child.on('exit', (code, signal) => {
    // V8 aborts when the heap limit is reached.
    if (stderr.includes('heap out of memory') || stderr.includes('Array buffer allocation failed')) return die(overLimit);
    const end = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    die({ kind: 'died', detail: `its process ${end}${lastLine(stderr)}` });
  });

  return {
    send: (request) => {
      if (!gone && child.connected) child.send(request, () => {});
    },
    kill: async () => {
      gone = true;
      cancelWatch();
      child.kill('SIGKILL');
      await left;
    },
  };
}

/** The error among what a dying Node prints, for people. */
function lastLine(stderr: string): string {
  const line = stderr.split('\n').findLast((text) => /^\s*\w*Error\b/.test(text));
  return line ? ` (${line.trim().slice(0, 300)})` : '';
}
