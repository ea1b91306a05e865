import { createRandom } from '@paramo/core';

/** The places where something may go wrong. */
export const siteNames = [
  'answer lost', 'call repeated', 'connection broken', 'daemon killed', 'daemon killed at a commit', 'daemon stopped', 'disk full', 'disk nearly full', 'host gone', 'instance dropped', 'message repeated',
  'messages swapped', 'network cut', 'network slow', 'person', 'report replayed', 'request lost', 'stream broken', 'trainer throws', 'wall clock jumps', 'worker killed', 'worker stopped', 'worker told to end',
] as const;

/** One of them. */
export type SiteName = (typeof siteNames)[number];

/** Decides whether something goes wrong. */
export interface Sites {
  /** The sites of this run. */
  readonly enabled: readonly SiteName[];
  /** Whether it goes wrong this time. */
  fires(site: SiteName): boolean;
  /** A number in [0, 1) of the site's own stream: how it goes wrong. */
  draw(site: SiteName): number;
  /** From here on nothing goes wrong any more. */
  heal(): void;
  /** Whether that has begun. */
  readonly healed: boolean;
}

/** A site takes part in a run with this chance, and in one that takes part each occasion is used with this chance. */
const chance = 0.25;

/** The sites of a run. Each has random numbers of its own, so that one more occasion at one of them changes nothing at the others. */
export function createSites(seed: number): Sites {
  const streams = new Map(siteNames.map((name) => [name, createRandom('site', name, seed)]));
  const enabled = siteNames.filter((name) => streams.get(name)!.next() < chance);
  const live = new Set<SiteName>(enabled);
  let healed = false;
  return {
    enabled,
    fires: (site) => live.has(site) && streams.get(site)!.next() < chance,
    draw: (site) => streams.get(site)!.next(),
    heal() {
      healed = true;
      live.clear();
    },
    get healed() {
      return healed;
    },
  };
}
