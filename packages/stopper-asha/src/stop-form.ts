import type { Actor, Decision, Stopper, TrialId } from '@paramo/core';
import type { AshaRules } from './rules.js';
import { createRungs } from './rungs.js';

/**
 * The stop form: a trial that gets to a rung goes on if it is among the best ⌊n/η⌋ of the n results there, itself
 * included, or if n is below η; else it is stopped. Judged once a rung, by those that were there before.
 */
export function createStopForm(rules: AshaRules): Stopper {
  const rungs = createRungs(rules);
  const verdicts = new Map<TrialId, Decision>();
  /** The log shows that they are to stop; their workers may not have heard yet. */
  const stopping = new Set<TrialId>();
  /** This form pauses nobody, but the study may have begun with the other one. */
  const pausedBy = new Map<TrialId, Actor>();
  const paused = new Set<TrialId>();

  return {
    observe: (event) => {
      const placement = rungs.observe(event);
      if (placement && !placement.final && !stopping.has(placement.result.trial)) {
        const { rung, result } = placement;
        const quota = rungs.quota(rung);
        if (quota > 0 && rung.placeOf(result) >= quota) {
          const reason = `${rungs.describe(placement)}; ${quota === 1 ? 'only the best goes' : `the best ${quota} go`} on`;
          verdicts.set(result.trial, { trial: result.trial, action: 'stop', reason });
        }
      }
      if (event.kind === 'decided') {
        if (event.action === 'pause') {
          pausedBy.set(event.trial, event.by);
        } else {
          stopping.add(event.trial);
          verdicts.delete(event.trial);
        }
      } else if (event.kind === 'yielded') {
        if (event.to === 'paused' && pausedBy.get(event.trial) === 'self') paused.add(event.trial);
      } else if (event.kind === 'resumed' || event.kind === 'ended') {
        pausedBy.delete(event.trial);
        paused.delete(event.trial);
        if (event.kind === 'resumed') return;
        stopping.delete(event.trial);
        verdicts.delete(event.trial);
      }
    },
    decisions: () => [...verdicts.values()],
    resume: () => {
      for (const trial of paused) return { resume: trial, because: { kind: 'promotion', detail: 'in the stop form nobody waits at a rung' } };
      return undefined;
    },
  };
}
