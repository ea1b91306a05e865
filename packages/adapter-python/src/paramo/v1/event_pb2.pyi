from paramo.v1 import study_pb2 as _study_pb2
from paramo.v1 import trial_pb2 as _trial_pb2
from paramo.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class YieldReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    YIELD_REASON_UNSPECIFIED: _ClassVar[YieldReason]
    YIELD_REASON_PAUSED: _ClassVar[YieldReason]
    YIELD_REASON_RELEASED: _ClassVar[YieldReason]
    YIELD_REASON_LOST: _ClassVar[YieldReason]
    YIELD_REASON_FAILED: _ClassVar[YieldReason]
YIELD_REASON_UNSPECIFIED: YieldReason
YIELD_REASON_PAUSED: YieldReason
YIELD_REASON_RELEASED: YieldReason
YIELD_REASON_LOST: YieldReason
YIELD_REASON_FAILED: YieldReason

class LogEvent(_message.Message):
    __slots__ = ("position", "wall_ms", "study_created", "study_updated", "study_revised", "era_opened", "trial_created", "trial_started", "trial_reported", "steps_granted", "trial_checkpointed", "trial_decided", "trial_yielded", "trial_resumed", "trial_ended", "trial_retracted", "trial_deleted", "phase_started", "study_closed", "study_opened", "study_ended", "trial_updated")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    STUDY_CREATED_FIELD_NUMBER: _ClassVar[int]
    STUDY_UPDATED_FIELD_NUMBER: _ClassVar[int]
    STUDY_REVISED_FIELD_NUMBER: _ClassVar[int]
    ERA_OPENED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_CREATED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_STARTED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_REPORTED_FIELD_NUMBER: _ClassVar[int]
    STEPS_GRANTED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_CHECKPOINTED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_DECIDED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_YIELDED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_RESUMED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_ENDED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_RETRACTED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_DELETED_FIELD_NUMBER: _ClassVar[int]
    PHASE_STARTED_FIELD_NUMBER: _ClassVar[int]
    STUDY_CLOSED_FIELD_NUMBER: _ClassVar[int]
    STUDY_OPENED_FIELD_NUMBER: _ClassVar[int]
    STUDY_ENDED_FIELD_NUMBER: _ClassVar[int]
    TRIAL_UPDATED_FIELD_NUMBER: _ClassVar[int]
    position: int
    wall_ms: int
    study_created: StudyCreated
    study_updated: StudyUpdated
    study_revised: StudyRevised
    era_opened: EraOpened
    trial_created: TrialCreated
    trial_started: TrialStarted
    trial_reported: TrialReported
    steps_granted: StepsGranted
    trial_checkpointed: TrialCheckpointed
    trial_decided: TrialDecided
    trial_yielded: TrialYielded
    trial_resumed: TrialResumed
    trial_ended: TrialEnded
    trial_retracted: TrialRetracted
    trial_deleted: TrialDeleted
    phase_started: PhaseStarted
    study_closed: StudyClosed
    study_opened: StudyOpened
    study_ended: StudyEnded
    trial_updated: TrialUpdated
    def __init__(self, position: _Optional[int] = ..., wall_ms: _Optional[int] = ..., study_created: _Optional[_Union[StudyCreated, _Mapping]] = ..., study_updated: _Optional[_Union[StudyUpdated, _Mapping]] = ..., study_revised: _Optional[_Union[StudyRevised, _Mapping]] = ..., era_opened: _Optional[_Union[EraOpened, _Mapping]] = ..., trial_created: _Optional[_Union[TrialCreated, _Mapping]] = ..., trial_started: _Optional[_Union[TrialStarted, _Mapping]] = ..., trial_reported: _Optional[_Union[TrialReported, _Mapping]] = ..., steps_granted: _Optional[_Union[StepsGranted, _Mapping]] = ..., trial_checkpointed: _Optional[_Union[TrialCheckpointed, _Mapping]] = ..., trial_decided: _Optional[_Union[TrialDecided, _Mapping]] = ..., trial_yielded: _Optional[_Union[TrialYielded, _Mapping]] = ..., trial_resumed: _Optional[_Union[TrialResumed, _Mapping]] = ..., trial_ended: _Optional[_Union[TrialEnded, _Mapping]] = ..., trial_retracted: _Optional[_Union[TrialRetracted, _Mapping]] = ..., trial_deleted: _Optional[_Union[TrialDeleted, _Mapping]] = ..., phase_started: _Optional[_Union[PhaseStarted, _Mapping]] = ..., study_closed: _Optional[_Union[StudyClosed, _Mapping]] = ..., study_opened: _Optional[_Union[StudyOpened, _Mapping]] = ..., study_ended: _Optional[_Union[StudyEnded, _Mapping]] = ..., trial_updated: _Optional[_Union[TrialUpdated, _Mapping]] = ...) -> None: ...

class StudyCreated(_message.Message):
    __slots__ = ("study_id", "spec")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    spec: _study_pb2.StudySpec
    def __init__(self, study_id: _Optional[str] = ..., spec: _Optional[_Union[_study_pb2.StudySpec, _Mapping]] = ...) -> None: ...

class StudyUpdated(_message.Message):
    __slots__ = ("budget", "rules", "labels", "state", "reason", "name")
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    budget: _study_pb2.Budget
    rules: _study_pb2.StudyRules
    labels: Labels
    state: _study_pb2.StudyState
    reason: str
    name: str
    def __init__(self, budget: _Optional[_Union[_study_pb2.Budget, _Mapping]] = ..., rules: _Optional[_Union[_study_pb2.StudyRules, _Mapping]] = ..., labels: _Optional[_Union[Labels, _Mapping]] = ..., state: _Optional[_Union[_study_pb2.StudyState, str]] = ..., reason: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class Labels(_message.Message):
    __slots__ = ("labels",)
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LABELS_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.ScalarMap[str, str]
    def __init__(self, labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class StudyRevised(_message.Message):
    __slots__ = ("revision", "plan")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    revision: int
    plan: _study_pb2.StudyPlan
    def __init__(self, revision: _Optional[int] = ..., plan: _Optional[_Union[_study_pb2.StudyPlan, _Mapping]] = ...) -> None: ...

class PluginIdentity(_message.Message):
    __slots__ = ("package", "version")
    PACKAGE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    package: str
    version: str
    def __init__(self, package: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class EraOpened(_message.Message):
    __slots__ = ("era", "revision", "strategy", "stopper", "reason")
    ERA_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    STOPPER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    era: int
    revision: int
    strategy: PluginIdentity
    stopper: PluginIdentity
    reason: str
    def __init__(self, era: _Optional[int] = ..., revision: _Optional[int] = ..., strategy: _Optional[_Union[PluginIdentity, _Mapping]] = ..., stopper: _Optional[_Union[PluginIdentity, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class TrialCreated(_message.Message):
    __slots__ = ("trial", "by", "params", "revision", "seen", "because", "fidelity", "seed", "member", "memo_json", "phase", "retry_of", "attributes_json")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    MEMO_JSON_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    RETRY_OF_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    trial: int
    by: _trial_pb2.Origin
    params: _value_pb2.Params
    revision: int
    seen: int
    because: _value_pb2.Explanation
    fidelity: _value_pb2.Fidelity
    seed: int
    member: int
    memo_json: str
    phase: str
    retry_of: int
    attributes_json: str
    def __init__(self, trial: _Optional[int] = ..., by: _Optional[_Union[_trial_pb2.Origin, str]] = ..., params: _Optional[_Union[_value_pb2.Params, _Mapping]] = ..., revision: _Optional[int] = ..., seen: _Optional[int] = ..., because: _Optional[_Union[_value_pb2.Explanation, _Mapping]] = ..., fidelity: _Optional[_Union[_value_pb2.Fidelity, _Mapping]] = ..., seed: _Optional[int] = ..., member: _Optional[int] = ..., memo_json: _Optional[str] = ..., phase: _Optional[str] = ..., retry_of: _Optional[int] = ..., attributes_json: _Optional[str] = ..., **kwargs) -> None: ...

class TrialStarted(_message.Message):
    __slots__ = ("trial", "attempt", "done", "worker", "request_id", "lease_ms")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    trial: int
    attempt: int
    done: int
    worker: _value_pb2.Worker
    request_id: str
    lease_ms: int
    def __init__(self, trial: _Optional[int] = ..., attempt: _Optional[int] = ..., done: _Optional[int] = ..., worker: _Optional[_Union[_value_pb2.Worker, _Mapping]] = ..., request_id: _Optional[str] = ..., lease_ms: _Optional[int] = ...) -> None: ...

class TrialReported(_message.Message):
    __slots__ = ("trial", "attempt", "done", "values", "milestone")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    MILESTONE_FIELD_NUMBER: _ClassVar[int]
    trial: int
    attempt: int
    done: int
    values: _value_pb2.Values
    milestone: int
    def __init__(self, trial: _Optional[int] = ..., attempt: _Optional[int] = ..., done: _Optional[int] = ..., values: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., milestone: _Optional[int] = ...) -> None: ...

class StepsGranted(_message.Message):
    __slots__ = ("trial", "attempt", "through")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    THROUGH_FIELD_NUMBER: _ClassVar[int]
    trial: int
    attempt: int
    through: int
    def __init__(self, trial: _Optional[int] = ..., attempt: _Optional[int] = ..., through: _Optional[int] = ...) -> None: ...

class TrialCheckpointed(_message.Message):
    __slots__ = ("trial", "attempt", "checkpoint", "done", "values", "size")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    trial: int
    attempt: int
    checkpoint: str
    done: int
    values: _value_pb2.Values
    size: int
    def __init__(self, trial: _Optional[int] = ..., attempt: _Optional[int] = ..., checkpoint: _Optional[str] = ..., done: _Optional[int] = ..., values: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., size: _Optional[int] = ...) -> None: ...

class TrialDecided(_message.Message):
    __slots__ = ("trial", "action", "by", "reason", "seen", "replacement")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_FIELD_NUMBER: _ClassVar[int]
    trial: int
    action: _trial_pb2.DecidedAction
    by: _trial_pb2.Origin
    reason: str
    seen: int
    replacement: int
    def __init__(self, trial: _Optional[int] = ..., action: _Optional[_Union[_trial_pb2.DecidedAction, str]] = ..., by: _Optional[_Union[_trial_pb2.Origin, str]] = ..., reason: _Optional[str] = ..., seen: _Optional[int] = ..., replacement: _Optional[int] = ...) -> None: ...

class TrialYielded(_message.Message):
    __slots__ = ("trial", "attempt", "paused", "why", "done", "reason")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    trial: int
    attempt: int
    paused: bool
    why: YieldReason
    done: int
    reason: str
    def __init__(self, trial: _Optional[int] = ..., attempt: _Optional[int] = ..., paused: bool = ..., why: _Optional[_Union[YieldReason, str]] = ..., done: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class TrialResumed(_message.Message):
    __slots__ = ("trial", "by", "because", "seen", "over", "over_from")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    OVER_FIELD_NUMBER: _ClassVar[int]
    OVER_FROM_FIELD_NUMBER: _ClassVar[int]
    trial: int
    by: _trial_pb2.Origin
    because: _value_pb2.Explanation
    seen: int
    over: _trial_pb2.Trial
    over_from: int
    def __init__(self, trial: _Optional[int] = ..., by: _Optional[_Union[_trial_pb2.Origin, str]] = ..., because: _Optional[_Union[_value_pb2.Explanation, _Mapping]] = ..., seen: _Optional[int] = ..., over: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ..., over_from: _Optional[int] = ...) -> None: ...

class TrialEnded(_message.Message):
    __slots__ = ("trial", "attempt", "state", "done", "reason", "value", "at", "values", "metrics", "error", "request_id")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    trial: int
    attempt: int
    state: _trial_pb2.TrialState
    done: int
    reason: str
    value: float
    at: int
    values: _value_pb2.Values
    metrics: _value_pb2.Values
    error: _trial_pb2.TrialError
    request_id: str
    def __init__(self, trial: _Optional[int] = ..., attempt: _Optional[int] = ..., state: _Optional[_Union[_trial_pb2.TrialState, str]] = ..., done: _Optional[int] = ..., reason: _Optional[str] = ..., value: _Optional[float] = ..., at: _Optional[int] = ..., values: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., metrics: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., error: _Optional[_Union[_trial_pb2.TrialError, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class TrialRetracted(_message.Message):
    __slots__ = ("trial", "reason")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    trial: int
    reason: str
    def __init__(self, trial: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class TrialUpdated(_message.Message):
    __slots__ = ("trial", "attributes_json")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    trial: int
    attributes_json: str
    def __init__(self, trial: _Optional[int] = ..., attributes_json: _Optional[str] = ...) -> None: ...

class TrialDeleted(_message.Message):
    __slots__ = ("trial",)
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    trial: int
    def __init__(self, trial: _Optional[int] = ...) -> None: ...

class PhaseStarted(_message.Message):
    __slots__ = ("phase", "index")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    phase: str
    index: int
    def __init__(self, phase: _Optional[str] = ..., index: _Optional[int] = ...) -> None: ...

class StudyClosed(_message.Message):
    __slots__ = ("reason", "detail")
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    reason: _study_pb2.EndReason
    detail: str
    def __init__(self, reason: _Optional[_Union[_study_pb2.EndReason, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class StudyOpened(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class StudyEnded(_message.Message):
    __slots__ = ("reason", "detail", "error_code", "error_message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: _study_pb2.EndReason
    detail: str
    error_code: str
    error_message: str
    def __init__(self, reason: _Optional[_Union[_study_pb2.EndReason, str]] = ..., detail: _Optional[str] = ..., error_code: _Optional[str] = ..., error_message: _Optional[str] = ...) -> None: ...
