import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories in which checkpoints are made and restored; they go with the process at the latest. */
export interface WorkFolder {
  /** Makes a new, empty directory. */
  open(): Promise<string>;
  /** Removes one; never throws. */
  remove(directory: string): Promise<void>;
  /** Removes them all. */
  close(): Promise<void>;
}

/**
 * The work folder of this process below `parent`, made when first needed; absent: in the system's temporary directory. In a
 * home it lies on the disk of the store, so that files can be linked. What processes of this host that died have left is removed: containers
 * that share a home see each other's folders, and not each other's processes.
 */
export function createWorkFolder(parent: string | undefined, writerId: string): WorkFolder {
  const above = parent ?? join(tmpdir(), `paramo-work-${process.getuid?.() ?? 'own'}`);
  const own = join(above, `${hostname()}-${process.pid}-${writerId}`);
  let made: Promise<unknown> | undefined;
  let count = 0;
  return {
    async open() {
      made ??= removeAbandoned(above).then(() => mkdir(own, { recursive: true, mode: 0o700 }));
      await made;
      const directory = join(own, `${count++}`);
      await mkdir(directory, { mode: 0o700 });
      return directory;
    },
    remove: (directory) => rm(directory, { recursive: true, force: true }).catch(() => undefined),
    async close() {
      await rm(own, { recursive: true, force: true }).catch(() => undefined);
    },
  };
}

async function removeAbandoned(above: string): Promise<void> {
  const here = `${hostname()}-`;
  for (const name of await readdir(above).catch(() => [])) {
    const pid = name.startsWith(here) ? /^(\d+)-[^-]+$/.exec(name.slice(here.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(above, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
