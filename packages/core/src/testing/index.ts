// For tests of strategies and stoppers.
export type { AsyncConformanceCase, ConformanceCase } from './conformance-case.js';
export { ConformanceFailure } from './conformance-case.js';
export { createPluginContext } from './plugin-context.js';
export type { PluginContextSetup } from './plugin-context.js';
export type { SampleSpace } from './sample-spaces.js';
export { simulateStudy } from './simulate-study.js';
export type { SimulatedStart, SimulatedTraining, SimulatedTrial, Simulation, SimulationFaults, SimulationSetup } from './simulation.js';
export { stopperCases } from './stopper-cases.js';
export type { StopperTraits } from './stopper-cases.js';
export { strategyCases } from './strategy-cases.js';
export type { StrategyTraits } from './strategy-cases.js';

// For implementations of the ports, and tests that simulate them.
export { clockCases } from './clock-cases.js';
export type { ClockUnderTest } from './clock-cases.js';
export { entropyCases } from './entropy-cases.js';
export { createSeededEntropy } from './seeded-entropy.js';
export { createSimulatedClock } from './simulated-clock.js';
export type { SimulatedClock } from './simulated-clock.js';
