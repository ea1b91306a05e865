import type { Random } from '@paramo/core';
import type { Violation } from './harness/check.js';

/** What a run of a fault is given. */
export interface FaultContext {
  /** Everything the fault draws follows from it; timing does not. */
  readonly seed: number;
  readonly random: Random;
  /** A folder of this run, for homes; kept when the run fails. */
  readonly directory: string;
  /** The full form; else the one for CI. */
  readonly long: boolean;
  /** Says what is under way. */
  say(line: string): void;
}

/** What came of it. */
export interface FaultResult {
  /** What was done and seen, such as `kills: 60`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Where a promise did not hold; none: the run has passed. */
  readonly violations: readonly (Violation | string)[];
  /** Set where the machine lacks something: the run proves nothing. */
  readonly notRun?: string;
  /** What a reader of the table should know. */
  readonly note?: string;
}

/** One kind of fault, and what must hold under it. */
export interface Fault {
  /** As the command line takes it. */
  readonly name: string;
  /** The table's words for it. */
  readonly what: string;
  run(context: FaultContext): Promise<FaultResult>;
}
