import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Running, Sandbox } from './sandbox.js';

/** A small disk of its own, in a mount namespace of its own that goes with the test. */
export interface SmallDisk {
  /** A home on it, as programs in the namespace name it. */
  readonly home: string;
  /** Runs `paramo ARGS` there. */
  paramo(...args: string[]): Running;
  /** Where a file of the home can be found from outside. */
  file(name: string): string;
  /** Writes a file until no byte more fits on the disk. */
  fill(): void;
  /** Removes that file. */
  free(): void;
}

/** The file systems that are tried, and how each is made and mounted. */
const mounts = {
  tmpfs: 'mount -t tmpfs -o size=48m tmpfs "$1"',
  ext4: 'truncate -s 64M "$1.image" && mkfs.ext4 -q "$1.image" && mount -o loop "$1.image" "$1"',
} as const;

const isRoot = process.getuid?.() === 0;

/** Mounts a disk, and answers why where this machine does not allow it. */
export async function mountSmallDisk(sandbox: Sandbox, kind: keyof typeof mounts): Promise<SmallDisk | string> {
  const disk = join(sandbox.directory, 'disk');
  const unshare = ['unshare', isRoot ? '-m' : '-rm', 'sh', '-c'] as const;
  mkdirSync(disk);
  const tried = spawnSync(unshare[0], [...unshare.slice(1), mounts[kind], 'sh', disk], { encoding: 'utf8' });
  if (tried.status !== 0) return `${kind} cannot be mounted here: ${tried.error?.message ?? tried.stderr.trim()}`;
  const holder = sandbox.run(unshare[0], [...unshare.slice(1), `${mounts[kind]} && echo mounted && exec sleep 600`, 'sh', disk]);
  await holder.line(/^mounted$/);
  const enter = ['-t', String(holder.pid), '-m', ...(isRoot ? [] : ['-U', '--preserve-credentials'])];
  const inside = join('/proc', String(holder.pid), 'root', disk);
  const home = join(disk, 'home');
  return {
    home,
    paramo: (...args) => sandbox.run('nsenter', [...enter, process.execPath, join(sandbox.directory, 'node_modules', 'paramo', 'dist', 'bin.js'), ...args, '--home', home]),
    file: (name) => join(inside, 'home', name),
    fill() {
      const file = openSync(join(inside, 'filler'), 'a');
      for (let bytes = 2 ** 20; bytes >= 1; bytes >>= 4) while (writes(file, bytes));
      closeSync(file);
    },
    free: () => rmSync(join(inside, 'filler')),
  };
}

/** How the daemon of a home on a small disk is reached from outside. */
export function daemonOf(disk: SmallDisk): { readonly address: string; readonly token: string; readonly pid: number } {
  return JSON.parse(readFileSync(disk.file('daemon.json'), 'utf8')) as { address: string; token: string; pid: number };
}

function writes(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes, 1)) > 0;
  } catch {
    return false;
  }
}
