import type { Json } from '../json.js';
import type { StrategyPlugin } from '../plugin.js';
import { isResumption } from '../strategy.js';
import type { ConformanceCase } from './conformance-case.js';
import { expectThat } from './conformance-case.js';
import { pluginCases } from './plugin-cases.js';
import { renderAnswer } from './render-answer.js';
import type { SampleSpace } from './sample-spaces.js';
import { sampleSpaces } from './sample-spaces.js';
import { simulateStudy } from './simulate-study.js';
import type { Simulation, SimulationSetup } from './simulation.js';

/** What a strategy promises beyond the contract, and how much to run. */
export interface StrategyTraits {
  /** Options to run with. */
  readonly options?: Readonly<Record<string, Json>>;
  /** Proposes every point of a finite space once, none twice, and is then done. Default true. */
  readonly exhausts?: boolean;
  /** Another seed gives other trials. Default true. */
  readonly seeded?: boolean;
  /** Studies simulated a case. Default 5. */
  readonly runs?: number;
  /** The budget of each. Default 20. */
  readonly trials?: number;
  /** Spaces to run on beside those of the kit. */
  readonly spaces?: readonly SampleSpace[];
}

/**
 * The strategy contract as cases: run each in a test of its own. Each one simulates whole studies and throws a
 * ConformanceFailure at the first broken rule. Conditional spaces and several objectives are tried where declared.
 */
export function strategyCases(plugin: StrategyPlugin, traits: StrategyTraits = {}): readonly ConformanceCase[] {
  const { options = {}, exhausts = true, seeded = true, runs = 5, trials = 20, spaces = [] } = traits;
  const samples = [...sampleSpaces(), ...spaces].filter(({ conditional }) => !conditional || plugin.capabilities?.conditional);

  const simulate = (sample: SampleSpace, more: Partial<SimulationSetup>): Simulation =>
    simulateStudy({ space: sample.space, strategy: plugin, strategyOptions: options, budget: { trials }, ...more });
  const eachSeed = (action: (seed: number) => void): void => {
    for (let seed = 1; seed <= runs; seed++) action(seed);
  };

  const bySpace = samples.flatMap((sample): ConformanceCase[] => {
    const { name, space } = sample;
    return [
      {
        name: `in a ${name} space it suggests canonical points and comes to an end`,
        run: () => eachSeed((seed) => {
          const { trials: made, reason } = simulate(sample, { seed });
          const started = made.filter(({ attempts }) => attempts > 0).length;
          expectThat(reason === 'done' || started >= trials, `${started} of ${trials} trials were started, and the strategy was not done`);
        }),
      },
      {
        name: `in a ${name} space it answers the same when rebuilt after any event`,
        run: () => void simulate(sample, { seed: 1, faults: { rebuild: 1, death: 0.1, enqueue: 0.05 } }),
      },
      {
        name: `in a ${name} space it gets over deaths, failures, cancellations, pauses, NaN, raised budgets and trials of others`,
        run: () => eachSeed((seed) => void simulate(sample, {
          seed, workers: 1 + (seed % 8),
          faults: { death: 0.1, failure: 0.1, cancel: 0.03, nan: 0.2, enqueue: 0.1, pause: 0.05, late: 0.3, raise: 0.5, rebuild: 0.05 },
        })),
      },
      {
        name: `in a ${name} space it makes the same trials again from the same seed`,
        run: () => {
          const [first, second] = [simulate(sample, { seed: 7 }), simulate(sample, { seed: 7 })];
          expectThat(renderAnswer(first.suggestions) === renderAnswer(second.suggestions), 'two studies with one seed differ');
        },
      },
      ...(exhausts && space.size !== undefined && space.size < 1000n
        ? [{
            name: `in a ${name} space it proposes every point once, none twice, and is then done`,
            run: () => eachSeed((seed) => expectExhaustion(sample, simulateStudy({
              space, strategy: plugin, strategyOptions: options, seed, workers: seed, faults: { death: 0.1, failure: 0.1, cancel: 0.03, enqueue: 0.02, rebuild: 0.05 },
            }))),
          }]
        : []),
    ];
  });

  const several: ConformanceCase = {
    name: 'it takes several objectives',
    run: () => eachSeed((seed) => void simulate(samples[1]!, {
      seed, objectives: [{ metric: 'loss', goal: 'min', at: 'last' }, { metric: 'accuracy', goal: 'max', at: 'last' }],
      faults: { failure: 0.1, nan: 0.2, rebuild: 0.1 },
    })),
  };
  const maximizes: ConformanceCase = {
    name: 'it takes an objective to maximize',
    run: () => eachSeed((seed) => void simulate(samples[1]!, { seed, objectives: [{ metric: 'accuracy', goal: 'max', at: 'last' }], faults: { nan: 0.2, rebuild: 0.1 } })),
  };
  const differs: ConformanceCase = {
    name: 'another seed gives other trials',
    run: () => {
      const [first, second] = [1, 2].map((seed) => renderAnswer(paramsOf(simulate(samples[0]!, { seed, workers: 1 }))));
      expectThat(first !== second, 'two studies with different seeds are the same');
    },
  };
  return [...pluginCases(plugin, options), ...bySpace, maximizes, ...(plugin.capabilities?.multiObjective ? [several] : []), ...(seeded ? [differs] : [])];
}

function paramsOf({ suggestions }: Simulation): unknown[] {
  return suggestions.flatMap((suggestion) => (isResumption(suggestion) ? [] : [suggestion.params]));
}

function expectExhaustion({ space }: SampleSpace, { trials, reason }: Simulation): void {
  const seen = new Set<string>();
  for (const { own, params, trial } of trials) {
    const key = space.key(params);
    expectThat(!own || !seen.has(key), `trial ${trial} repeats ${JSON.stringify(params)}`);
    seen.add(key);
  }
  expectThat(reason === 'done', 'the space is used up, and the strategy is not done');
  expectThat(BigInt(seen.size) === space.size, `${seen.size} of ${space.size} points were proposed`);
}
