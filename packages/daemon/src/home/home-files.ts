import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParamoError } from '@paramo/core';

// The path of a Unix socket is 108 bytes on Linux and 104 on macOS, closing zero included.
const longestSocketPath = process.platform === 'darwin' ? 103 : 107;

/** Where the things of a home lie. */
export interface HomeFiles {
  readonly daemonFile: string;
  readonly configFile: string;
  readonly lockPath: string;
  readonly storePath: string;
  readonly logPath: string;
  /** `daemon.sock` in the home or, where that path is too long for a socket, as `daemon.json` says. */
  readonly socketPath: string;
}

/**
 * The files of the home at the real path `path`:
 *
 *     store/        trials, series and blobs
 *     daemon.json   how to reach the daemon, while one runs (0600)
 *     daemon.lock/  who owns the home
 *     daemon.log    what the daemon says
 *     daemon.sock   its socket (0600)
 *     config.json   written by the user: `{ "plugins": ["paramo-strategy-x"] }`
 *
 * A socket whose path would be above 107 bytes lies in `TMPDIR/paramo-UID-HASH/`, a directory of mode 0700; HASH is drawn
 * from the home's path.
 */
export function homeFiles(path: string): HomeFiles {
  const inHome = join(path, 'daemon.sock');
  return {
    daemonFile: join(path, 'daemon.json'),
    configFile: join(path, 'config.json'),
    lockPath: join(path, 'daemon.lock'),
    storePath: join(path, 'store'),
    logPath: join(path, 'daemon.log'),
    socketPath: Buffer.byteLength(inHome) <= longestSocketPath ? inHome : shortSocketPath(path),
  };
}

/**
 * Makes the private directory of a socket outside the home.
 * @throws ParamoError HOME_NOT_WRITABLE when somebody else has taken its name.
 */
export function makeSocketDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
  throw new ParamoError({
    code: 'HOME_NOT_WRITABLE',
    message: `the path of the home is too long for a socket, and ${directory}, which would hold it, is not a private directory of yours`,
    hint: 'Give a home with a shorter path in PARAMO_HOME, or remove that directory.',
  });
}

function shortSocketPath(path: string): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const name = join(`paramo-${process.getuid?.() ?? 0}-${hash}`, 'daemon.sock');
  const [first, second] = [join(tmpdir(), name), join('/tmp', name)];
  return Buffer.byteLength(first) <= longestSocketPath ? first : second;
}
