// For training code and studies.
export { bool, branch, choice, float, int, isParamoError, ordinal, ParamoError, space } from '@paramo/core';
export type { ErrorCode, ObjectiveInput, Params, ParamsOf, ParamValue, Space } from '@paramo/core';
export { connect } from './connect.js';
export type { Connection, ConnectOptions } from './connect.js';
export type { AskOptions, WaitingAskOptions } from './ask-and-tell.js';
export type { Duration } from './duration.js';
export { findStudy, openStudy } from './open-study.js';
export type { ConnectionOption } from './open-study.js';
export type { ParameterImportance } from './importance.js';
export type { Outcome } from './outcome.js';
export type { PluginChoice, StopperChoice, StrategyChoice } from './plugin-choice.js';
export type { Series, SeriesOptions } from './series.js';
export type { EnqueueOptions, FrontStudy, ImportanceOptions, SingleStudy, Study, StudyBase, TrialsOptions } from './study.js';
export type { BudgetOptions, CommonStudyOptions, StudyOptions, TrackingStudyOptions } from './study-options.js';
export type { BestTrial, FrontTrial, MetricsOf, StudyTrial } from './study-trial.js';
export { track } from './track.js';
export type { TrackOptions } from './track.js';
export type { SaveInto } from './checkpoints/save-checkpoint.js';
export type { CheckpointOptions, ResumePoint, StopNotice, Trial } from './trial.js';
export { tune } from './tune.js';
export type { Tuned, TunedBest, TunedFront, TuneRunOptions } from './tune.js';
export type { WatchOptions } from './watch-study.js';

// For other parts of Paramo, and programs that speak the protocol themselves.
export { createConnection } from './connect.js';
export type { ConnectionPorts } from './connect.js';
export { readDaemonFile } from './daemon-file.js';
export type { DaemonFile } from './daemon-file.js';
export { createGrpcTransport } from './grpc-transport.js';
export type { DaemonAddress } from './grpc-transport.js';
export { findHome } from './home.js';
export type { Environment } from './home.js';
export type { Link, LinkCallOptions } from './link.js';
export type { LostPoints, Reporter } from './reporter.js';
export type { WorkFolder } from './checkpoints/work-folder.js';
export type { Warnings } from './warning.js';
