import { accessSync, chmodSync, closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, realpathSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Entropy } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { socketAnswers } from '../server/socket-answers.js';
import { homeFiles, makeSocketDirectory } from './home-files.js';
import { takeHomeLock } from './home-lock.js';
import type { HomeLock } from './home-lock.js';
import { networkFileSystem } from './network-file-system.js';
import type { StatFileSystem } from './network-file-system.js';

/** What clients read in `daemon.json` of a home to reach its daemon. */
export interface DaemonFile {
  /** Package version of the daemon. */
  readonly version: string;
  /** Major version of the protocol. */
  readonly protocol: 1;
  readonly pid: number;
  /** A ULID drawn at each start. */
  readonly instanceId: string;
  /** Path of the Unix socket; absent where there is none. */
  readonly socket?: string;
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** What calls to `address` have to give. */
  readonly token: string;
}

/** A home, owned by this process until it is released. */
export interface Home {
  /** Its real path. */
  readonly path: string;
  readonly storePath: string;
  readonly socketPath: string;
  readonly logPath: string;
  /** Drawn afresh each time the home is opened: 32 bytes in base64url. */
  readonly token: string;
  /** Tells clients how to reach the daemon, all at once (0600). */
  writeDaemonFile(info: Pick<DaemonFile, 'version' | 'instanceId' | 'address' | 'socket'>): void;
  /** Removes `daemon.json` if it is still this daemon's, and lets the home go. Calling it again does nothing. */
  release(): void;
}

/** What a home is opened with. */
export interface HomeOptions {
  readonly entropy: Entropy;
  /** The operating system's, unless a test says otherwise. */
  readonly statfs?: StatFileSystem;
}

/**
 * Opens the home at `path`, made with mode 0700 where there is none, for this process alone. The home of a daemon that was
 * killed is taken over.
 * @throws ParamoError HOME_NOT_WRITABLE, HOME_ON_NETWORK, or HOME_LOCKED naming the daemon that has it.
 */
export async function openHome(path: string, { entropy, statfs }: HomeOptions): Promise<Home> {
  const real = makeHome(resolve(path));
  const network = networkFileSystem(real, statfs);
  if (network !== undefined) throw onNetwork(real, network);
  const files = homeFiles(real);
  const id = Buffer.from(entropy.bytes(16)).toString('hex');
  const outcome = await writing(real, () => takeHomeLock(files.lockPath, { id, answers: () => socketAnswers(files.socketPath) }));
  if (!('lock' in outcome)) throw locked(real, outcome.owner.pid, readDaemonFile(files.daemonFile));
  const { lock } = outcome;
  try {
    // Of a daemon that was killed: it would send clients astray until the next one is ready.
    rmSync(files.daemonFile, { force: true });
    if (dirname(files.socketPath) !== real) makeSocketDirectory(dirname(files.socketPath));
  } catch (thrown) {
    lock.release();
    throw asNotWritable(real, thrown);
  }
  const token = Buffer.from(entropy.bytes(32)).toString('base64url');
  return { path: real, storePath: files.storePath, socketPath: files.socketPath, logPath: files.logPath, token, ...ownership(files.daemonFile, token, lock) };
}

function ownership(daemonFile: string, token: string, lock: HomeLock): Pick<Home, 'writeDaemonFile' | 'release'> {
  let released = false;
  return {
    writeDaemonFile: ({ version, instanceId, address, socket }) => {
      const content: DaemonFile = { version, protocol: 1, pid: process.pid, instanceId, ...(socket !== undefined && { socket }), address, token };
      const draft = `${daemonFile}.new`;
      // A draft that a killed daemon left may have another mode.
      rmSync(draft, { force: true });
      writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      renameSync(draft, daemonFile);
    },
    release: () => {
      if (released) return;
      released = true;
      if (readDaemonFile(daemonFile)?.token === token) rmSync(daemonFile, { force: true });
      lock.release();
    },
  };
}

function makeHome(path: string): string {
  try {
    makeDirectories(path);
    const { uid, mode } = statSync(path);
    const me = process.getuid?.() ?? 0;
    if (uid !== me && me !== 0) throw notWritable(path, `it belongs to the user with the number ${uid}`);
    if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(path);
  } catch (thrown) {
    throw asNotWritable(path, thrown);
  }
}

/** As `recursive`, which in Node 20 never returns where a file system answers ENOENT by itself, as /proc does. */
function makeDirectories(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !existsSync(dirname(path))) {
      makeDirectories(dirname(path));
      return makeDirectories(path);
    }
    if (code !== 'EEXIST' || !statSync(path).isDirectory()) throw thrown;
  }
  // Also one that was there: who made it may have been killed before the sync.
  syncFolder(dirname(path));
}

/** Makes the names in a folder durable, where it may be read. */
function syncFolder(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return;
  }
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

async function writing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw asNotWritable(path, thrown);
  }
}

function readDaemonFile(path: string): Partial<DaemonFile> | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof content === 'object' && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}

function asNotWritable(path: string, thrown: unknown): ParamoError {
  if (thrown instanceof ParamoError) return thrown;
  const { code, message } = thrown as NodeJS.ErrnoException;
  return notWritable(path, reasons.get(code ?? '') ?? message, thrown);
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'its permissions do not allow it'],
  ['EPERM', 'its permissions do not allow it'],
  ['EROFS', 'its file system is mounted read-only'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['EEXIST', 'a file lies there'],
  ['ENOENT', 'no directory can be made there'],
  ['ENOSPC', 'its disk is full'],
  ['EDQUOT', 'the quota of its disk is used up'],
]);

function notWritable(path: string, why: string, cause?: unknown): ParamoError {
  return new ParamoError({
    code: 'HOME_NOT_WRITABLE',
    message: `the home ${path} cannot be written: ${why}`,
    hint: 'Make it writable for you, or give another directory in PARAMO_HOME.',
    cause,
  });
}

function onNetwork(path: string, network: string): ParamoError {
  return new ParamoError({
    code: 'HOME_ON_NETWORK',
    message: `the home ${path} lies on a network file system (${network}), where a power cut or a second host can corrupt a store`,
    hint: 'Give a directory on a local disk in PARAMO_HOME, such as PARAMO_HOME=/var/tmp/paramo.',
  });
}

function locked(path: string, pid: number, daemon: Partial<DaemonFile> | undefined): ParamoError {
  const where = daemon?.pid === pid && typeof daemon.address === 'string' ? ` and answers at ${daemon.address}` : '';
  return new ParamoError({
    code: 'HOME_LOCKED',
    message: `the home ${path} has a daemon already: process ${pid} owns it${where}`,
    hint: 'Clients with this home find that daemon by themselves; `paramo down` ends it; PARAMO_HOME gives this one another home.',
    details: { pid, home: path },
  });
}
