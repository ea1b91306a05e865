// For programs that speak the protocol themselves: messages, service definitions and clients as generated from the .proto files.
export { ArtifactHeader, ArtifactServiceClient, ArtifactServiceService, GetArtifactRequest, GetArtifactResponse, ListArtifactsRequest, ListArtifactsResponse, PutArtifactRequest, PutArtifactResponse } from './gen/paramo/v1/artifact_service.js';
export { CheckpointFile, CheckpointHeader, CheckpointListing, CheckpointManifest, CheckpointServiceClient, CheckpointServiceService, GetCheckpointRequest, GetCheckpointResponse, ListCheckpointsRequest, ListCheckpointsResponse, MissingChunks, PutCheckpointRequest, PutCheckpointResponse, StoredCheckpoint } from './gen/paramo/v1/checkpoint_service.js';
export { EraOpened, Labels, LogEvent, PhaseStarted, PluginIdentity, StepsGranted, StudyClosed, StudyCreated, StudyEnded, StudyOpened, StudyRevised, StudyUpdated, TrialCheckpointed, TrialCreated, TrialDecided, TrialDeleted, TrialEnded, TrialReported, TrialResumed, TrialRetracted, TrialStarted, TrialUpdated, TrialYielded, YieldReason } from './gen/paramo/v1/event.js';
export { ListSeriesRequest, ListSeriesResponse, MetricServiceClient, MetricServiceService, SeriesInfo, StreamSeriesRequest, StreamSeriesResponse } from './gen/paramo/v1/metric_service.js';
export { AppendOutputRequest, AppendOutputResponse, OutputChunk, OutputRecord, OutputServiceClient, OutputServiceService, OutputStream, ReadOutputRequest, ReadOutputResponse } from './gen/paramo/v1/output_service.js';
export { ListPluginsRequest, ListPluginsResponse, PluginInfo, PluginKind, PluginServiceClient, PluginServiceService } from './gen/paramo/v1/plugin_service.js';
export { CheckHealthRequest, CheckHealthResponse, CompactRequest, CompactResponse, GetServerInfoRequest, GetServerInfoResponse, HealthFinding, ReplayOutcome, ReplayRequest, ReplayResponse, ServerServiceClient, ServerServiceService, ShutdownRequest, ShutdownResponse } from './gen/paramo/v1/server_service.js';
export { BoolParameter, ChoiceParameter, Condition, FloatParameter, IntParameter, OrdinalParameter, Parameter, Scale, Space } from './gen/paramo/v1/space.js';
export { SpoolOwner, SpoolRecord } from './gen/paramo/v1/spool.js';
export { Budget, EndReason, Goal, Objective, Phase, Spent, Study, StudyPlan, StudyRules, StudySpec, StudyState, TrialCounts } from './gen/paramo/v1/study.js';
export { DeleteStudyRequest, DeleteStudyResponse, GetStudyRequest, GetStudyResponse, ListStudiesRequest, ListStudiesResponse, OpenMode, OpenStudyRequest, OpenStudyResponse, StudyServiceClient, StudyServiceService, UpdateStudyRequest, UpdateStudyResponse, WatchRequest, WatchResponse } from './gen/paramo/v1/study_service.js';
export { Assignment, AttemptUpdate, Batch, DecidedAction, Milestones, Origin, SeriesColumns, Trial, TrialError, TrialState, Verdict } from './gen/paramo/v1/trial.js';
export { AskRequest, AskResponse, AttachRequest, AttachResponse, AttemptKey, BatchRefusal, CompleteRequest, CompleteResponse, ControlAction, ControlRequest, ControlResponse, EnqueueRequest, EnqueueResponse, FailRequest, FailResponse, GetTrialRequest, GetTrialResponse, ImportRequest, ImportResponse, ListTrialsRequest, ListTrialsResponse, NoTrialReason, ReleaseRequest, ReleaseResponse, ReportOnceRequest, ReportOnceResponse, ReportRequest, ReportResponse, TrialServiceClient, TrialServiceService, UpdateTrialRequest, UpdateTrialResponse } from './gen/paramo/v1/trial_service.js';
export { DefaultReason, DesignReason, ErrorDetail, Explanation, ExploitReason, Fidelity, ModelReason, ParamValue, Params, PluginReference, PromotionReason, TrialSource, UserReason, Values, Worker } from './gen/paramo/v1/value.js';
export { fileDescriptorSetBase64 } from './gen/file-descriptor-set.js';

// For the daemon, the client and other parts of Paramo.
export { errorMetadataKey, fromServiceError, toServiceError } from './error-mapping.js';
export type { ServiceFailure } from './error-mapping.js';
export { bindService } from './service-binding.js';
export type { BoundMethod, CallContext, ClientStreamHandler, DuplexHandler, ServerStreamHandler, ServiceBinding, ServiceHandlers, UnaryHandler } from './service-binding.js';
export type { CallOptions, Transport } from './transport.js';
export { decodeBatch, encodeBatch, encodedBatchOf, reportOfEncoded, spoolRecordOfEncoded } from './encoded-batch.js';
export type { BatchToEncode, EncodedBatch, SeriesOfDoubles } from './encoded-batch.js';
export { decodeLogEvent, encodeLogEvent, logEventFromMessage, logEventToMessage } from './event-mapping.js';
export {
  explanationFromMessage, explanationToMessage, fidelityFromMessage, fidelityToMessage, labelsFromMessage, labelsToMessage, paramsFromMessage,
  paramsToMessage, paramValueFromMessage, paramValueToMessage, pluginReferenceFromMessage, pluginReferenceToMessage, trialSourceFromMessage,
  trialSourceToMessage, valuesFromMessage, valuesToMessage, workerFromMessage, workerToMessage,
} from './params-mapping.js';
export { checkedName, countFromMessage, countToMessage } from './check-field.js';
export { readReport } from './read-report.js';
export type { Numeric } from './read-report.js';
export { checkManifest, checkpointName, chunksOf, comparePaths, defaultChunkBytes, sizeOf } from './checkpoint-manifest.js';
export type { Chunk } from './checkpoint-manifest.js';
export { jsonObjectFromMessage, jsonObjectToMessage } from './json-field.js';
export type { EnumMapping } from './enum-mapping.js';
export { spaceFromMessage, spaceToMessage } from './space-mapping.js';
export {
  budgetFromMessage, budgetToMessage, endReasons, studyPlanFromMessage, studyPlanToMessage, studyRulesFromMessage, studyRulesToMessage,
  studySpecFromMessage, studySpecToMessage, studyStates,
} from './study-mapping.js';
export type { StudySpecDefaults } from './study-mapping.js';
export { studyRecordFromMessage, studyRecordToMessage } from './study-record-mapping.js';
export { decidedActions, origins, trialErrorFromMessage, trialErrorToMessage, trialRecordFromMessage, trialRecordToMessage, trialStates } from './trial-mapping.js';
