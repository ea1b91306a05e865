import type { Json } from '../json.js';
import type { Objective } from '../objective.js';
import type { StopperPlugin } from '../plugin.js';
import type { ConformanceCase } from './conformance-case.js';
import { expectThat } from './conformance-case.js';
import { pluginCases } from './plugin-cases.js';
import { renderAnswer } from './render-answer.js';
import { sampleSpaces } from './sample-spaces.js';
import { simulateStudy } from './simulate-study.js';
import type { Simulation, SimulationSetup } from './simulation.js';

/** How to run a stopper, and how much. */
export interface StopperTraits {
  /** Options to run with. */
  readonly options?: Readonly<Record<string, Json>>;
  /** Studies simulated a case. Default 5. */
  readonly runs?: number;
  /** The budget of each. Default 30. */
  readonly trials?: number;
  /** Steps of a full trial. Default 9. */
  readonly steps?: number;
}

const goals: readonly Objective[] = [{ metric: 'loss', goal: 'min', at: 'last' }, { metric: 'accuracy', goal: 'max', at: 'last' }];

/** The stopper contract as cases: run each in a test of its own. Several objectives are tried where declared. */
export function stopperCases(plugin: StopperPlugin, traits: StopperTraits = {}): readonly ConformanceCase[] {
  const { options = {}, runs = 5, trials = 30, steps = 9 } = traits;
  const space = sampleSpaces()[0]!.space;
  const simulate = (more: Partial<SimulationSetup>): Simulation =>
    simulateStudy({ space, stopper: plugin, stopperOptions: options, budget: { trials }, steps, ...more });
  const eachSeed = (action: (seed: number) => void): void => {
    for (let seed = 1; seed <= runs; seed++) action(seed);
  };

  const byGoal = goals.flatMap((objective): ConformanceCase[] => {
    const objectives = [objective];
    const study = `of a study that asks for ${objective.goal} ${objective.metric}`;
    return [
      {
        name: `every trial ${study} comes to an end, with all the steps it was not denied`,
        run: () => eachSeed((seed) => {
          const { trials: ended } = simulate({ objectives, seed });
          expectThat(ended.length === trials, `${ended.length} of ${trials} trials were made`);
          for (const { trial, state, done } of ended) expectThat(state === 'stopped' || (state === 'completed' && done === steps), `trial ${trial} is ${state} after ${done} steps`);
          expectThat(ended.some(({ state }) => state === 'completed'), 'no trial was completed');
        }),
      },
      {
        name: `the answers ${study} are the same when it is rebuilt after any event`,
        run: () => void simulate({ objectives, seed: 1, faults: { rebuild: 1, death: 0.1, nan: 0.1 } }),
      },
      {
        name: `the stopper ${study} gets over deaths, failures, cancellations, pauses, NaN, late workers and raised budgets`,
        run: () => eachSeed((seed) => void simulate({
          objectives, seed, workers: 1 + (seed % 8),
          faults: { death: 0.1, failure: 0.05, cancel: 0.03, nan: 0.1, enqueue: 0.1, pause: 0.05, late: 0.3, raise: 0.5, rebuild: 0.05 },
        })),
      },
      {
        name: `the decisions ${study} are the same again from the same seed`,
        run: () => {
          const [first, second] = [simulate({ objectives, seed: 7 }), simulate({ objectives, seed: 7 })];
          expectThat(renderAnswer(first.decisions) === renderAnswer(second.decisions), 'two studies with one seed differ');
        },
      },
    ];
  });
  const onlyNaN: ConformanceCase = {
    name: 'a study in which every value is NaN comes to an end',
    run: () => void simulate({ seed: 1, faults: { nan: 1 } }),
  };
  const several: ConformanceCase = {
    name: 'it takes several objectives',
    run: () => eachSeed((seed) => void simulate({ seed, objectives: goals, faults: { nan: 0.1, rebuild: 0.1 } })),
  };
  return [...pluginCases(plugin, options), ...byGoal, onlyNaN, ...(plugin.capabilities?.multiObjective ? [several] : [])];
}
