import type { Step } from '@paramo/core';
import type { ExploitField } from './exploit.js';
import { exploitRules } from './exploit.js';
import { isLive, isTraining, keptSteps } from './member.js';
import type { Member } from './member.js';
import type { Population } from './population.js';
import { rank } from './ranking.js';
import type { PbtContext, PbtRules } from './rules.js';

/** Compares members at their milestones, and keeps what is to become of them in their verdicts. */
export interface Selection {
  /** Brings the verdicts up to date; to be called after the population has folded an event in. */
  update(): void;
  /** Whether a member is to pause until its fellows have got as far. */
  mustWait(member: Member): boolean;
  /** Whether a child can start from a member. */
  canDonate(member: Member): boolean;
  /** Live members with a value, best first. */
  ranked(): readonly Member[];
}

/**
 * Selection as in Jaderberg et al. 2017, algorithm 1. A member is ready when its trial has reported at a milestone and
 * saved a checkpoint there or later. Asynchronous: it is compared at once, by the latest values of all. Synchronous: once
 * all members have got to that milestone or are over, all of them by one ranking. A verdict stands until the log shows
 * it, the donor can no longer donate, or the member gets to a further milestone; then it is reached anew.
 */
export function createSelection(context: PbtContext, { objective: { goal }, population: size, steps }: PbtRules, population: Population): Selection {
  const { random, options: { exploit, quantile, synchronous } } = context;
  const { members } = population;
  const rule = exploitRules[exploit];

  const canDonate = (member: Member): boolean =>
    isLive(member) && member.saved !== undefined && member.saved.done < steps && member.value !== undefined && !Number.isNaN(member.value);

  /** The milestone that everybody has got to. */
  function gate(): Step {
    if (!synchronous) return Infinity;
    let furthest = members.size < size && !population.closed ? 0 : Infinity;
    for (const member of members.values()) {
      if (isLive(member)) furthest = Math.min(furthest, member.reached);
      else if (member.status === 'vacant' || member.standing === 'replace') furthest = 0;
    }
    return furthest;
  }

  /** Ready, and neither judged yet nor at its end: who has taken all steps completes. */
  const isDue = (member: Member): boolean => member.reached > member.judged && member.reached < steps && isTraining(member);

  function review(member: Member): void {
    const { verdict } = member;
    if (verdict?.kind === 'replace') {
      const { donor, at } = verdict;
      if (!canDonate(donor) || members.get(donor.number) !== donor || member.reached > at || !isTraining(member)) member.verdict = undefined;
    } else if (verdict && !(member.status === 'running' && member.standing === undefined && fellowsWait(member))) {
      member.verdict = undefined;
    }
  }

  function judge(member: Member, ranked: readonly Member[]): void {
    const { number, generation, reached } = member;
    const field: ExploitField = { ranked, canDonate, goal, quantile, random: random('exploit', number, generation, reached) };
    const found = rule(member, field);
    if (found) {
      member.verdict = { kind: 'replace', donor: found.donor, at: reached, reason: found.reason };
      return;
    }
    member.judged = reached;
    if (!synchronous && member.status === 'running' && member.standing === undefined && fellowsWait(member)) member.verdict = { kind: 'yield' };
  }

  /** Whether more members wait with fewer steps done than workers will soon be free, so that more members than workers advance together. */
  function fellowsWait(member: Member): boolean {
    const steps = keptSteps(member);
    let waiting = population.closed ? 0 : Math.max(0, size - members.size);
    for (const fellow of members.values()) {
      if (fellow !== member && isTraining(fellow) && fellow.status !== 'running' && keptSteps(fellow) < steps) waiting++;
    }
    return waiting > population.freeing();
  }

  function update(): void {
    const through = gate();
    const due: Member[] = [];
    for (const member of members.values()) {
      if (member.verdict) review(member);
      if (!member.verdict && isDue(member) && member.reached <= through) due.push(member);
    }
    if (due.length === 0) return;
    const ranked = rank(members.values(), goal);
    for (const member of due) judge(member, ranked);
  }

  return {
    update,
    mustWait: (member) => {
      if (member.standing !== undefined || member.status === 'paused') return false;
      return member.verdict?.kind === 'yield' || (synchronous && !member.verdict && isDue(member));
    },
    canDonate,
    ranked: () => rank(members.values(), goal),
  };
}
