import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@paramo/core';
import type { Link } from '../link.js';
import { claimSpool } from './claim.js';
import type { Claim, LeftAlone } from './claim.js';
import { deliverSpool } from './deliver-spool.js';
import type { DamagedFile } from './deliver-spool.js';
import { createDelivery } from './delivery.js';
import type { DeliveredStudy, Delivery } from './delivery.js';
import { identifyOwner } from './process-identity.js';
import { spoolFiles } from './spool-files.js';

/** What became of the spools in a home. */
export interface Leftovers {
  readonly studies: readonly DeliveredStudy[];
  readonly damaged: readonly (DamagedFile & { readonly directory: string })[];
  /** Spools that were not delivered, with the reason. */
  readonly left: readonly { readonly directory: string; readonly why: LeftAlone | string }[];
}

/** Where to look, and how to deliver. */
export interface LeftoversOptions {
  /** The directory above the spools. */
  readonly spoolPath: string;
  readonly link: Link;
  readonly clock: Clock;
  /** The writer id of the process that delivers. */
  readonly writerId: string;
  readonly signal: AbortSignal;
  /** Told how many of the files of how many are delivered. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** An empty folder is somebody's who is about to write into it, or was left so long ago. */
const emptyMs = 3_600_000;

/** Delivers all that processes which are gone have left in a home. @throws ParamoError what the link throws when the daemon stays away. */
export async function deliverLeftovers(options: LeftoversOptions): Promise<Leftovers> {
  const delivery = createDelivery();
  const damaged: Leftovers['damaged'][number][] = [];
  const left: Leftovers['left'][number][] = [];
  const claims: Claim[] = [];
  for (const directory of spoolDirectories(options.spoolPath, options.clock.wallMs())) {
    try {
      const claim = claimSpool(directory, identifyOwner(options.writerId), options.clock.wallMs());
      if (typeof claim === 'string') left.push({ directory, why: claim });
      else claims.push(claim);
    } catch (error) {
      left.push({ directory, why: (error as Error).message });
    }
  }
  await deliverClaims(claims, delivery, { ...options, onDamage: (directory, file) => damaged.push({ directory, ...file }) });
  return { studies: delivery.studies, damaged, left };
}

async function deliverClaims(claims: Claim[], delivery: Delivery, options: LeftoversOptions & { readonly onDamage: (directory: string, file: DamagedFile) => void }): Promise<void> {
  const { link, signal, onDamage, onProgress } = options;
  const total = claims.reduce((sum, { directory }) => sum + spoolFiles(directory).length, 0);
  let before = 0;
  try {
    for (let claim = claims[0]; claim; claim = claims[0]) {
      const { directory } = claim;
      let files = 0;
      await deliverSpool({
        claim, link, delivery, signal,
        onDamage: (file) => onDamage(directory, file),
        onFile: (done, of) => {
          files = of;
          onProgress?.(before + done, total);
        },
      });
      before += files;
      claim.remove();
      claims.shift();
    }
  } finally {
    for (const claim of claims) claim.release();
  }
}

/** The spools there are; those that hold nothing are removed. */
function spoolDirectories(spoolPath: string, nowMs: number): readonly string[] {
  const directories: string[] = [];
  for (const name of namesIn(spoolPath)) {
    const directory = join(spoolPath, name);
    try {
      if (spoolFiles(directory).length > 0) directories.push(directory);
      else if (nowMs - statSync(directory).mtimeMs > emptyMs) rmSync(directory, { recursive: true, force: true });
    } catch {
      // Gone meanwhile, or no folder.
    }
  }
  return directories;
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
