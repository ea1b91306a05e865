import type { Json } from '../json.js';
import type { Milestones } from '../milestones.js';
import type { Params } from '../params.js';
import type { Plugin } from '../plugin.js';
import { createRandom } from '../random.js';
import { isTerminal } from '../record.js';
import type { Suggestion } from '../strategy.js';
import { isResumption } from '../strategy.js';
import type { CheckpointId, Step } from '../trial-event.js';
import { bowl } from './bowl.js';
import { expectThat } from './conformance-case.js';
import { independentDraws } from './independent-draws.js';
import { createPluginContext, defaultObjectives } from './plugin-context.js';
import type { HostedPlugin, HostedTrial, Role } from './simulated-host.js';
import { createSimulatedHost } from './simulated-host.js';
import type { SimulatedStart, SimulatedTraining, Simulation, SimulationSetup } from './simulation.js';
import { watchPlugin } from './watched-plugin.js';

const maxAttempts = 3;

/** Turns that a step of a trial may take a worker, before the study counts as one that does not end. */
const turnsPerStep = 20;

/**
 * Runs a study from its first trial to its end in this process: a miniature of the real host, with workers that die,
 * users who interfere, and plugins that are dropped and rebuilt. The same setup gives the same simulation.
 * @throws ConformanceFailure as soon as a plugin breaks a rule of its contract.
 */
export function simulateStudy(setup: SimulationSetup): Simulation {
  const { space, stopper, objectives = defaultObjectives, workers = 3, steps = 3, seed = 0, budget, faults = {} } = setup;
  const strategy = setup.strategy ?? independentDraws;
  const random = createRandom('simulation', seed);
  const evaluate = setup.evaluate?.bind(setup) ?? ((params: Params, done: Step) => bowl(space, objectives, params, done));
  const train = setup.train?.bind(setup) ?? (({ trial, params }: SimulatedStart): SimulatedTraining => ({ step: (done) => evaluate(params, done, trial), save: () => null }));
  let trialBudget = budget?.trials ?? Infinity;

  const host = (role: Role, plugin: Plugin, options: SimulationSetup['strategyOptions']): HostedPlugin => {
    const context = createPluginContext(plugin, { space, objectives, seed, steps, ...(options && { options }), ...(budget && { trials: budget.trials }) });
    const milestones = plugin.milestones?.(context);
    expectThat(milestones === undefined || ascending(milestones), `milestones are ${JSON.stringify(milestones)}; they must be whole numbers from 1, ascending`);
    const watched = watchPlugin({
      create: (snapshot) => plugin.create(context, snapshot), random: createRandom('rebuilds', role, seed), rebuild: faults.rebuild ?? 0,
    });
    return { role, plugin: watched, milestones: milestones ?? (role === 'strategy' ? [] : undefined) };
  };
  const strategyHost = host('strategy', strategy, setup.strategyOptions);
  const stopperHost = stopper && host('stopper', stopper, setup.stopperOptions);
  const plugins = stopperHost ? [stopperHost, strategyHost] : [strategyHost];
  const singleMetric = objectives.length === 1 ? objectives[0]!.metric : undefined;
  const study = createSimulatedHost({ space, plugins, singleMetric, random, ...(faults.collect !== undefined && { collect: faults.collect }) });

  const suggestions: Suggestion[] = [];
  const trainings = new Map<HostedTrial, SimulatedTraining>();
  const contents = new Map<CheckpointId, Json>();
  const busy: (HostedTrial | undefined)[] = Array.from({ length: workers }, () => undefined);
  let closed = false;
  let raised = false;
  let wasDone = false;

  const happens = (chance: number | undefined): boolean => chance !== undefined && random.next() < chance;
  const waiting = (): HostedTrial[] => study.trials.filter(({ state }) => state === 'waiting');
  const used = (): number => study.trials.filter(({ state, attempts, successor }) => !successor && (attempts > 0 || !isTerminal(state))).length;
  /** Whether a trial that the budget counts may be created. */
  const admits = (): boolean => !closed && used() < trialBudget;
  /** Whether the strategy may still have something that the budget does not count: a paused trial to go on, a member's successor. */
  const populated = (): boolean => study.trials.some(({ state, pausedBy, own, member }) => (own && member !== undefined) || (state === 'paused' && pausedBy === 'strategy'));

  function suggest(): Suggestion | undefined {
    const suggestion = strategyHost.plugin.suggest();
    expectThat(!(isDone() && suggestion), 'the strategy is done and suggests all the same');
    return suggestion;
  }

  function isDone(): boolean {
    const done = strategyHost.plugin.done();
    expectThat(done || !wasDone, 'the strategy was done and is no longer; done means: never again');
    wasDone = done;
    return done;
  }

  /** Takes one suggestion: resumes the trial it names, or creates a trial that waits, unless the budget is used up. */
  function takeSuggestion(): boolean {
    if (!admits() && !populated()) return false;
    const suggestion = suggest();
    if (!suggestion || !(admits() || isResumption(suggestion) || study.isSuccessor(suggestion))) return false;
    suggestions.push(suggestion);
    if (isResumption(suggestion)) study.resume('strategy', suggestion);
    else study.create('strategy', suggestion);
    study.settle();
    return true;
  }

  function prepare(): void {
    const idle = busy.filter((trial) => !trial).length;
    while (waiting().length < Math.max(1, idle) && takeSuggestion());
  }

  function takeResumption(): boolean {
    const resumption = stopperHost?.plugin.resume();
    if (!resumption) return false;
    study.resume('stopper', resumption);
    study.settle();
    return true;
  }

  function close(): void {
    closed = true;
    study.tell('closed');
    study.settle();
  }

  /** A worker asks: requeued trials, enqueued ones, the stopper's resumption, prepared ones. */
  function ask(worker: number): void {
    const first = (pick: (trial: HostedTrial) => boolean): HostedTrial | undefined => waiting().find(pick);
    let trial = first(({ attempts }) => attempts > 0) ?? first(({ own }) => !own);
    if (!trial && takeResumption()) trial = first(({ attempts }) => attempts > 0);
    if (!trial) prepare();
    trial ??= waiting()[0];
    if (!trial) return;
    busy[worker] = trial;
    study.start(trial);
    const saved = trial.checkpoint === undefined ? undefined : contents.get(trial.checkpoint);
    trainings.set(trial, train({ trial: trial.trial, params: trial.params, done: trial.done, ...(saved !== undefined && { saved: structuredClone(saved) }) }));
    study.settle();
    if (!closed && used() >= trialBudget && !waiting().some(({ attempts, successor }) => attempts === 0 && !successor)) close();
  }

  function step(worker: number): void {
    const trial = busy[worker]!;
    if (trial.standing && !happens(faults.late)) {
      busy[worker] = undefined;
      if (trial.standing === 'pause') study.yield(trial, 'paused');
      else study.end(trial, 'stopped');
    } else if (happens(faults.death)) {
      busy[worker] = undefined;
      if (trial.standing === 'pause') study.yield(trial, 'paused');
      else if (trial.standing) study.end(trial, 'stopped');
      else if (trial.attempts < maxAttempts) study.yield(trial, 'waiting');
      else study.end(trial, 'failed');
    } else if (happens(faults.failure)) {
      busy[worker] = undefined;
      study.end(trial, 'failed');
    } else if (trial.done < (trial.fidelity?.steps ?? steps)) {
      const training = trainings.get(trial)!;
      const values = training.step(trial.done + 1);
      study.report(trial, happens(faults.nan) ? Object.fromEntries(Object.keys(values).map((metric) => [metric, NaN])) : values);
      if (strategy.capabilities?.checkpoints || stopper?.capabilities?.checkpoints || random.next() < 0.2) contents.set(study.checkpoint(trial), structuredClone(training.save()));
    } else {
      busy[worker] = undefined;
      study.end(trial, 'completed');
    }
    study.settle();
  }

  function interfere(): void {
    const live = study.trials.filter(({ state }) => !isTerminal(state));
    if (admits() && happens(faults.enqueue)) {
      const params = space.fromUnit(Float64Array.from(space.dimensions, () => random.next()));
      study.create('user', { params, because: { kind: 'user', detail: 'simulated' } });
    } else if (live.length > 0 && happens(faults.cancel)) {
      const trial = random.pick(live);
      if (busy.includes(trial)) busy[busy.indexOf(trial)] = undefined;
      study.end(trial, 'cancelled');
    } else if (happens(faults.pause)) {
      const running = live.filter(({ state, standing }) => state === 'running' && !standing);
      const paused = live.filter(({ pausedBy, state }) => pausedBy === 'user' && state === 'paused');
      if (paused.length > 0) study.resume('user', { resume: random.pick(paused).trial, because: { kind: 'user', detail: 'simulated' } });
      else if (running.length > 0) study.pauseByUser(random.pick(running));
    }
    study.settle();
  }

  /** Nothing runs and nothing waits: asks once more at the head of the log, and ends the study if that explains itself. */
  function tryToEnd(): boolean {
    study.settle();
    if (takeResumption()) return false;
    prepare();
    if (waiting().length > 0) return false;
    const paused = study.trials.filter(({ state }) => state === 'paused');
    const byUser = paused.find(({ pausedBy }) => pausedBy === 'user');
    if (byUser) {
      study.resume('user', { resume: byUser.trial, because: { kind: 'user', detail: 'simulated' } });
      return false;
    }
    if (!closed) {
      const explained = used() >= trialBudget || isDone();
      expectThat(explained, `the study stalls: nothing runs, nothing waits, ${study.trials.length} trials exist, and the strategy neither suggests nor is done`);
      close();
      return false;
    }
    if (!raised && Number.isFinite(trialBudget) && happens(faults.raise)) {
      raised = true;
      trialBudget += Math.ceil(trialBudget / 2);
      closed = false;
      study.tell('opened');
      study.settle();
      return false;
    }
    for (const trial of paused) study.end(trial, 'stopped');
    study.settle();
    return true;
  }

  const trialLimit = 1000 + 3 * Math.min(trialBudget, Number(space.size ?? Infinity));
  for (let turn = 0; ; turn++) {
    const { length } = study.trials;
    expectThat(length <= trialLimit && turn < turnsPerStep * workers * (steps + 2) * (length + 10), `the study does not end: ${length} trials after ${turn} turns`);
    isDone();
    interfere();
    if (busy.every((trial) => !trial) && waiting().length === 0) {
      if (tryToEnd()) break;
      continue;
    }
    const worker = random.int(workers);
    if (busy[worker]) step(worker);
    else ask(worker);
  }
  for (const { plugin } of plugins) plugin.compareWithRebuilt();

  return {
    trials: study.trials.map(({ trial, own, params, member, from, state, attempts, furthest, values }) => ({
      trial, own, params, ...(member !== undefined && { member }), ...(from && { from }), state, attempts, done: furthest, ...(values && { values }),
    })),
    suggestions,
    decisions: study.decisions,
    strategyEvents: strategyHost.plugin.events,
    stopperEvents: stopperHost?.plugin.events ?? [],
    reason: strategyHost.plugin.done() ? 'done' : 'budget',
  };
}

function ascending(milestones: Milestones): boolean {
  if ('interval' in milestones) return Number.isSafeInteger(milestones.interval) && milestones.interval > 0;
  return milestones.every((milestone, i) => Number.isSafeInteger(milestone) && milestone > (i === 0 ? 0 : milestones[i - 1]!));
}
