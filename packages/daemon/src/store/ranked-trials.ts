import { after, decodeKey, encodeKey, orderedFloat, prefixRange } from './key.js';
import { rankPrefix, tables } from './layout.js';
import type { RankGroup } from './layout.js';
import type { PageCursor } from './page-token.js';
import type { Store } from './store.js';

/** A walk over a study's rank index. */
export interface RankWalk {
  readonly studyId: string;
  /** Worst first. */
  readonly reverse: boolean;
  /** Only places after this one; its value is goal-adjusted. */
  readonly after: PageCursor | undefined;
}

const shape = ['text', 'text', 'text', 'float', 'float', 'count'] as const;

/** The places of all ranked trials of a study over its phases and data shares, in order of goal-adjusted value and number. */
export function* walkRanks(store: Store, walk: RankWalk): Generator<PageCursor> {
  const sign = walk.reverse ? -1 : 1;
  const streams = rankGroups(store, walk.studyId).map((group) => groupPlaces(store, group, walk));
  const heads = streams.map((stream) => stream.next());
  for (;;) {
    let first = -1;
    heads.forEach((head, i) => {
      const best = heads[first];
      if (!head.done && (!best || best.done || sign * comparePlaces(head.value, best.value) < 0)) first = i;
    });
    const head = heads[first];
    if (!head || head.done) return;
    yield head.value;
    heads[first] = streams[first]!.next();
  }
}

/** The groups that have ranked trials; reads one key a group. */
function rankGroups(store: Store, studyId: string): RankGroup[] {
  const groups: RankGroup[] = [];
  const all = prefixRange(tables.rank, studyId);
  let { from } = all;
  for (;;) {
    const [entry] = store.range({ from, to: all.to, limit: 1 });
    if (entry === undefined) return groups;
    const [, , phase, data] = decodeKey(entry[0], shape.slice(0, 4)) as [string, string, string, number];
    groups.push({ phase, data });
    from = after(encodeKey(...rankPrefix(studyId, { phase, data })));
  }
}

function* groupPlaces(store: Store, group: RankGroup, { studyId, reverse, after: last }: RankWalk): Generator<PageCursor, undefined> {
  const prefix = rankPrefix(studyId, group);
  const all = prefixRange(...prefix);
  const at = typeof last?.value === 'number' ? encodeKey(...prefix, orderedFloat(last.value), last.number) : undefined;
  const range = { from: at && !reverse ? after(at) : all.from, to: at && reverse ? at : all.to, reverse };
  for (const [key] of store.range(range)) {
    const [, , , , value, number] = decodeKey(key, shape) as [string, string, string, number, number, number];
    yield { value, number };
  }
  return undefined;
}

function comparePlaces(a: PageCursor, b: PageCursor): number {
  return (a.value as number) - (b.value as number) || a.number - b.number;
}
