import { nearMiss, ParamoError } from '@paramo/core';

/** What is known of a trial that is about to end. */
export interface TrialSoFar {
  readonly trial: number;
  readonly objectives: readonly string[];
  /** Metrics logged or given. */
  readonly seen: Iterable<string>;
}

/** Says which objective is missing, what there was, and the near miss. */
export function missingObjective({ trial, objectives, seen }: TrialSoFar): ParamoError {
  const names = [...new Set(seen)];
  const missing = objectives.filter((name) => !names.includes(name));
  const wanted = (missing.length > 0 ? missing : objectives).map((name) => `"${name}"`).join(' and ');
  const near = missing.flatMap((name) => nearMiss(name, names) ?? []);
  const logged = names.length === 0 ? 'it logged nothing' : `it logged ${names.slice(0, 20).join(', ')}`;
  const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'Log it, or return it.';
  return new ParamoError({ code: 'OBJECTIVE_MISSING', message: `trial ${trial} ended without its objective ${wanted}; ${logged}`, hint });
}

/** @throws ParamoError OBJECTIVE_MISSING when an objective was neither logged nor given; the trial is still running then. */
export function requireObjective(known: TrialSoFar): void {
  const seen = new Set(known.seen);
  if (!known.objectives.every((name) => seen.has(name))) throw missingObjective(known);
}
