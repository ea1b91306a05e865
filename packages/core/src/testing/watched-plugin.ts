import type { Random } from '../random.js';
import type { Decision, Resumption, Stopper, Strategy, Suggestion } from '../strategy.js';
import type { TrialEvent } from '../trial-event.js';
import { expectThat } from './conformance-case.js';
import { trapImpurity } from './impurity-trap.js';
import { renderAnswer } from './render-answer.js';

/** A strategy or a stopper: what the two have in common, and what each has alone. */
type Instance = Partial<Omit<Strategy, 'observe'>> & Partial<Omit<Stopper, 'observe'>> & Pick<Strategy, 'observe'>;

/** How to watch an instance, and how often to drop it. */
export interface WatchSetup {
  /** Creates a fresh instance, or one from a snapshot. */
  create(snapshot?: Uint8Array): Strategy | Stopper;
  readonly random: Random;
  /** The chance after each event that the instance is compared with rebuilt ones and one of them goes on in its place. */
  readonly rebuild: number;
}

/** An instance whose every answer is asked for twice, and which is dropped and rebuilt at random. */
export interface WatchedPlugin {
  /** All events folded in so far. */
  readonly events: readonly TrialEvent[];
  observe(event: TrialEvent): void;
  suggest(): Suggestion | undefined;
  done(): boolean;
  decisions(): readonly Decision[];
  resume(): Resumption | undefined;
  /** Compares the instance with one rebuilt from the log and, where it has snapshots, one made from a snapshot. */
  compareWithRebuilt(): void;
}

/** Creates an instance and watches it. Every broken rule throws a ConformanceFailure that says at which event. */
export function watchPlugin({ create, random, rebuild }: WatchSetup): WatchedPlugin {
  const events: TrialEvent[] = [];
  let live: Instance = trapImpurity(() => create());

  const where = (): string => `after event ${events.length}${events.length > 0 ? ` (${events.at(-1)!.kind})` : ''}`;

  function askTwice<T>(what: string, ask: () => T): T {
    return trapImpurity(() => {
      const first = ask();
      const [once, twice] = [renderAnswer(first), renderAnswer(ask())];
      expectThat(once === twice, `${what} is not pure: ${where()} it answered ${once}, and asked again ${twice}. Only observe may change state.`);
      return first;
    });
  }

  function replayed(): Instance {
    const fresh: Instance = create();
    for (const event of events) fresh.observe(event);
    return fresh;
  }

  function compare(other: Instance, how: string): void {
    const differs = (what: string, a: unknown, b: unknown): void => {
      const [ours, theirs] = [renderAnswer(a), renderAnswer(b)];
      expectThat(ours === theirs, `an instance ${how} ${where()} differs: ${what} of the one before is ${ours}, of the new one ${theirs}. State must follow from the events alone; what must survive rides in memo.`);
    };
    differs('done', live.done?.(), other.done?.());
    differs('decisions', live.decisions?.() ?? [], other.decisions?.() ?? []);
    differs('resume', live.resume?.(), other.resume?.());
    differs('suggest', live.suggest?.(), other.suggest?.());
  }

  function compareWithRebuilt(): void {
    trapImpurity(() => {
      const candidates: Instance[] = [live, replayed()];
      compare(candidates[1]!, 'rebuilt from the log');
      const snapshot = live.snapshot?.();
      if (snapshot) {
        candidates.push(create(snapshot.slice()));
        compare(candidates[2]!, 'made from a snapshot');
      }
      live = random.pick(candidates);
    });
  }

  return {
    events,
    observe: (event) => {
      deepFreeze(event);
      events.push(event);
      trapImpurity(() => live.observe(event));
      if (random.next() < rebuild) compareWithRebuilt();
    },
    suggest: () => askTwice('suggest', () => live.suggest?.()),
    done: () => askTwice('done', () => live.done?.() ?? false),
    decisions: () => askTwice('decisions', () => live.decisions?.() ?? []),
    resume: () => askTwice('resume', () => live.resume?.()),
    compareWithRebuilt,
  };
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
