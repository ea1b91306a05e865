from paramo.v1 import trial_pb2 as _trial_pb2
from paramo.v1 import trial_service_pb2 as _trial_service_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SpoolRecord(_message.Message):
    __slots__ = ("owner", "batch", "complete", "fail", "release", "settled", "dropped")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    FAIL_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    owner: SpoolOwner
    batch: _trial_pb2.Batch
    complete: _trial_service_pb2.CompleteRequest
    fail: _trial_service_pb2.FailRequest
    release: _trial_service_pb2.ReleaseRequest
    settled: _trial_service_pb2.AttemptKey
    dropped: int
    def __init__(self, owner: _Optional[_Union[SpoolOwner, _Mapping]] = ..., batch: _Optional[_Union[_trial_pb2.Batch, _Mapping]] = ..., complete: _Optional[_Union[_trial_service_pb2.CompleteRequest, _Mapping]] = ..., fail: _Optional[_Union[_trial_service_pb2.FailRequest, _Mapping]] = ..., release: _Optional[_Union[_trial_service_pb2.ReleaseRequest, _Mapping]] = ..., settled: _Optional[_Union[_trial_service_pb2.AttemptKey, _Mapping]] = ..., dropped: _Optional[int] = ...) -> None: ...

class SpoolOwner(_message.Message):
    __slots__ = ("format", "writer_id", "host", "pid", "started", "boot", "namespace")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WRITER_ID_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    BOOT_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    format: int
    writer_id: str
    host: str
    pid: int
    started: str
    boot: str
    namespace: str
    def __init__(self, format: _Optional[int] = ..., writer_id: _Optional[str] = ..., host: _Optional[str] = ..., pid: _Optional[int] = ..., started: _Optional[str] = ..., boot: _Optional[str] = ..., namespace: _Optional[str] = ...) -> None: ...
