import { nearMiss, ParamoError } from '@paramo/core';

/** What is known of a trial that is about to end. */
export interface TrialSoFar {
  readonly trial: number;
  readonly objectives: readonly string[];
  /** Metrics logged or given. */
  readonly seen: Iterable<string>;
  /** Steps that were done in the checkpoint it went on from. */
  readonly from?: number | undefined;
}

/** Says which objective is missing, what there was, and the near miss. */
export function missingObjective({ trial, objectives, seen, from }: TrialSoFar): ParamoError {
  const names = [...new Set(seen)];
  const missing = objectives.filter((name) => !names.includes(name));
  const wanted = (missing.length > 0 ? missing : objectives).map((name) => `"${name}"`).join(' and ');
  const near = missing.flatMap((name) => nearMiss(name, names) ?? []);
  const isIdle = names.length === 0 && from !== undefined;
  const nothing = isIdle ? `it went on from a checkpoint at step ${from - 1} and logged nothing, as if nothing was left to train` : 'it logged nothing';
  const logged = names.length === 0 ? nothing : `it logged ${names.slice(0, 20).join(', ')}`;
  const slip = isIdle ? 'Let the loop take further steps than the checkpoint has done, or return the objective.' : 'Log it, or return it.';
  const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : slip;
  return new ParamoError({ code: 'OBJECTIVE_MISSING', message: `trial ${trial} ended without its objective ${wanted}; ${logged}`, hint });
}

/** @throws ParamoError OBJECTIVE_MISSING when an objective was neither logged nor given; the trial is still running then. */
export function requireObjective(known: TrialSoFar): void {
  const seen = new Set(known.seen);
  if (!known.objectives.every((name) => seen.has(name))) throw missingObjective(known);
}
