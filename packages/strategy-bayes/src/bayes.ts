import { createRequire } from 'node:module';
import type { Explanation, Json, NewTrial, OptionsInput, OptionsOf, Params, PluginContext, PluginReference, Strategy, StrategyPlugin } from '@paramo/core';
import { createSobolSequence, defineStrategy } from '@paramo/core';
import { createEncoding } from './encoding.js';
import { logExpectedImprovement } from './log-expected-improvement.js';
import type { Acquisition } from './maximise-acquisition.js';
import { maximiseAcquisition } from './maximise-acquisition.js';
import { createSeenPoints } from './seen-points.js';
import { createSurrogate } from './surrogate.js';
import type { EarlierFit, Surrogate } from './surrogate.js';
import { createTrialResults } from './trial-results.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** Of a finite space with no more free points than this, every one is weighed. */
const mostWeighed = 512;
/** How many points of the design are looked at for one that no trial has. */
const mostDraws = 64;
/** Every so many trials the fit starts from the first guess too. */
const restartEvery = 5;

const options = {
  start: {
    type: 'integer',
    minimum: 1,
    description: 'How many trials to spread evenly before the model chooses, the first one (the defaults or the centre) included. Default: one more than there are parameters, from 5 to 10.',
  },
} as const;

/** Options of `bayes`. */
export type BayesOptions = OptionsInput<typeof options>;

/** Names Bayesian optimisation for a study: `strategy: bayes()`. */
export function bayes(given: BayesOptions = {}): PluginReference {
  return { name: 'bayes', options: { ...given } };
}

/**
 * Bayesian optimisation: a Gaussian process of the results so far, and the point where it expects the largest improvement
 * on them, in logarithms. Begins with the space's defaults (or its centre) and scrambled Sobol points. A point of a
 * finite space is proposed once; when all of them have been, the strategy is done.
 */
export const bayesStrategy: StrategyPlugin<typeof options> = defineStrategy({
  name: 'bayes',
  version,
  description: 'Bayesian optimisation: learns a model of the results and tries where it expects most.',
  options,
  capabilities: { conditional: true },
  create,
});

function create(context: PluginContext<OptionsOf<typeof options>>): Strategy {
  const { space } = context;
  const sign = context.objectives[0]!.goal === 'min' ? 1 : -1;
  const encoding = createEncoding(space);
  const start = context.options.start ?? Math.max(5, Math.min(10, encoding.size + 1));
  const design = createSobolSequence(context);
  const defaults = space.defaults();
  const first: { readonly params: Params; readonly because: Explanation } = defaults
    ? { params: defaults, because: { kind: 'default' } }
    : { params: space.center(), because: { kind: 'design', detail: 'the centre of the space' } };

  const seen = createSeenPoints(space);
  const results = createTrialResults(sign);
  let created = 0;
  let own = 0;
  let earlier: EarlierFit | undefined;
  // The answer at the present position: asked again, it need not be computed again.
  let answer: { readonly suggestion: NewTrial | undefined } | undefined;

  /** The next Sobol point that no trial has; the first one follows the first trial. */
  function fromDesign(): NewTrial {
    const next = Math.max(0, own - 1);
    for (let index = next; index < next + mostDraws; index++) {
      const params = space.fromUnit(design(index));
      if (!seen.has(params)) return { params, because: { kind: 'design', detail: `sobol point ${index}` } };
    }
    const free = seen.free(mostWeighed);
    if (free.length > 0) return { params: context.random('rest', own).pick(free), because: { kind: 'design', detail: 'one of the last free points' } };
    return { params: space.fromUnit(design(next)), because: { kind: 'design', detail: `sobol point ${next}` } };
  }

  function fromModel(model: Surrogate): NewTrial {
    const params = mostPromising(model);
    if (!params) return fromDesign();
    const { mean, sd } = model.process.predict(encoding.encode(params));
    const [low, middle, high] = [mean - sd, mean, mean + sd].map((target) => sign * model.restore(target)) as [number, number, number];
    return {
      params,
      memo: { hyperparameters: [...model.fit.hyperparameters], results: model.fit.results },
      because: { kind: 'model', mean: middle, sd: Math.abs(high / 2 - low / 2), acquisition: 'log expected improvement' },
    };
  }

  /** The point of largest acquisition that no trial has. */
  function mostPromising({ process, points, best }: Surrogate): Params | undefined {
    const [meanGradient, sdGradient] = [new Float64Array(encoding.size), new Float64Array(encoding.size)];
    const acquisition: Acquisition = {
      at: (point) => {
        const { mean, sd } = process.predict(point);
        return logExpectedImprovement(mean, sd, best).value;
      },
      withGradient: (point, gradient) => {
        const { mean, sd } = process.predictWithGradient(point, meanGradient, sdGradient);
        const { value, byMean, bySd } = logExpectedImprovement(mean, sd, best);
        for (let axis = 0; axis < gradient.length; axis++) gradient[axis] = byMean * meanGradient[axis]! + bySd * sdGradient[axis]!;
        return value;
      },
    };
    if (seen.remaining() <= mostWeighed) {
      const scored = seen.free(mostWeighed).map((params) => ({ params, score: acquisition.at(encoding.encode(params)) }));
      return scored.reduce((most, candidate) => (candidate.score > most.score ? candidate : most)).params;
    }
    for (const { point } of maximiseAcquisition(acquisition, encoding, points, context.random('acquisition', own))) {
      const params = encoding.decode(point);
      if (!seen.has(params)) return params;
    }
    return undefined;
  }

  function suggest(): NewTrial | undefined {
    if (seen.full()) return undefined;
    if (own === 0 && created < start && !seen.has(first.params)) return first;
    const model = created < start ? undefined : createSurrogate({ encoding, results, earlier, restart: own % restartEvery === 0 });
    return model ? fromModel(model) : fromDesign();
  }

  return {
    observe: (event) => {
      answer = undefined;
      results.observe(event);
      if (event.kind !== 'created') return;
      seen.add(event.params);
      created++;
      if (!event.own) return;
      own++;
      earlier = readFit(event.memo, encoding.size) ?? earlier;
    },
    suggest: () => (answer ??= { suggestion: suggest() }).suggestion,
    done: () => seen.full(),
  };
}

/** The fit in a trial's memo, unless it belongs to a space of another size. */
function readFit(memo: Json | undefined, dimensions: number): EarlierFit | undefined {
  const { hyperparameters, results } = (memo ?? {}) as { readonly hyperparameters?: readonly number[]; readonly results?: number };
  if (hyperparameters?.length !== dimensions + 2 || results === undefined) return undefined;
  return { hyperparameters: Float64Array.from(hyperparameters), results };
}
