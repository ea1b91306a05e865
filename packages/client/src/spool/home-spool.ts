import { join } from 'node:path';
import type { Clock, Entropy } from '@paramo/core';
import type { CarrierOptions } from '../carrier/carrier.js';
import type { Link } from '../link.js';
import { deliverInBackground } from './deliver-in-background.js';
import { identifyOwner } from './process-identity.js';
import { createSpool } from './spool.js';

/** Where the spools of a home lie, and how large one may become. */
export interface SpoolPlace {
  /** The directory above the spools. */
  readonly path: string;
  readonly quotaBytes: number;
}

/** What it runs on. */
export interface HomeSpoolOptions extends SpoolPlace {
  readonly link: Link;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly writerId: string;
}

/** The spool of a writer in its home, and the delivery of what others have left there. */
export function openHomeSpool({ path, quotaBytes, ...rest }: HomeSpoolOptions): Required<Pick<CarrierOptions, 'spool' | 'deliverLeftovers'>> {
  const { writerId } = rest;
  return {
    spool: createSpool({ directory: join(path, writerId), owner: identifyOwner(writerId), quotaBytes }),
    deliverLeftovers: (warnings, signal) => deliverInBackground({ ...rest, spoolPath: path, warnings, signal }),
  };
}
