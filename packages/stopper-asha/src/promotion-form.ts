import type { Actor, Decision, Resumption, Step, Stopper, TrialEvent, TrialId } from '@paramo/core';
import type { Ranking } from './ranking.js';
import { createRanking } from './ranking.js';
import type { AshaRules } from './rules.js';
import type { Placement } from './rungs.js';
import { createRungs } from './rungs.js';

/** What is known of a trial that has not ended. */
interface LiveTrial {
  /** Where it stands: its place at the last rung it got to. */
  placement: Placement | undefined;
  /** What was decided and has not been obeyed: nothing is decided on top of it. */
  standing: 'pause' | 'stop' | undefined;
  pausedBy: Actor | undefined;
  paused: boolean;
}

/**
 * The promotion form, as in the paper (algorithm 2): a trial that gets to a rung is paused, and goes on once it is among
 * the best ⌊n/η⌋ of the n results there; the highest rung first. Since n grows, more than ⌊n/η⌋ may have gone on
 * in the end: who was among the best once stays promoted.
 *
 * When the study is closed and nothing else moves, rungs with too few results promote what they have: as long as no
 * trial has been completed, the best of those paused at the highest rung goes on.
 */
export function createPromotionForm(rules: AshaRules): Stopper {
  const rungs = createRungs(rules);
  const live = new Map<TrialId, LiveTrial>();
  const verdicts = new Map<TrialId, Decision>();
  /** By milestone, those paused by this stopper at the rung and not promoted from it. */
  const candidates = new Map<Step, Ranking>(rules.milestones.map((milestone) => [milestone, createRanking()]));
  const highestFirst = rules.milestones.toReversed();
  /** Paused by this stopper, yet at no rung that holds them: a late worker took them past the last, or the rules have changed since. */
  const free = new Set<TrialId>();
  let moving = 0;
  let completed = false;
  let closed = false;

  function place(placement: Placement): void {
    const { result: { trial: id }, milestone, final } = placement;
    const trial = live.get(id)!;
    trial.placement = placement;
    if (final || trial.standing) return;
    verdicts.set(id, { trial: id, action: 'pause', reason: `it waits at ${milestone} ${milestone === 1 ? 'step' : 'steps'} until it is among the best 1/${rules.eta} there` });
  }

  function setPaused(trial: LiveTrial, paused: boolean): void {
    if (trial.paused === paused) return;
    trial.paused = paused;
    moving += paused ? -1 : 1;
  }

  function wait(id: TrialId, trial: LiveTrial): void {
    setPaused(trial, true);
    if (trial.pausedBy !== 'self') return;
    const { placement } = trial;
    if (placement && !placement.final) candidates.get(placement.milestone)!.add(placement.result);
    else free.add(id);
  }

  function leave(id: TrialId, { placement }: LiveTrial): void {
    free.delete(id);
    if (placement) candidates.get(placement.milestone)!.remove(placement.result);
  }

  function observe(event: TrialEvent): void {
    if (event.kind === 'closed' || event.kind === 'opened') {
      closed = event.kind === 'closed';
      return;
    }
    const { trial: id } = event;
    if (event.kind === 'created') {
      live.set(id, { placement: undefined, standing: undefined, pausedBy: undefined, paused: false });
      moving++;
    }
    const placement = rungs.observe(event);
    if (placement) place(placement);
    const trial = live.get(id);
    if (!trial) return;
    switch (event.kind) {
      case 'decided':
        verdicts.delete(id);
        trial.standing = event.action === 'pause' ? 'pause' : 'stop';
        trial.pausedBy = event.action === 'pause' ? event.by : undefined;
        return;
      case 'yielded':
        trial.standing = undefined;
        if (event.to === 'paused') wait(id, trial);
        return;
      case 'resumed':
        // Whoever it was: the trial goes on, so it counts as promoted.
        leave(id, trial);
        trial.pausedBy = undefined;
        setPaused(trial, false);
        return;
      case 'ended':
        leave(id, trial);
        setPaused(trial, true);
        verdicts.delete(id);
        live.delete(id);
        completed ||= event.state === 'completed';
        return;
      default:
    }
  }

  function promotion(best: number, detail: string): Resumption {
    return { resume: best, because: { kind: 'promotion', detail } };
  }

  function resume(): Resumption | undefined {
    for (const id of free) return promotion(id, 'no rung holds it any more');
    for (const milestone of highestFirst) {
      const best = candidates.get(milestone)!.best;
      if (!best) continue;
      const { placement } = live.get(best.trial)!;
      const { rung } = placement!;
      const quota = rungs.quota(rung);
      if (rung.placeOf(best) < quota) return promotion(best.trial, `${rungs.describe(placement!)}; ${quota === 1 ? 'the best goes' : `the best ${quota} go`} on`);
    }
    return closed && moving === 0 && !completed ? lastPromotion() : undefined;
  }

  function lastPromotion(): Resumption | undefined {
    for (const milestone of highestFirst) {
      const best = candidates.get(milestone)!.best;
      if (best) return promotion(best.trial, `${rungs.describe(live.get(best.trial)!.placement!)}; no further trial comes, and none has been completed: the best that waits goes on`);
    }
    return undefined;
  }

  return { observe, decisions: () => [...verdicts.values()], resume };
}
