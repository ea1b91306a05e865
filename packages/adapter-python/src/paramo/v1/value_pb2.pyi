from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ParamValue(_message.Message):
    __slots__ = ("number", "text", "flag")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    number: float
    text: str
    flag: bool
    def __init__(self, number: _Optional[float] = ..., text: _Optional[str] = ..., flag: bool = ...) -> None: ...

class Params(_message.Message):
    __slots__ = ("values",)
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ParamValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ParamValue, _Mapping]] = ...) -> None: ...
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.MessageMap[str, ParamValue]
    def __init__(self, values: _Optional[_Mapping[str, ParamValue]] = ...) -> None: ...

class Values(_message.Message):
    __slots__ = ("values",)
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.ScalarMap[str, float]
    def __init__(self, values: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Fidelity(_message.Message):
    __slots__ = ("steps", "data")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    steps: int
    data: float
    def __init__(self, steps: _Optional[int] = ..., data: _Optional[float] = ...) -> None: ...

class TrialSource(_message.Message):
    __slots__ = ("trial", "checkpoint", "done")
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    trial: int
    checkpoint: str
    done: int
    def __init__(self, trial: _Optional[int] = ..., checkpoint: _Optional[str] = ..., done: _Optional[int] = ...) -> None: ...

class Worker(_message.Message):
    __slots__ = ("id", "process", "host", "pid", "labels")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    id: str
    process: str
    host: str
    pid: int
    labels: _containers.ScalarMap[str, str]
    def __init__(self, id: _Optional[str] = ..., process: _Optional[str] = ..., host: _Optional[str] = ..., pid: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class PluginReference(_message.Message):
    __slots__ = ("name", "options_json")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    options_json: str
    def __init__(self, name: _Optional[str] = ..., options_json: _Optional[str] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("default_reason", "design", "model", "exploit", "promotion", "user")
    DEFAULT_REASON_FIELD_NUMBER: _ClassVar[int]
    DESIGN_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    EXPLOIT_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    default_reason: DefaultReason
    design: DesignReason
    model: ModelReason
    exploit: ExploitReason
    promotion: PromotionReason
    user: UserReason
    def __init__(self, default_reason: _Optional[_Union[DefaultReason, _Mapping]] = ..., design: _Optional[_Union[DesignReason, _Mapping]] = ..., model: _Optional[_Union[ModelReason, _Mapping]] = ..., exploit: _Optional[_Union[ExploitReason, _Mapping]] = ..., promotion: _Optional[_Union[PromotionReason, _Mapping]] = ..., user: _Optional[_Union[UserReason, _Mapping]] = ...) -> None: ...

class DefaultReason(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DesignReason(_message.Message):
    __slots__ = ("detail",)
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    detail: str
    def __init__(self, detail: _Optional[str] = ...) -> None: ...

class ModelReason(_message.Message):
    __slots__ = ("mean", "sd", "acquisition", "detail")
    MEAN_FIELD_NUMBER: _ClassVar[int]
    SD_FIELD_NUMBER: _ClassVar[int]
    ACQUISITION_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    mean: float
    sd: float
    acquisition: str
    detail: str
    def __init__(self, mean: _Optional[float] = ..., sd: _Optional[float] = ..., acquisition: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class ExploitReason(_message.Message):
    __slots__ = ("donor", "change")
    DONOR_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    donor: int
    change: str
    def __init__(self, donor: _Optional[int] = ..., change: _Optional[str] = ...) -> None: ...

class PromotionReason(_message.Message):
    __slots__ = ("detail",)
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    detail: str
    def __init__(self, detail: _Optional[str] = ...) -> None: ...

class UserReason(_message.Message):
    __slots__ = ("detail",)
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    detail: str
    def __init__(self, detail: _Optional[str] = ...) -> None: ...

class ErrorDetail(_message.Message):
    __slots__ = ("code", "message", "hint", "retry_after_ms", "details_json")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    DETAILS_JSON_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    hint: str
    retry_after_ms: int
    details_json: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ..., retry_after_ms: _Optional[int] = ..., details_json: _Optional[str] = ...) -> None: ...
