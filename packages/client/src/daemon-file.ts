import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a daemon says of itself in `daemon.json` of its home. */
export interface DaemonFile {
  /** Its package version. */
  readonly version: string;
  /** Major version of its protocol. */
  readonly protocol: number;
  readonly pid: number;
  /** A ULID drawn at each start. */
  readonly instanceId: string;
  /** Path of its unix socket; absent where there is none. */
  readonly socket?: string;
  /** Its loopback address, `127.0.0.1:PORT`. */
  readonly address: string;
  readonly token: string;
}

/** Name of the file in the home. */
const fileName = 'daemon.json';

/** What the home's `daemon.json` says; undefined where there is none, or none that is whole. */
export async function readDaemonFile(home: string): Promise<DaemonFile | undefined> {
  let found: unknown;
  try {
    found = JSON.parse(await readFile(join(home, fileName), 'utf8'));
  } catch {
    // Absent, or caught in the middle of being written: the same to a caller that looks again.
    return undefined;
  }
  if (typeof found !== 'object' || found === null) return undefined;
  const { version, protocol, pid, instanceId, socket, address, token } = found as Partial<Record<keyof DaemonFile, unknown>>;
  if (typeof version !== 'string' || typeof protocol !== 'number' || typeof pid !== 'number' || typeof instanceId !== 'string') return undefined;
  if (typeof address !== 'string' || typeof token !== 'string') return undefined;
  return { version, protocol, pid, instanceId, address, token, ...(typeof socket === 'string' && socket !== '' && { socket }) };
}
