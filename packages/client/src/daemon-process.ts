import { spawn } from 'node:child_process';
import { close, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCodes, ParamoError } from '@paramo/core';
import type { ErrorCode } from '@paramo/core';
import type { DaemonCommand } from './daemon-binary.js';
import type { Environment } from './home.js';
import { makeDirectory } from './make-directory.js';

/** A daemon that was started and may yet fail to stand. */
export interface DaemonProcess {
  /** Why it ended; undefined while it runs. */
  failure(): Promise<ParamoError | undefined>;
}

const logName = 'daemon.log';
/** How much of the log's end is looked at for the reason of a failure. */
const tailBytes = 8192;
const tailLines = 5;

/**
 * Starts `COMMAND up --foreground --home HOME`, detached, its output appended to `daemon.log` of the home, which is
 * created when it is missing.
 * @throws ParamoError HOME_NOT_WRITABLE, or DAEMON_UNREACHABLE when the program cannot be run.
 */
export function startDaemonProcess(home: string, { file, args }: DaemonCommand, env: Environment): DaemonProcess {
  const logPath = join(home, logName);
  let log: number;
  let logStart: number;
  try {
    makeDirectory(home);
    log = openSync(logPath, 'a', 0o600);
    logStart = statSync(logPath).size;
  } catch (cause) {
    throw new ParamoError({
      code: 'HOME_NOT_WRITABLE',
      message: `the home ${home} cannot be written (${(cause as Error).message})`,
      hint: 'Make it writable, or set PARAMO_HOME to a directory that is.',
      cause,
    });
  }
  let ended: string | undefined;
  // What this process was told about debugging or preloading is not meant for the daemon.
  const { NODE_OPTIONS: _, ...given } = env;
  const child = spawn(file, [...args, 'up', '--foreground', '--home', home], { detached: true, stdio: ['ignore', log, log], cwd: dirname(home), env: given as NodeJS.ProcessEnv });
  child.once('error', (error) => {
    ended = `it cannot be run: ${error.message}`;
  });
  child.once('exit', (code, signal) => {
    ended = signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
  });
  child.unref();
  close(log);

  return {
    async failure() {
      return ended === undefined ? undefined : explain(ended, await readFrom(logPath, logStart), [file, ...args].join(' '), logPath);
    },
  };
}

function explain(ended: string, log: string, program: string, logPath: string): ParamoError {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.toReversed()) {
    const [, code, message] = /(?:^|\s)([A-Z][A-Z_]+): (.*)$/.exec(line) ?? [];
    // What is INTERNAL is explained by the lines around it.
    if (code && code !== 'INTERNAL' && message && Object.hasOwn(errorCodes, code)) return new ParamoError({ code: code as ErrorCode, message });
  }
  // Where in our code it happened helps nobody who reads this.
  const said = lines.filter((line) => !/^\s+at /.test(line)).slice(-tailLines).join('\n');
  return new ParamoError({
    code: 'DAEMON_UNREACHABLE',
    message: `the daemon could not be started: ${ended} (${program})${said ? `. It said:\n${said}\n` : ''}`,
    hint: `Run \`paramo up --foreground\` to see why, or look into ${logPath}.`,
  });
}

async function readFrom(path: string, start: number): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const from = Math.max(start, size - tailBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - from)), 0, size - from, from);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
