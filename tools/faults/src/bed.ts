import type { Fault } from './fault.js';
import { badDisk } from './faults/bad-disk.js';
import { badPlugins } from './faults/bad-plugins.js';
import { backups } from './faults/backups.js';
import { clocks } from './faults/clocks.js';
import { crowd } from './faults/crowd.js';
import { fullDisk } from './faults/full-disk.js';
import { kills } from './faults/kills.js';
import { echoes, network } from './faults/network.js';
import { powerCut } from './faults/power-cut.js';
import { rot } from './faults/rot.js';
import { spool } from './faults/spool.js';
import { stalls } from './faults/stalls.js';
import { unsafe } from './faults/unsafe.js';

/** Every fault, in the order they are run in. */
export const faults: readonly Fault[] = [kills, unsafe, powerCut, backups, spool, stalls, network, echoes, fullDisk, badDisk, rot, clocks, crowd, badPlugins];
