import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, readDaemonFile } from '@paramo/client';
import type { DaemonFile } from '@paramo/client';
import { isParamoError, ParamoError } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { note } from '../output.js';
import { daemonProgram } from '../session.js';
import type { ServeOptions } from './serve.js';

const startMs = 15_000;
const pollMs = 25;

/** Starts the daemon of a home as a process of its own and returns once it answers. Does nothing when one runs. */
export async function startDetached(home: string, options: ServeOptions): Promise<number> {
  const running = await answering(home);
  if (running) return tellRunning(running, options.port);
  const log = openLog(home);
  const args = ['up', '--foreground', '--home', home, '--idle-minutes', String(options.idleMinutes), ...(options.port === undefined ? [] : ['--port', String(options.port)])];
  const child = spawn(process.execPath, [daemonProgram, ...args], { detached: true, stdio: ['ignore', log.file, log.file], cwd: home });
  child.unref();
  closeSync(log.file);
  let ended: number | undefined;
  child.once('exit', (code) => {
    ended = code ?? exitCodes.failed.code;
  });
  for (const untilMs = performance.now() + startMs; performance.now() < untilMs; await pause(pollMs)) {
    const daemon = await answering(home);
    if (daemon && (daemon.pid === child.pid || ended !== undefined)) {
      if (daemon.pid !== child.pid) return tellRunning(daemon, options.port);
      note(`daemon of ${home} (process ${daemon.pid}) listens on ${where(daemon)}`);
      return exitCodes.ok.code;
    }
    // The home may have gone to a daemon that someone else started in the same moment: it is about to answer.
    if (ended !== undefined && ended !== exitCodes.conflict.code) break;
    if (ended !== undefined && log.read().includes('ADDRESS_IN_USE')) break;
  }
  const said = log.read().trim();
  if (said !== '') note(said);
  if (ended !== undefined) return ended === 0 ? exitCodes.failed.code : ended;
  throw new ParamoError({ code: 'DAEMON_UNREACHABLE', message: `the daemon was started (process ${child.pid}) but did not answer within ${startMs / 1000} s`, hint: `Look into ${log.path}, or run \`paramo up --foreground\` to see what it does.` });
}

function tellRunning(daemon: DaemonFile, port: number | undefined): number {
  if (port !== undefined && port !== 0 && !daemon.address.endsWith(`:${port}`)) {
    throw new ParamoError({ code: 'HOME_LOCKED', message: `a daemon (process ${daemon.pid}) runs on this home already and listens on ${daemon.address}, not on port ${port}`, hint: 'End it with `paramo down` first.' });
  }
  note(`daemon runs already (process ${daemon.pid}) and listens on ${where(daemon)}`);
  return exitCodes.ok.code;
}

function where({ address, socket }: DaemonFile): string {
  return socket === undefined ? address : `${address} and ${socket}`;
}

/** What the home's daemon says of itself if it answers. @throws ParamoError DAEMON_VERSION. */
async function answering(home: string): Promise<DaemonFile | undefined> {
  const file = await readDaemonFile(home);
  if (!file) return undefined;
  try {
    const connection = await connect({ home, start: false, patienceMs: 0 });
    await connection.close();
    return file;
  } catch (error) {
    if (isParamoError(error, 'DAEMON_UNREACHABLE')) return undefined;
    throw error;
  }
}

/** The daemon's log, and what was written into it since now. */
function openLog(home: string): { readonly file: number; readonly path: string; read(): string } {
  const path = join(home, 'daemon.log');
  try {
    makeDirectory(home);
    const file = openSync(path, 'a', 0o600);
    const { size } = statSync(path);
    return { file, path, read: () => readFileSync(path).subarray(size).toString() };
  } catch (cause) {
    throw new ParamoError({ code: 'HOME_NOT_WRITABLE', message: `the home ${home} cannot be written (${(cause as Error).message})`, hint: 'Make it writable for you, or give another directory with --home or PARAMO_HOME.', cause });
  }
}

/** Node's own recursive mkdir never returns where the system refuses a directory with ENOENT, as below /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
