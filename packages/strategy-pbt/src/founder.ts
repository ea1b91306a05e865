import type { NewTrial } from '@paramo/core';
import type { PbtContext, PbtRules } from './rules.js';

/**
 * The first trial of a member: of the params given for founders that of its number; after those the space's defaults, where
 * it has any; else a uniform draw. Stream and params depend on the member alone.
 */
export function createFounder({ space, random }: PbtContext, { founders }: PbtRules, member: number): NewTrial {
  const given = founders[member];
  if (given) return { params: given, member, because: { kind: 'design', detail: `founder ${member}, as given` } };
  const defaults = member === founders.length ? space.defaults() : undefined;
  if (defaults) return { params: defaults, member, because: { kind: 'default' } };
  return { ...drawFresh({ space, random }, member, 0), because: { kind: 'design', detail: `founder ${member}, drawn from the space` } };
}

/** A uniform draw for a member of which `generation` trials have been created. */
export function drawFresh({ space, random }: Pick<PbtContext, 'space' | 'random'>, member: number, generation: number): Pick<NewTrial, 'params' | 'member'> {
  const stream = random('fresh', member, generation);
  return { params: space.fromUnit(space.dimensions.map(() => stream.next())), member };
}
