import { spawn } from 'node:child_process';

/** What a program said. */
export interface ProgramAnswer {
  /** What it wrote to stdout, up to the limit. */
  readonly output: Buffer;
  /** Whether it wrote more. */
  readonly cut: boolean;
}

/** How a program is asked. */
export interface AskProgramOptions {
  readonly directory?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

/** Runs a program for what it writes to stdout. Undefined: there is none of that name, it failed, or it took too long. */
export function askProgram(file: string, args: readonly string[], { directory, env, timeoutMs, mostBytes }: AskProgramOptions): Promise<ProgramAnswer | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    let cut = false;
    // Not `timeout`: for a program that is not there its timer runs on, and with it the process.
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], signal: AbortSignal.timeout(timeoutMs), killSignal: 'SIGKILL', windowsHide: true, ...(directory !== undefined && { cwd: directory }), ...(env && { env }) });
    child.once('error', () => resolve(undefined));
    child.stdout.on('data', (part: Buffer) => {
      if (cut) return;
      cut = bytes + part.length > mostBytes;
      parts.push(cut ? part.subarray(0, mostBytes - bytes) : part);
      bytes += part.length;
      if (cut) child.kill('SIGKILL');
    });
    child.once('close', (code) => resolve(code === 0 || cut ? { output: Buffer.concat(parts), cut } : undefined));
  });
}
