import { createHash } from 'node:crypto';
import type { Schedule } from './schedule.js';

/** Everything that was seen in a run, in order, as lines of text. */
export interface History {
  readonly lines: readonly string[];
  note(who: string, what: string): void;
  /** A hash of all of it: two runs of a seed have the same. */
  digest(): string;
}

/** Nothing was seen yet. `folder`, whose name is another one in every run, is left out of what is noted. */
export function createHistory(schedule: Schedule, folder?: string): History {
  const lines: string[] = [];
  return {
    lines,
    note(who, what) {
      lines.push(`${(schedule.nowMs / 1000).toFixed(4).padStart(9)} s  ${who.padEnd(10)} ${folder === undefined ? what : what.replaceAll(folder, '')}`);
    },
    digest() {
      const hash = createHash('sha256');
      for (const line of lines) hash.update(line).update('\n');
      return hash.digest('hex').slice(0, 16);
    },
  };
}
