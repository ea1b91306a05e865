import { createRequire } from 'node:module';
import type { Decision, NewTrial, PluginReference, Resumption, Strategy, StrategyPlugin } from '@paramo/core';
import { defineStrategy } from '@paramo/core';
import { topDonors } from './exploit.js';
import { exploreFrom } from './explore.js';
import { createFounder, drawFresh } from './founder.js';
import { isTraining, keptSteps } from './member.js';
import type { Member } from './member.js';
import type { PbtOptions } from './options.js';
import { options } from './options.js';
import { createPopulation } from './population.js';
import type { PbtContext } from './rules.js';
import { createPbtRules, readyInterval } from './rules.js';
import { createSelection } from './selection.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** Names population-based training for a study: `strategy: pbt({ population: 8, every: 5 })`. */
export function pbt(given: PbtOptions = {}): PluginReference {
  return { name: 'pbt', options: { ...given } };
}

/**
 * Population-based training of Jaderberg et al. 2017 ("Population Based Training of Neural Networks"). A population trains
 * side by side; every so many steps a member that does badly is replaced by a child of one that does well: it goes on
 * from the donor's newest checkpoint with the donor's params, changed a little. Needs a trainer that saves checkpoints and
 * starts from them, and a study that says how many steps a trial takes: only then are trials at their end left in peace.
 *
 * Members are compared by their latest values. NaN and infinite ones are worse than every number; of equal ones that of the
 * lower member is better. Until its first own milestone a child counts for what its donor was worth when it was copied,
 * since their weights are the same. Who is over is neither compared nor copied.
 *
 * With more members than workers, who is ahead makes way at its milestones. A member whose trial fails or is cancelled is
 * filled again, from one of the best where it can; one whose trial was stopped by a user or another plugin is over.
 * `budget.trials` counts founders only; enqueued trials are no members.
 */
export const pbtStrategy: StrategyPlugin<typeof options> = defineStrategy({
  name: 'pbt',
  version,
  description: 'Population-based training: the worst go on from the checkpoints of the best, with params changed a little.',
  options,
  capabilities: { conditional: true, checkpoints: true, barrier: true },
  milestones: (context) => ({ interval: readyInterval(context) }),
  create,
});

function create(context: PbtContext): Strategy {
  const { space, random } = context;
  const rules = createPbtRules(context);
  const population = createPopulation(rules.objective, rules.every);
  const selection = createSelection(context, rules, population);
  const { members } = population;
  // The answers at the present position: asked again, they need not be computed again.
  let decisions: readonly Decision[] | undefined;

  /** The next trial of a member: the donor's newest checkpoint, its params explored. */
  function createChild({ number: member, generation }: Member, donor: Member): NewTrial {
    const { params, change } = exploreFrom(donor.params, space, context.options, (key) => random('explore', member, generation, key));
    return { params, from: { trial: donor.trial, ...donor.saved! }, member, because: { kind: 'exploit', donor: donor.trial, change } };
  }

  function decide(member: Member): Decision[] {
    const { trial, verdict } = member;
    if (verdict?.kind === 'replace') return [{ trial, action: 'replace', by: createChild(member, verdict.donor), reason: verdict.reason }];
    if (!selection.mustWait(member)) return [];
    return [{ trial, action: 'pause', reason: verdict ? 'other members wait with fewer steps done' : `it waits at ${member.reached} steps until all members are there` }];
  }

  /** Another trial for a member whose last one failed or was cancelled. */
  function refill(member: Member): NewTrial {
    const { number, generation } = member;
    const donors = topDonors({ ranked: selection.ranked(), quantile: context.options.quantile, canDonate: selection.canDonate }, 1);
    if (donors.length > 0) return createChild(member, random('refill', number, generation).pick(donors));
    return { ...drawFresh(context, number, generation), because: { kind: 'design', detail: `member ${number} again, drawn from the space: there is no checkpoint to start from` } };
  }

  function nextFounder(): NewTrial | undefined {
    for (let member = 0; member < rules.population; member++) if (!members.has(member)) return createFounder(context, rules, member);
    return undefined;
  }

  /** Of the members paused here that may go on, the one with the fewest steps done; of equal ones the lower. */
  function nextResumption(): Resumption | undefined {
    let next: Member | undefined;
    for (const member of members.values()) {
      if (member.status !== 'paused' || member.heldBy !== 'self' || member.verdict || !isTraining(member) || isHeld(member)) continue;
      if (!next || keptSteps(member) < keptSteps(next) || (keptSteps(member) === keptSteps(next) && member.number < next.number)) next = member;
    }
    if (!next) return undefined;
    const detail = context.options.synchronous ? `all members have got to ${next.judged} steps` : `of the members that wait it has the fewest steps done: ${keptSteps(next)}`;
    return { resume: next.trial, because: { kind: 'promotion', detail } };
  }

  function isHeld(member: Member): boolean {
    return context.options.synchronous && member.reached > member.judged && member.reached < rules.steps;
  }

  function firstVacant(): Member | undefined {
    let first: Member | undefined;
    for (const member of members.values()) if (member.status === 'vacant' && (!first || member.number < first.number)) first = member;
    return first;
  }

  return {
    observe: (event) => {
      decisions = undefined;
      population.observe(event);
      selection.update();
    },
    decisions: () => (decisions ??= [...members.values()].flatMap(decide)),
    suggest: () => {
      const vacant = firstVacant();
      if (vacant) return refill(vacant);
      return (population.closed ? undefined : nextFounder()) ?? nextResumption();
    },
    done: () => {
      for (let member = 0; member < rules.population; member++) if (!members.has(member)) return false;
      for (const { status } of members.values()) if (status !== 'finished') return false;
      return true;
    },
  };
}
