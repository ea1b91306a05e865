import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createGrpcTransport, readDaemonFile } from '@paramo/client';
import type { DaemonFile } from '@paramo/client';
import { isParamoError, ParamoError } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { askToEnd } from '../operations.js';
import { note } from '../output.js';
import { givenAddress, givenHome } from '../session.js';
import type { GlobalOptions } from '../session.js';

const answerMs = 3000;
const endMs = 10_000;
const pollMs = 25;

/** `paramo down`: ends the daemon and waits until it is gone. Where none runs there is nothing to do. */
export async function down(options: GlobalOptions): Promise<number> {
  const address = givenAddress(options);
  if (address !== undefined) {
    const token = options.token ?? process.env['PARAMO_TOKEN'];
    await shutDown({ address, ...(token !== undefined && { token }) });
    note(`the daemon at ${address} ends`);
    return exitCodes.ok.code;
  }
  const home = givenHome(options);
  const daemon = await readDaemonFile(home);
  if (!daemon) {
    note(`no daemon runs on ${home}`);
    return exitCodes.ok.code;
  }
  const { socket, token } = daemon;
  try {
    await shutDown({ address: socket ? `unix:${socket}` : daemon.address, token });
  } catch (error) {
    if (!isGone(error)) throw isParamoError(error, 'TIMEOUT') ? stuck(daemon, 'does not answer') : error;
    if (!isAlive(daemon.pid)) {
      note(`no daemon runs on ${home}; the last one (process ${daemon.pid}) ended without a word`);
      return exitCodes.ok.code;
    }
    throw stuck(daemon, 'is there but cannot be reached');
  }
  for (const untilMs = performance.now() + endMs; await hasHome(home, daemon); await pause(pollMs)) {
    if (performance.now() > untilMs) throw stuck(daemon, `has not ended within ${endMs / 1000} s`);
  }
  note(`the daemon of ${home} (process ${daemon.pid}) has ended`);
  return exitCodes.ok.code;
}

async function shutDown(address: Parameters<typeof createGrpcTransport>[0]): Promise<void> {
  const transport = createGrpcTransport(address);
  try {
    // No greeting first: a daemon of another version can be ended too.
    await askToEnd(transport, answerMs);
  } finally {
    await transport.close();
  }
}

function isGone(error: unknown): boolean {
  return isParamoError(error, 'DAEMON_UNREACHABLE') || isParamoError(error, 'UNAVAILABLE');
}

/** The last thing a daemon does is to remove its file. */
async function hasHome(home: string, { pid, instanceId }: DaemonFile): Promise<boolean> {
  return isAlive(pid) && (await readDaemonFile(home))?.instanceId === instanceId;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    // A process that has ended keeps its number until its parent has collected it, which in some containers is never.
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

function stuck({ pid }: DaemonFile, what: string): ParamoError {
  return new ParamoError({ code: 'TIMEOUT', message: `the daemon (process ${pid}) ${what}`, hint: `End it with \`kill ${pid}\`, or \`kill -9 ${pid}\` when that does not help: nothing that was acked is lost.` });
}
