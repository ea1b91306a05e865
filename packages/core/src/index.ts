// For training code and studies.
export { branch } from './branch.js';
export type { Arm, ArmSpace, Branch, BranchParams, ParamsOfRecord } from './branch.js';
export { errorCodes } from './error-code.js';
export type { ErrorAdvice, ErrorCode, ErrorCodeEntry } from './error-code.js';
export type { Json } from './json.js';
export type { Direction, IsSingle, MetricNames, Objective, ObjectiveGoal, ObjectiveInput, ObjectiveString, ValueAt } from './objective.js';
export { bool, choice, float, int, ordinal } from './parameter.js';
export type { BoolParameter, ChoiceParameter, FloatOptions, FloatParameter, IntOptions, IntParameter, OrdinalParameter, Parameter, ParameterValue, Scale } from './parameter.js';
export type { Params, ParamValue } from './params.js';
export { isParamoError, ParamoError } from './paramo-error.js';
export type { ParamoErrorParts } from './paramo-error.js';
export type { PluginReference } from './plugin.js';
export { space } from './space.js';
export type { ParamsOf, Space } from './space.js';

// For strategies and stoppers.
export { ln, exp, expm1, log1p, pow, sin, cos, erf, erfc, normalPdf, normalCdf, logNormalCdf, normalQuantile } from './numeric.js';
export { isBetter } from './objective.js';
export type { NumberBounds, OptionItemSchema, OptionSchema, OptionsInput, OptionsOf, OptionsSchema } from './options.js';
export { defineStopper, defineStrategy, isPlugin, pluginApiVersion } from './plugin.js';
export type { Capabilities, Plugin, PluginContext, PluginDefinition, StopperPlugin, StrategyPlugin } from './plugin.js';
export type { PointSequence } from './point-sequence.js';
export { createRandom } from './random.js';
export type { Random } from './random.js';
export { milestonePassed } from './milestones.js';
export type { Milestones } from './milestones.js';
export { sobolDimensions } from './joe-kuo.js';
export { createSobolSequence } from './sobol-sequence.js';
export { isResumption } from './strategy.js';
export type { Decision, Explanation, NewTrial, Resumption, Stopper, Strategy, Suggestion } from './strategy.js';
export type { Actor, CheckpointId, CheckpointedEvent, CreatedEvent, DecidedAction, DecidedEvent, EndedEvent, EventPosition, Fidelity, ReportedEvent, ResumedEvent, StartedEvent, Step, TerminalState, TrialEvent, TrialId, TrialSource, TrialState, Values, YieldedEvent } from './trial-event.js';

// For the daemon, the client and other parts of Paramo.
export { sleep } from './clock.js';
export type { CancelTimer, Clock } from './clock.js';
export { createUlid, drawFraction, drawSeed } from './entropy.js';
export type { Entropy } from './entropy.js';
export { canonicalJson } from './json.js';
export type { LogEntry, LogEvent, OverRun, PluginIdentity, TrialCreated, TrialEnded, YieldReason } from './log-event.js';
export type { Origin } from './origin.js';
export type { Worker } from './worker.js';
export { formatPlugin } from './log-event.js';
export { nearMiss } from './near-miss.js';
export { formatObjective, parseObjective } from './objective.js';
export { optionsJsonSchema, resolveOptions } from './options.js';
export { createSpace } from './space-spec.js';
export type { Condition, ParameterSpec, SpaceSpec } from './space-spec.js';
export type { Dimension, UnitMapping } from './unit-cube.js';
export { defaultRules } from './study-spec.js';
export type { Budget, EndReason, StudyPhase, StudyPlan, StudyRules, StudySpec, StudyState } from './study-spec.js';
export { isSystemMetric } from './system-metric.js';
export { isTerminal } from './record.js';
export type { Spent, StudyRecord, TrialCounts, TrialRecord } from './record.js';
