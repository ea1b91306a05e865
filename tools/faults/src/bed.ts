import type { Fault } from './fault.js';
import { kills } from './faults/kills.js';

/** Every fault, in the order they are run in. */
export const faults: readonly Fault[] = [kills];
