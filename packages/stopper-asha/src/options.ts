import type { OptionsInput } from '@paramo/core';

/** The schema of the options of `asha`. */
export const options = {
  minSteps: {
    type: 'integer', minimum: 1, default: 1,
    description: 'The steps at the first rung: no trial gets fewer. The r of the paper.',
  },
  maxSteps: {
    type: 'integer', minimum: 1,
    description: "The steps of a full trial: who gets there goes on to its end. The R of the paper. Default: the steps of the study's trials; where the study does not say, rungs go on without end.",
  },
  eta: {
    type: 'integer', minimum: 2, default: 3,
    description: 'One of so many goes on from rung to rung, and each rung lies so many times as far as the one before.',
  },
  form: {
    type: 'string', enum: ['stop', 'promote'], default: 'stop',
    description: 'stop: a trial is judged when it gets to a rung, and goes on at once or is stopped for good. promote: it is paused there, and goes on once it is among the best.',
  },
} as const;

/** Options of `asha`. */
export type AshaOptions = OptionsInput<typeof options>;
