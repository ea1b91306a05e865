from paramo.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TrialState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRIAL_STATE_UNSPECIFIED: _ClassVar[TrialState]
    TRIAL_STATE_WAITING: _ClassVar[TrialState]
    TRIAL_STATE_RUNNING: _ClassVar[TrialState]
    TRIAL_STATE_PAUSED: _ClassVar[TrialState]
    TRIAL_STATE_COMPLETED: _ClassVar[TrialState]
    TRIAL_STATE_STOPPED: _ClassVar[TrialState]
    TRIAL_STATE_FAILED: _ClassVar[TrialState]
    TRIAL_STATE_CANCELLED: _ClassVar[TrialState]

class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIGIN_UNSPECIFIED: _ClassVar[Origin]
    ORIGIN_STRATEGY: _ClassVar[Origin]
    ORIGIN_STOPPER: _ClassVar[Origin]
    ORIGIN_USER: _ClassVar[Origin]

class DecidedAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECIDED_ACTION_UNSPECIFIED: _ClassVar[DecidedAction]
    DECIDED_ACTION_STOP: _ClassVar[DecidedAction]
    DECIDED_ACTION_PAUSE: _ClassVar[DecidedAction]
    DECIDED_ACTION_REPLACE: _ClassVar[DecidedAction]

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_CONTINUE: _ClassVar[Verdict]
    VERDICT_STOP: _ClassVar[Verdict]
    VERDICT_PAUSE: _ClassVar[Verdict]
    VERDICT_FENCED: _ClassVar[Verdict]
    VERDICT_ENDED: _ClassVar[Verdict]
TRIAL_STATE_UNSPECIFIED: TrialState
TRIAL_STATE_WAITING: TrialState
TRIAL_STATE_RUNNING: TrialState
TRIAL_STATE_PAUSED: TrialState
TRIAL_STATE_COMPLETED: TrialState
TRIAL_STATE_STOPPED: TrialState
TRIAL_STATE_FAILED: TrialState
TRIAL_STATE_CANCELLED: TrialState
ORIGIN_UNSPECIFIED: Origin
ORIGIN_STRATEGY: Origin
ORIGIN_STOPPER: Origin
ORIGIN_USER: Origin
DECIDED_ACTION_UNSPECIFIED: DecidedAction
DECIDED_ACTION_STOP: DecidedAction
DECIDED_ACTION_PAUSE: DecidedAction
DECIDED_ACTION_REPLACE: DecidedAction
VERDICT_UNSPECIFIED: Verdict
VERDICT_CONTINUE: Verdict
VERDICT_STOP: Verdict
VERDICT_PAUSE: Verdict
VERDICT_FENCED: Verdict
VERDICT_ENDED: Verdict

class Trial(_message.Message):
    __slots__ = ("study_id", "number", "state", "params", "revision", "by", "because", "fidelity", "seed", "member", "phase", "retry_of", "attributes_json", "attempt", "done", "value", "at", "values", "metrics", "reason", "error", "worker", "lost", "created_ms", "started_ms", "ended_ms", "checkpoint", "retracted")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    RETRY_OF_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    STARTED_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_MS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    number: int
    state: TrialState
    params: _value_pb2.Params
    revision: int
    by: Origin
    because: _value_pb2.Explanation
    fidelity: _value_pb2.Fidelity
    seed: int
    member: int
    phase: str
    retry_of: int
    attributes_json: str
    attempt: int
    done: int
    value: float
    at: int
    values: _value_pb2.Values
    metrics: _value_pb2.Values
    reason: str
    error: TrialError
    worker: _value_pb2.Worker
    lost: int
    created_ms: int
    started_ms: int
    ended_ms: int
    checkpoint: _value_pb2.TrialSource
    retracted: bool
    def __init__(self, study_id: _Optional[str] = ..., number: _Optional[int] = ..., state: _Optional[_Union[TrialState, str]] = ..., params: _Optional[_Union[_value_pb2.Params, _Mapping]] = ..., revision: _Optional[int] = ..., by: _Optional[_Union[Origin, str]] = ..., because: _Optional[_Union[_value_pb2.Explanation, _Mapping]] = ..., fidelity: _Optional[_Union[_value_pb2.Fidelity, _Mapping]] = ..., seed: _Optional[int] = ..., member: _Optional[int] = ..., phase: _Optional[str] = ..., retry_of: _Optional[int] = ..., attributes_json: _Optional[str] = ..., attempt: _Optional[int] = ..., done: _Optional[int] = ..., value: _Optional[float] = ..., at: _Optional[int] = ..., values: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., metrics: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., reason: _Optional[str] = ..., error: _Optional[_Union[TrialError, _Mapping]] = ..., worker: _Optional[_Union[_value_pb2.Worker, _Mapping]] = ..., lost: _Optional[int] = ..., created_ms: _Optional[int] = ..., started_ms: _Optional[int] = ..., ended_ms: _Optional[int] = ..., checkpoint: _Optional[_Union[_value_pb2.TrialSource, _Mapping]] = ..., retracted: bool = ..., **kwargs) -> None: ...

class TrialError(_message.Message):
    __slots__ = ("message", "stack")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    message: str
    stack: str
    def __init__(self, message: _Optional[str] = ..., stack: _Optional[str] = ...) -> None: ...

class Milestones(_message.Message):
    __slots__ = ("every", "steps", "barrier", "intervals")
    EVERY_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    BARRIER_FIELD_NUMBER: _ClassVar[int]
    INTERVALS_FIELD_NUMBER: _ClassVar[int]
    every: bool
    steps: _containers.RepeatedScalarFieldContainer[int]
    barrier: bool
    intervals: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, every: bool = ..., steps: _Optional[_Iterable[int]] = ..., barrier: bool = ..., intervals: _Optional[_Iterable[int]] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("trial", "attempt", "lease_ms", "granted_through", "resume", "milestones", "checkpoints")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_THROUGH_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    MILESTONES_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    trial: Trial
    attempt: int
    lease_ms: int
    granted_through: int
    resume: _value_pb2.TrialSource
    milestones: Milestones
    checkpoints: Milestones
    def __init__(self, trial: _Optional[_Union[Trial, _Mapping]] = ..., attempt: _Optional[int] = ..., lease_ms: _Optional[int] = ..., granted_through: _Optional[int] = ..., resume: _Optional[_Union[_value_pb2.TrialSource, _Mapping]] = ..., milestones: _Optional[_Union[Milestones, _Mapping]] = ..., checkpoints: _Optional[_Union[Milestones, _Mapping]] = ...) -> None: ...

class SeriesColumns(_message.Message):
    __slots__ = ("name", "steps", "values", "times_ms")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    TIMES_MS_FIELD_NUMBER: _ClassVar[int]
    name: str
    steps: _containers.RepeatedScalarFieldContainer[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    times_ms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., steps: _Optional[_Iterable[int]] = ..., values: _Optional[_Iterable[float]] = ..., times_ms: _Optional[_Iterable[int]] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("study_id", "trial", "attempt", "sequence", "series", "done", "cost")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    trial: int
    attempt: int
    sequence: int
    series: _containers.RepeatedCompositeFieldContainer[SeriesColumns]
    done: int
    cost: float
    def __init__(self, study_id: _Optional[str] = ..., trial: _Optional[int] = ..., attempt: _Optional[int] = ..., sequence: _Optional[int] = ..., series: _Optional[_Iterable[_Union[SeriesColumns, _Mapping]]] = ..., done: _Optional[int] = ..., cost: _Optional[float] = ...) -> None: ...

class AttemptUpdate(_message.Message):
    __slots__ = ("study_id", "trial", "attempt", "acked_sequence", "decided_done", "verdict", "reason", "granted_through")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ACKED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_DONE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GRANTED_THROUGH_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    trial: int
    attempt: int
    acked_sequence: int
    decided_done: int
    verdict: Verdict
    reason: str
    granted_through: int
    def __init__(self, study_id: _Optional[str] = ..., trial: _Optional[int] = ..., attempt: _Optional[int] = ..., acked_sequence: _Optional[int] = ..., decided_done: _Optional[int] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., reason: _Optional[str] = ..., granted_through: _Optional[int] = ...) -> None: ...
