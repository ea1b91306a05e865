import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A file system of a few megabytes in memory, mounted on a folder for those processes only that are run `under` it. */
export interface SmallDisk {
  /** What to put in front of a command. */
  readonly under: readonly string[];
  /** Where its content is seen from outside. */
  readonly path: string;
  /** Fills it to the last byte. */
  fill(): void;
  /** Frees what `fill` took. */
  free(): void;
  close(): Promise<void>;
}

/** What this machine lacks for small disks; undefined: nothing. */
export function smallDiskLack(): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { encoding: 'utf8' });
  return status === 0 ? undefined : `a mount of one's own is not allowed here: ${(error?.message ?? stderr).trim()}`;
}

/** Mounts one on `folder`, made where there is none. */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const holder = spawn('unshare', ['-Urm', 'sh', '-c', `mount -t tmpfs -o size=${megabytes}m,mode=700 tmpfs "$1" && echo mounted && exec sleep infinity`, 'sh', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  holder.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (let waited = 0; !said.includes('mounted'); waited += 10) {
    if (holder.exitCode !== null || waited > 10_000) throw new Error('the small disk could not be mounted');
    await pause(10);
  }
  const path = join(`/proc/${holder.pid}/root`, folder);
  const ballast = join(path, 'ballast');
  return {
    under: ['nsenter', '-t', String(holder.pid), '-U', '-m', '--preserve-credentials', '--wd=/', '--'], path,
    fill() {
      const file = openSync(ballast, 'a');
      for (let size = 65_536; size > 0; ) {
        try {
          writeSync(file, Buffer.alloc(size));
        } catch {
          size = Math.floor(size / 2);
        }
      }
      closeSync(file);
    },
    free() {
      if (existsSync(ballast)) rmSync(ballast);
    },
    async close() {
      const ended = new Promise((resolve) => holder.once('close', resolve));
      holder.kill('SIGKILL');
      await ended;
    },
  };
}
