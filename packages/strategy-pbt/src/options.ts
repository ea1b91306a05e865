import type { OptionsInput } from '@paramo/core';

/** The schema of the options of `pbt`. */
export const options = {
  population: {
    type: 'integer', minimum: 2,
    description: 'How many members train side by side. Default: budget.trials where the study has one, else 8.',
  },
  every: {
    type: 'integer', minimum: 1,
    description: "How many steps a member trains before it is compared with the others (the paper's ready interval). Default: a twentieth of the steps of the study's trials.",
  },
  exploit: {
    type: 'string', enum: ['truncation', 'tournament', 'ttest'], default: 'truncation',
    description: 'Who is replaced by whom. truncation: one of the worst by one of the best. tournament: a member by another one, drawn at random, whose value is better. ttest: the same, if the mean of its last 10 values is better beyond chance (p < 0.05).',
  },
  quantile: {
    type: 'number', exclusiveMinimum: 0, maximum: 0.5, default: 0.25,
    description: 'The share of the members that are the worst, and of those that are the best.',
  },
  explore: {
    type: 'string', enum: ['perturb', 'resample', 'none'], default: 'perturb',
    description: "What becomes of the donor's params. perturb: each one is multiplied by one of the factors, or drawn anew. resample: each one is drawn anew. none: they stay as they are.",
  },
  factors: {
    type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, minItems: 1, default: [0.8, 1.2],
    description: 'What a param may be multiplied by, each factor with the same chance. An ordinal moves to its neighbour: up with a factor above 1, down with one below.',
  },
  resample: {
    type: 'number', minimum: 0, maximum: 1, default: 0.25,
    description: 'The chance of each param to be drawn anew from the space in place of being perturbed. What cannot be perturbed (a choice, a bool, 0) is always drawn anew; with 0, nothing ever is.',
  },
  mutate: {
    type: 'array', items: { type: 'string' }, minItems: 1,
    description: 'The names of the params that change; the others stay as the donor has them. Default: all.',
  },
  founders: {
    type: 'array', items: { type: 'object' },
    description: "Params of the first members. Default: the space's defaults for one member; all the others are drawn from the space.",
  },
  synchronous: {
    type: 'boolean', default: false,
    description: 'Whether nobody trains on before all members have got to the same milestone. Slower; the same for any number of workers.',
  },
} as const;

/** Options of `pbt`. */
export type PbtOptions = OptionsInput<typeof options>;
