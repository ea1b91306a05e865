import { describe, expect, test } from 'vitest';
import type { PluginContext, StrategyPlugin } from '../plugin.js';
import { defineStrategy } from '../plugin.js';
import { createRandom } from '../random.js';
import type { Strategy, Suggestion } from '../strategy.js';
import type { TrialEvent, TrialId } from '../trial-event.js';
import { strategyCases } from './strategy-cases.js';

/** A strategy without fault: draws points that no trial has, and is done when there are none. */
function soundStrategy({ space, random }: PluginContext): Strategy {
  const seen = new Set<string>();
  let own = 0;
  return {
    observe: (event) => {
      if (event.kind !== 'created') return;
      seen.add(space.key(event.params));
      if (event.own) own++;
    },
    suggest: (): Suggestion | undefined => {
      if (space.size !== undefined && BigInt(seen.size) >= space.size) return undefined;
      const stream = random('trial', own);
      for (;;) {
        const params = space.fromUnit(Float64Array.from(space.dimensions, () => stream.next()));
        if (!seen.has(space.key(params))) return { params, memo: { own }, because: { kind: 'design', detail: 'a draw' } };
      }
    },
    done: () => space.size !== undefined && BigInt(seen.size) >= space.size,
  };
}

function plugin(create: StrategyPlugin['create'], more: Partial<StrategyPlugin> = {}): StrategyPlugin {
  return defineStrategy({ name: 'sample', version: '1.0.0', description: 'A sample.', options: {}, capabilities: { conditional: true, multiObjective: true }, create, ...more });
}

/** The sound strategy with something changed. */
function changed(change: (sound: Strategy, context: PluginContext, snapshot?: Uint8Array) => Partial<Strategy>, more: Partial<StrategyPlugin> = {}): StrategyPlugin {
  return plugin((context, snapshot) => {
    const sound = soundStrategy(context);
    return { ...sound, ...change(sound, context, snapshot) };
  }, more);
}

function failures(broken: StrategyPlugin): string {
  const messages = strategyCases(broken).flatMap(({ name, run }) => {
    try {
      run();
      return [];
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  });
  return messages.join('\n');
}

/** Decides by what `decide` says about each trial, as long as the log does not show it. */
function deciding(action: 'stop' | 'pause', decide: (event: TrialEvent) => TrialId | undefined, reason: string, forget = true): StrategyPlugin {
  return changed((sound) => {
    const due = new Set<TrialId>();
    return {
      observe: (event) => {
        sound.observe(event);
        if (forget && (event.kind === 'decided' || event.kind === 'ended')) due.delete(event.trial);
        const trial = decide(event);
        if (trial !== undefined) due.add(trial);
      },
      decisions: () => [...due].map((trial) => ({ trial, action, reason })),
    };
  });
}

describe('a sound strategy', () => {
  for (const { name, run } of strategyCases(plugin(soundStrategy))) test(name, run);

  test('one that stops trials passes too', () => {
    expect(failures(deciding('stop', (event) => (event.kind === 'created' && event.trial % 3 === 0 ? event.trial : undefined), 'every third is one too many'))).toBe('');
  });
});

describe('the kit catches a strategy that', () => {
  const broken: readonly (readonly [string, StrategyPlugin, RegExp])[] = [
    ['moves a cursor in suggest', plugin((context) => {
      const sound = soundStrategy(context);
      let cursor = 0;
      return { ...sound, suggest: () => ({ params: context.space.fromUnit(context.space.dimensions.map(() => context.random(cursor++).next())), because: { kind: 'design', detail: '' } }) };
    }), /suggest is not pure/],
    ['moves a cursor in done', changed(() => { let asked = 0; return { done: () => asked++ > 20 }; }), /done is not pure|is done and suggests/],
    ['keeps what it must remember in a private field', changed((sound, { space }) => {
      let draft = 0;
      let warmth = 0.5;
      return {
        observe: (event) => {
          sound.observe(event);
          if (event.kind === 'created' && event.own) warmth = (warmth + draft) / 2;
        },
        suggest: () => {
          const suggestion = sound.suggest();
          if (suggestion && 'params' in suggestion) draft = space.toUnit(suggestion.params)[0]!;
          return suggestion && { ...suggestion, because: { kind: 'design', detail: `warmth ${warmth}` } };
        },
      };
    }), /rebuilt from the log.*suggest of the one before/],
    ['repeats points', plugin((context) => {
      let own = 0;
      const done = (): boolean => context.space.size !== undefined && BigInt(own) >= context.space.size;
      return {
        observe: (event) => { if (event.kind === 'created' && event.own) own++; },
        suggest: () => (done() ? undefined : { params: context.space.center(), because: { kind: 'design', detail: `${own}` } }),
        done,
      };
    }), /repeats/],
    ['draws from Math.random', changed((_, { space }) => ({
      suggest: () => ({ params: space.fromUnit(space.dimensions.map(() => Math.random())), because: { kind: 'design', detail: '' } }),
    })), /called Math\.random.*context\.random/],
    ['reads the clock', changed(() => ({ done: () => Date.now() < 0 })), /called Date\.now/],
    // What a plugin gets that brings its own generator.
    ['gives the same trials for any seed', changed((_, context) => soundStrategy({ ...context, random: (...key) => createRandom(...key) })), /different seeds are the same/],
    ['decides without a reason', deciding('stop', (event) => (event.kind === 'started' ? event.trial : undefined), ''), /without a reason/],
    ['decides about trials that have ended', deciding('stop', (event) => (event.kind === 'ended' ? event.trial : undefined), 'too late'), /which has ended/],
    ['repeats a decision that the log shows', deciding('stop', (event) => (event.kind === 'started' ? event.trial : undefined), 'stop', false), /which the log already shows/],
    ['decides about trials that do not exist', deciding('stop', () => 1_000, 'who?'), /does not exist/],
    ['stalls', changed((sound) => {
      let own = 0;
      return {
        observe: (event) => { sound.observe(event); if (event.kind === 'created') own++; },
        suggest: () => (own < 3 ? sound.suggest() : undefined),
        done: () => false,
      };
    }), /stalls/],
    ['is done and suggests all the same', changed(() => ({ done: () => true })), /is done and suggests/],
    ['is done for a while only', changed((sound) => {
      let last: TrialEvent | undefined;
      const done = (): boolean => sound.done() || (last?.kind === 'started' && last.trial === 1);
      return { observe: (event) => { last = event; sound.observe(event); }, done, suggest: () => (done() ? undefined : sound.suggest()) };
    }), /never again/],
    ['leaves the space', changed((_, { space }) => ({
      suggest: () => ({ params: { ...space.center(), extra: 1 }, because: { kind: 'design', detail: '' } }),
    })), /does not lie in the space/],
    ['does not give its params in canonical form', changed((sound) => ({
      suggest: () => {
        const suggestion = sound.suggest();
        return suggestion && 'params' in suggestion ? { ...suggestion, params: Object.fromEntries(Object.entries(suggestion.params).reverse()) } : suggestion;
      },
    })), /not canonical/],
    ['does not say why', changed((sound) => ({ suggest: () => { const s = sound.suggest(); return s && ({ ...s, because: undefined } as unknown as Suggestion); } })), /does not say why/],
    ['keeps in a memo what JSON cannot hold', changed((sound) => ({ suggest: () => { const s = sound.suggest(); return s && ({ ...s, memo: { mean: NaN } }); } })), /memo did not survive/],
    ['cannot take trials of others', changed((sound) => ({
      observe: (event) => { if (event.kind === 'created' && !event.own) throw new Error('who made this?'); sound.observe(event); },
    })), /who made this/],
    ['cannot take a failed trial', changed((sound) => ({
      observe: (event) => { if (event.kind === 'ended' && event.state === 'failed') throw new Error('no value'); sound.observe(event); },
    })), /no value/],
    ['changes an event', changed((sound) => ({ observe: (event) => { if (event.kind === 'created') (event.params as Record<string, unknown>)['x'] = 0; sound.observe(event); } })), /read only|not extensible/],
    ['forgets in a snapshot', changed(() => ({ snapshot: () => new Uint8Array() })), /made from a snapshot.*differs/],
    ['gives milestones that do not ascend', plugin(soundStrategy, { milestones: () => [4, 2] }), /milestones are \[4,2\]/],
    ['resumes a trial that is not paused', changed((sound) => {
      let created = false;
      return { observe: (event) => { sound.observe(event); created ||= event.kind === 'created'; }, suggest: () => (created ? { resume: 0, because: { kind: 'promotion', detail: '' } } : sound.suggest()) };
    }), /resumes trial 0, which is/],
    ['has no proper version', plugin(soundStrategy, { version: 'newest' }), /its version is "newest"/],
  ];

  test.each(broken)('%s', (_, strategy, message) => {
    expect(failures(strategy)).toMatch(message);
  });
});
