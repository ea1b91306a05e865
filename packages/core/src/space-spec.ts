import { checkSpaceSpec } from './check-space-spec.js';
import { openSpace } from './space.js';
import type { Space } from './space.js';

export type { Condition, ParameterSpec, SpaceSpec } from './parameter-spec.js';

/**
 * The space that JSON describes, fully checked: for specs that were stored, sent, or written in another language.
 * `scale` may be left out (linear), and so may `when` (always active).
 * @throws ParamoError INVALID_SPACE naming the parameter, what is wrong, and what to do.
 */
export function createSpace(spec: unknown): Space {
  return openSpace(checkSpaceSpec(spec));
}
