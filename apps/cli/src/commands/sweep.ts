import { readSweepFile } from '../run/sweep-file.js';
import type { GlobalOptions } from '../session.js';
import { runPlan } from './run.js';

/** `paramo sweep FILE`: tunes the program that a file describes. */
export function sweep(file: string, options: GlobalOptions & { readonly dryRun?: boolean; readonly fresh?: boolean; readonly json?: boolean }): Promise<number> {
  const plan = readSweepFile(file);
  return runPlan({ ...plan, study: { ...plan.study, ...(options.fresh && { fresh: true }) }, json: options.json === true }, options);
}
