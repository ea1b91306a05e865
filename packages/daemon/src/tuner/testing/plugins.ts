import { defineStopper, defineStrategy } from '@paramo/core';
import type { Decision, NewTrial, Plugin, TrialSource } from '@paramo/core';

/** Draws at random, leaning on the best value seen; done after `trials` of its own. Throws at an ended value above 900. */
const drawing: Plugin = defineStrategy({
  name: 'drawing', version: '1.0.0', description: 'For tests.', capabilities: { conditional: true, multiObjective: true },
  options: { trials: { type: 'integer', minimum: 1, default: 1_000_000, description: 'How many.' } },
  create({ space, options, random }) {
    let own = 0;
    let best = Number.POSITIVE_INFINITY;
    return {
      observe(event) {
        if (event.kind === 'created' && event.own) own++;
        if (event.kind !== 'ended' || event.value === undefined) return;
        if (event.value > 900) throw new Error('the value is above 900');
        best = Math.min(best, event.value);
      },
      suggest: () => (own < options.trials ? { params: space.fromUnit(space.dimensions.map((_, i) => random(own, i).next())), memo: { own, best: Number.isFinite(best) ? best : null }, because: { kind: 'design', detail: `draw ${own}` } } : undefined),
      done: () => own >= options.trials,
    };
  },
});

/** Suggests twice, then nothing, and is never done. */
const stalling: Plugin = defineStrategy({
  name: 'stalling', version: '1.0.0', description: 'For tests.', options: {},
  create({ space }) {
    let own = 0;
    return {
      observe(event) {
        if (event.kind === 'created' && event.own) own++;
      },
      suggest: () => (own < 2 ? { params: space.fromUnit(space.dimensions.map(() => 0.5)), because: { kind: 'default' } } : undefined),
      done: () => false,
    };
  },
});

/** A population of four: whoever is above 5 at step 2 is replaced. */
const replacing: Plugin = defineStrategy({
  name: 'replacing', version: '1.0.0', description: 'For tests.', options: {},
  milestones: () => [2],
  create({ space, random }) {
    let own = 0;
    let replaced = 0;
    const live = new Set<number>();
    const bad = new Set<number>();
    const fresh = () => ({ params: space.fromUnit(space.dimensions.map((_, i) => random(own, i).next())), memo: own, because: { kind: 'design', detail: `draw ${own}` } }) as const;
    return {
      observe(event) {
        if (event.kind === 'created' && event.own) {
          own++;
          live.add(event.trial);
        }
        if (event.kind === 'reported' && event.values['loss']! > 5) bad.add(event.trial);
        if (event.kind === 'decided' || event.kind === 'ended') bad.delete(event.trial);
        if (event.kind === 'decided' && event.action === 'replace') replaced++;
        if (event.kind === 'ended') live.delete(event.trial);
      },
      suggest: () => (own - replaced < 4 ? fresh() : undefined),
      done: () => own - replaced >= 4 && live.size === 0,
      decisions: () => [...bad].slice(0, 1).map((trial): Decision => ({ trial, action: 'replace', by: fresh(), reason: 'above 5' })),
    };
  },
});

/** A population of two that lives on checkpoints: at step 2 whoever is above 5 is replaced by a copy of the other, if that has one. */
const copying: Plugin = defineStrategy({
  name: 'copying', version: '1.0.0', description: 'For tests.', options: {}, capabilities: { checkpoints: true, barrier: true },
  milestones: () => ({ interval: 2 }),
  create({ space }) {
    const members = new Map<number, number>();
    const holders = new Map<number, number>();
    const sources = new Map<number, TrialSource>();
    const bad = new Set<number>();
    const over = new Set<number>();
    const place = (member: number): NewTrial => ({ params: space.fromUnit(space.dimensions.map(() => 0.25 + member / 2)), member, because: { kind: 'design', detail: `member ${member}` } });
    const free = (): number | undefined => [0, 1].find((member) => !holders.has(member) && !over.has(member));
    return {
      observe(event) {
        if (event.kind === 'created' && event.member !== undefined) {
          members.set(event.trial, event.member);
          holders.set(event.member, event.trial);
        }
        if (event.kind === 'checkpointed') sources.set(event.trial, { trial: event.trial, checkpoint: event.checkpoint, done: event.done });
        if (event.kind === 'reported' && event.values['loss']! > 5) bad.add(event.trial);
        if (event.kind === 'decided') bad.delete(event.trial);
        if (event.kind !== 'ended') return;
        bad.delete(event.trial);
        const member = members.get(event.trial)!;
        if (holders.get(member) !== event.trial) return;
        holders.delete(member);
        if (event.state === 'completed') over.add(member);
      },
      suggest() {
        const member = free();
        return member === undefined ? undefined : place(member);
      },
      done: () => over.size === 2,
      decisions: () =>
        [...bad].flatMap((trial): Decision[] => {
          const member = members.get(trial)!;
          const donor = holders.get(1 - member);
          const from = donor === undefined || bad.has(donor) ? undefined : sources.get(donor);
          return from ? [{ trial, action: 'replace', by: { ...place(member), from, because: { kind: 'exploit', donor: from.trial, change: 'none' } }, reason: 'above 5' }] : [];
        }),
    };
  },
});

/** Stops whoever reports above 10. */
const cutting: Plugin = defineStopper({
  name: 'cutting', version: '1.0.0', description: 'For tests.', options: {},
  create() {
    const bad = new Set<number>();
    return {
      observe(event) {
        if (event.kind === 'reported' && event.values['loss']! > 10) bad.add(event.trial);
        if (event.kind === 'decided' || event.kind === 'ended') bad.delete(event.trial);
      },
      decisions: () => [...bad].map((trial): Decision => ({ trial, action: 'stop', reason: 'above 10' })),
    };
  },
});

/** Pauses at step 1; of every two paused the better one goes on, and when nobody else comes the best of the rest. */
const halving: Plugin = defineStopper({
  name: 'halving', version: '1.0.0', description: 'For tests.', options: {},
  milestones: () => [1],
  create() {
    const reached = new Map<number, number>();
    const paused = new Set<number>();
    const promoted = new Set<number>();
    let closed = false;
    return {
      observe(event) {
        if (event.kind === 'reported') reached.set(event.trial, Number.isNaN(event.values['loss']!) ? Number.MAX_VALUE : event.values['loss']!);
        if (event.kind === 'yielded' && event.to === 'paused') paused.add(event.trial);
        if (event.kind === 'yielded' && event.to === 'waiting') paused.delete(event.trial);
        if (event.kind === 'resumed') {
          paused.delete(event.trial);
          promoted.add(event.trial);
        }
        if (event.kind === 'ended') paused.delete(event.trial);
        if (event.kind === 'closed') closed = true;
        if (event.kind === 'opened') closed = false;
      },
      decisions: () => [...reached.keys()].filter((trial) => !paused.has(trial) && !promoted.has(trial)).map((trial): Decision => ({ trial, action: 'pause', reason: 'rung 1' })),
      resume() {
        if (promoted.size >= Math.floor(reached.size / 2) && !(closed && promoted.size === 0)) return undefined;
        const [best] = [...paused].sort((a, b) => reached.get(a)! - reached.get(b)! || a - b);
        return best === undefined ? undefined : { resume: best, because: { kind: 'promotion', detail: 'of two' } };
      },
    };
  },
});

/** Plugins that show what the tuner must cope with. */
export const testPlugins: readonly Plugin[] = [drawing, stalling, replacing, copying, cutting, halving];
