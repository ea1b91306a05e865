from paramo.v1 import trial_pb2 as _trial_pb2
from paramo.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NoTrialReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NO_TRIAL_REASON_UNSPECIFIED: _ClassVar[NoTrialReason]
    NO_TRIAL_REASON_NOT_NOW: _ClassVar[NoTrialReason]
    NO_TRIAL_REASON_ENDED: _ClassVar[NoTrialReason]
    NO_TRIAL_REASON_PAUSED: _ClassVar[NoTrialReason]
    NO_TRIAL_REASON_HOST_HELD: _ClassVar[NoTrialReason]

class ControlAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTROL_ACTION_UNSPECIFIED: _ClassVar[ControlAction]
    CONTROL_ACTION_STOP: _ClassVar[ControlAction]
    CONTROL_ACTION_PAUSE: _ClassVar[ControlAction]
    CONTROL_ACTION_RESUME: _ClassVar[ControlAction]
    CONTROL_ACTION_CANCEL: _ClassVar[ControlAction]
    CONTROL_ACTION_RETRACT: _ClassVar[ControlAction]
    CONTROL_ACTION_DELETE: _ClassVar[ControlAction]
NO_TRIAL_REASON_UNSPECIFIED: NoTrialReason
NO_TRIAL_REASON_NOT_NOW: NoTrialReason
NO_TRIAL_REASON_ENDED: NoTrialReason
NO_TRIAL_REASON_PAUSED: NoTrialReason
NO_TRIAL_REASON_HOST_HELD: NoTrialReason
CONTROL_ACTION_UNSPECIFIED: ControlAction
CONTROL_ACTION_STOP: ControlAction
CONTROL_ACTION_PAUSE: ControlAction
CONTROL_ACTION_RESUME: ControlAction
CONTROL_ACTION_CANCEL: ControlAction
CONTROL_ACTION_RETRACT: ControlAction
CONTROL_ACTION_DELETE: ControlAction

class AskRequest(_message.Message):
    __slots__ = ("study_id", "revision", "worker", "request_id", "wait_ms")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    revision: int
    worker: _value_pb2.Worker
    request_id: str
    wait_ms: int
    def __init__(self, study_id: _Optional[str] = ..., revision: _Optional[int] = ..., worker: _Optional[_Union[_value_pb2.Worker, _Mapping]] = ..., request_id: _Optional[str] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class AskResponse(_message.Message):
    __slots__ = ("assignment", "none", "detail")
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    assignment: _trial_pb2.Assignment
    none: NoTrialReason
    detail: str
    def __init__(self, assignment: _Optional[_Union[_trial_pb2.Assignment, _Mapping]] = ..., none: _Optional[_Union[NoTrialReason, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class EnqueueRequest(_message.Message):
    __slots__ = ("study_id", "params", "request_id", "fidelity", "seed", "attributes_json", "retry_of", "start_for", "resume")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    RETRY_OF_FIELD_NUMBER: _ClassVar[int]
    START_FOR_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    params: _value_pb2.Params
    request_id: str
    fidelity: _value_pb2.Fidelity
    seed: int
    attributes_json: str
    retry_of: int
    start_for: _value_pb2.Worker
    resume: int
    def __init__(self, study_id: _Optional[str] = ..., params: _Optional[_Union[_value_pb2.Params, _Mapping]] = ..., request_id: _Optional[str] = ..., fidelity: _Optional[_Union[_value_pb2.Fidelity, _Mapping]] = ..., seed: _Optional[int] = ..., attributes_json: _Optional[str] = ..., retry_of: _Optional[int] = ..., start_for: _Optional[_Union[_value_pb2.Worker, _Mapping]] = ..., resume: _Optional[int] = ...) -> None: ...

class EnqueueResponse(_message.Message):
    __slots__ = ("trial", "assignment")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    trial: _trial_pb2.Trial
    assignment: _trial_pb2.Assignment
    def __init__(self, trial: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ..., assignment: _Optional[_Union[_trial_pb2.Assignment, _Mapping]] = ...) -> None: ...

class AttachRequest(_message.Message):
    __slots__ = ("attempt", "writer_id")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    WRITER_ID_FIELD_NUMBER: _ClassVar[int]
    attempt: AttemptKey
    writer_id: str
    def __init__(self, attempt: _Optional[_Union[AttemptKey, _Mapping]] = ..., writer_id: _Optional[str] = ...) -> None: ...

class AttachResponse(_message.Message):
    __slots__ = ("assignment", "taken")
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    assignment: _trial_pb2.Assignment
    taken: bool
    def __init__(self, assignment: _Optional[_Union[_trial_pb2.Assignment, _Mapping]] = ..., taken: bool = ...) -> None: ...

class GetTrialRequest(_message.Message):
    __slots__ = ("study_id", "number")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    number: int
    def __init__(self, study_id: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...

class GetTrialResponse(_message.Message):
    __slots__ = ("trial",)
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    trial: _trial_pb2.Trial
    def __init__(self, trial: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ...) -> None: ...

class ListTrialsRequest(_message.Message):
    __slots__ = ("study_id", "filter", "order", "page_size", "page_token")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    filter: str
    order: str
    page_size: int
    page_token: str
    def __init__(self, study_id: _Optional[str] = ..., filter: _Optional[str] = ..., order: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTrialsResponse(_message.Message):
    __slots__ = ("trials", "next_page_token")
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    trials: _containers.RepeatedCompositeFieldContainer[_trial_pb2.Trial]
    next_page_token: str
    def __init__(self, trials: _Optional[_Iterable[_Union[_trial_pb2.Trial, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ImportRequest(_message.Message):
    __slots__ = ("study_id", "params", "state", "values", "metrics", "series", "done", "attributes_json", "origin_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    params: _value_pb2.Params
    state: _trial_pb2.TrialState
    values: _value_pb2.Values
    metrics: _value_pb2.Values
    series: _containers.RepeatedCompositeFieldContainer[_trial_pb2.SeriesColumns]
    done: int
    attributes_json: str
    origin_id: str
    def __init__(self, study_id: _Optional[str] = ..., params: _Optional[_Union[_value_pb2.Params, _Mapping]] = ..., state: _Optional[_Union[_trial_pb2.TrialState, str]] = ..., values: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., metrics: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., series: _Optional[_Iterable[_Union[_trial_pb2.SeriesColumns, _Mapping]]] = ..., done: _Optional[int] = ..., attributes_json: _Optional[str] = ..., origin_id: _Optional[str] = ...) -> None: ...

class ImportResponse(_message.Message):
    __slots__ = ("added", "skipped", "first_number")
    ADDED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    FIRST_NUMBER_FIELD_NUMBER: _ClassVar[int]
    added: int
    skipped: int
    first_number: int
    def __init__(self, added: _Optional[int] = ..., skipped: _Optional[int] = ..., first_number: _Optional[int] = ...) -> None: ...

class ReportRequest(_message.Message):
    __slots__ = ("writer_id", "batches", "heartbeats", "goodbye")
    WRITER_ID_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    HEARTBEATS_FIELD_NUMBER: _ClassVar[int]
    GOODBYE_FIELD_NUMBER: _ClassVar[int]
    writer_id: str
    batches: _containers.RepeatedCompositeFieldContainer[_trial_pb2.Batch]
    heartbeats: _containers.RepeatedCompositeFieldContainer[AttemptKey]
    goodbye: bool
    def __init__(self, writer_id: _Optional[str] = ..., batches: _Optional[_Iterable[_Union[_trial_pb2.Batch, _Mapping]]] = ..., heartbeats: _Optional[_Iterable[_Union[AttemptKey, _Mapping]]] = ..., goodbye: bool = ...) -> None: ...

class AttemptKey(_message.Message):
    __slots__ = ("study_id", "trial", "attempt")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    trial: int
    attempt: int
    def __init__(self, study_id: _Optional[str] = ..., trial: _Optional[int] = ..., attempt: _Optional[int] = ...) -> None: ...

class ReportResponse(_message.Message):
    __slots__ = ("updates", "refusals")
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    updates: _containers.RepeatedCompositeFieldContainer[_trial_pb2.AttemptUpdate]
    refusals: _containers.RepeatedCompositeFieldContainer[BatchRefusal]
    def __init__(self, updates: _Optional[_Iterable[_Union[_trial_pb2.AttemptUpdate, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[BatchRefusal, _Mapping]]] = ...) -> None: ...

class BatchRefusal(_message.Message):
    __slots__ = ("attempt", "sequence", "error")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    attempt: AttemptKey
    sequence: int
    error: _value_pb2.ErrorDetail
    def __init__(self, attempt: _Optional[_Union[AttemptKey, _Mapping]] = ..., sequence: _Optional[int] = ..., error: _Optional[_Union[_value_pb2.ErrorDetail, _Mapping]] = ...) -> None: ...

class ReportOnceRequest(_message.Message):
    __slots__ = ("writer_id", "batch", "wait_ms")
    WRITER_ID_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    writer_id: str
    batch: _trial_pb2.Batch
    wait_ms: int
    def __init__(self, writer_id: _Optional[str] = ..., batch: _Optional[_Union[_trial_pb2.Batch, _Mapping]] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class ReportOnceResponse(_message.Message):
    __slots__ = ("update",)
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    update: _trial_pb2.AttemptUpdate
    def __init__(self, update: _Optional[_Union[_trial_pb2.AttemptUpdate, _Mapping]] = ...) -> None: ...

class CompleteRequest(_message.Message):
    __slots__ = ("attempt", "writer_id", "batches", "values", "request_id", "ask_next")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    WRITER_ID_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ASK_NEXT_FIELD_NUMBER: _ClassVar[int]
    attempt: AttemptKey
    writer_id: str
    batches: _containers.RepeatedCompositeFieldContainer[_trial_pb2.Batch]
    values: _value_pb2.Values
    request_id: str
    ask_next: AskRequest
    def __init__(self, attempt: _Optional[_Union[AttemptKey, _Mapping]] = ..., writer_id: _Optional[str] = ..., batches: _Optional[_Iterable[_Union[_trial_pb2.Batch, _Mapping]]] = ..., values: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., request_id: _Optional[str] = ..., ask_next: _Optional[_Union[AskRequest, _Mapping]] = ...) -> None: ...

class CompleteResponse(_message.Message):
    __slots__ = ("trial", "next")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    trial: _trial_pb2.Trial
    next: AskResponse
    def __init__(self, trial: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ..., next: _Optional[_Union[AskResponse, _Mapping]] = ...) -> None: ...

class FailRequest(_message.Message):
    __slots__ = ("attempt", "writer_id", "batches", "error", "request_id", "ask_next")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    WRITER_ID_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ASK_NEXT_FIELD_NUMBER: _ClassVar[int]
    attempt: AttemptKey
    writer_id: str
    batches: _containers.RepeatedCompositeFieldContainer[_trial_pb2.Batch]
    error: _trial_pb2.TrialError
    request_id: str
    ask_next: AskRequest
    def __init__(self, attempt: _Optional[_Union[AttemptKey, _Mapping]] = ..., writer_id: _Optional[str] = ..., batches: _Optional[_Iterable[_Union[_trial_pb2.Batch, _Mapping]]] = ..., error: _Optional[_Union[_trial_pb2.TrialError, _Mapping]] = ..., request_id: _Optional[str] = ..., ask_next: _Optional[_Union[AskRequest, _Mapping]] = ...) -> None: ...

class FailResponse(_message.Message):
    __slots__ = ("trial", "next")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    trial: _trial_pb2.Trial
    next: AskResponse
    def __init__(self, trial: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ..., next: _Optional[_Union[AskResponse, _Mapping]] = ...) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("attempt", "writer_id", "batches", "reason", "request_id", "ask_next")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    WRITER_ID_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ASK_NEXT_FIELD_NUMBER: _ClassVar[int]
    attempt: AttemptKey
    writer_id: str
    batches: _containers.RepeatedCompositeFieldContainer[_trial_pb2.Batch]
    reason: str
    request_id: str
    ask_next: AskRequest
    def __init__(self, attempt: _Optional[_Union[AttemptKey, _Mapping]] = ..., writer_id: _Optional[str] = ..., batches: _Optional[_Iterable[_Union[_trial_pb2.Batch, _Mapping]]] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ..., ask_next: _Optional[_Union[AskRequest, _Mapping]] = ...) -> None: ...

class ReleaseResponse(_message.Message):
    __slots__ = ("trial", "next")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    trial: _trial_pb2.Trial
    next: AskResponse
    def __init__(self, trial: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ..., next: _Optional[_Union[AskResponse, _Mapping]] = ...) -> None: ...

class ControlRequest(_message.Message):
    __slots__ = ("study_id", "trial", "action", "reason")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    trial: int
    action: ControlAction
    reason: str
    def __init__(self, study_id: _Optional[str] = ..., trial: _Optional[int] = ..., action: _Optional[_Union[ControlAction, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class UpdateTrialRequest(_message.Message):
    __slots__ = ("study_id", "trial", "attributes_json")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    trial: int
    attributes_json: str
    def __init__(self, study_id: _Optional[str] = ..., trial: _Optional[int] = ..., attributes_json: _Optional[str] = ...) -> None: ...

class UpdateTrialResponse(_message.Message):
    __slots__ = ("trial",)
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    trial: _trial_pb2.Trial
    def __init__(self, trial: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ...) -> None: ...

class ControlResponse(_message.Message):
    __slots__ = ("trial",)
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    trial: _trial_pb2.Trial
    def __init__(self, trial: _Optional[_Union[_trial_pb2.Trial, _Mapping]] = ...) -> None: ...
