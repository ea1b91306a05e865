import type { Direction } from '@paramo/core';
import { isBetter } from '@paramo/core';
import { isLive } from './member.js';
import type { Member } from './member.js';

/** The live members that have a value, best first. NaN is last; of equal values the lower member number is better. */
export function rank(members: Iterable<Member>, goal: Direction): readonly Member[] {
  const ranked = [...members].filter((member) => isLive(member) && member.value !== undefined);
  return ranked.sort((a, b) => (isBetter(a.value!, b.value!, goal) ? -1 : isBetter(b.value!, a.value!, goal) ? 1 : a.number - b.number));
}
