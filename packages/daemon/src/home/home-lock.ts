import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { identifySelf, isAlive } from './process-identity.js';
import type { ProcessIdentity } from './process-identity.js';

/** The lock of a home, held. */
export interface HomeLock {
  /** Lets go. Calling it again does nothing. */
  release(): void;
}

/** What came of asking for the lock: the lock, or who holds it. */
export type LockOutcome = { readonly lock: HomeLock } | { readonly owner: ProcessIdentity };

/** How the lock is asked for. */
export interface LockRequest {
  /** A name that no other claim ever has. */
  readonly id: string;
  /** Judges an owner in another container, whose process cannot be seen: whether the home's daemon answers. */
  readonly answers: () => Promise<boolean>;
}

/**
 * Takes the lock `path` unless a living process holds it. At most one process holds it at any moment, whoever starts or
 * is killed when:
 *
 * The lock is a directory with one file in it, the claim, named after its id. A claim is put in place by renaming a
 * directory that holds it already, which succeeds only where there is no directory or an empty one (rename(2)). A claim of
 * a dead process is removed by its own name, so whoever comes late with that removes nothing of its successor.
 */
export async function takeHomeLock(path: string, { id, answers }: LockRequest): Promise<LockOutcome> {
  const mine = `${path}.${id}`;
  mkdirSync(mine, { mode: 0o700 });
  try {
    writeFileSync(join(mine, id), JSON.stringify(identifySelf()), { mode: 0o600 });
    while (!renameOntoNothing(mine, path)) {
      const owner = await livingOwner(path, answers);
      if (owner) return { owner };
    }
  } finally {
    rmSync(mine, { recursive: true, force: true });
  }
  sweep(path);
  return { lock: { release: () => release(path, id) } };
}

/** Who holds the lock; undefined after making way, when nobody does. */
async function livingOwner(path: string, answers: LockRequest['answers']): Promise<ProcessIdentity | undefined> {
  const claim = readClaim(path);
  if (!claim) {
    // Being released or taken over this very moment.
    await new Promise((resolve) => setImmediate(resolve));
    return undefined;
  }
  if (claim.owner) {
    const alive = isAlive(claim.owner);
    if (alive === 'unknown' ? await answers() : alive) return claim.owner;
  }
  unlinkIfThere(join(path, claim.id));
  return undefined;
}

function release(path: string, id: string): void {
  unlinkIfThere(join(path, id));
  try {
    rmdirSync(path);
  } catch {
    // Gone, or the next owner's.
  }
}

function renameOntoNothing(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (thrown) {
    if (['ENOTEMPTY', 'EEXIST'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return false;
    throw thrown;
  }
}

/** The claim in a lock; without an owner when it makes no sense, as after a power cut. */
function readClaim(path: string): { readonly id: string; readonly owner: ProcessIdentity | undefined } | undefined {
  try {
    const [id] = readdirSync(path);
    if (id === undefined) return undefined;
    return { id, owner: parseOwner(readFileSync(join(path, id), 'utf8')) };
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw thrown;
  }
}

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    const owner: unknown = JSON.parse(text);
    if (typeof owner !== 'object' || owner === null) return undefined;
    const { pid, started, boot, namespace } = owner as Partial<Record<keyof ProcessIdentity, unknown>>;
    if (typeof pid !== 'number' || typeof started !== 'string' || typeof boot !== 'string' || typeof namespace !== 'string') return undefined;
    return { pid, started, boot, namespace };
  } catch {
    return undefined;
  }
}

/** Removes what starters left that were killed before they came to an answer. */
function sweep(path: string): void {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const left = join(dirname(path), name);
    if (!name.startsWith(prefix)) continue;
    const claim = readClaim(left);
    if (claim?.owner && isAlive(claim.owner) === false) rmSync(left, { recursive: true, force: true });
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
}
