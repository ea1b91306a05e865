// For training code and studies: the SDK, so that one package is enough.
export { bool, branch, choice, connect, findStudy, float, int, isParamoError, openStudy, ordinal, ParamoError, space, track, tune } from '@paramo/client';
export type {
  AskOptions, BestTrial, BudgetOptions, CommonStudyOptions, Connection, ConnectionOption, ConnectOptions, Duration, EnqueueOptions, ErrorCode, FrontStudy, FrontTrial, MetricsOf, ObjectiveInput,
  Outcome, Params, ParamsOf, ParamValue, PluginChoice, Series, SeriesOptions, SingleStudy, Space, StopNotice, StopperChoice, StrategyChoice, Study, StudyBase, StudyOptions, StudyTrial,
  TrackingStudyOptions, TrackOptions, Trial, TrialsOptions, Tuned, TunedBest, TunedFront, TuneRunOptions, WaitingAskOptions, WatchOptions,
} from '@paramo/client';
