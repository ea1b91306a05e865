from paramo.v1 import trial_service_pb2 as _trial_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OutputStream(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTPUT_STREAM_UNSPECIFIED: _ClassVar[OutputStream]
    OUTPUT_STREAM_STDOUT: _ClassVar[OutputStream]
    OUTPUT_STREAM_STDERR: _ClassVar[OutputStream]
OUTPUT_STREAM_UNSPECIFIED: OutputStream
OUTPUT_STREAM_STDOUT: OutputStream
OUTPUT_STREAM_STDERR: OutputStream

class OutputChunk(_message.Message):
    __slots__ = ("stream", "offset", "left_out", "time_ms", "content")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    stream: OutputStream
    offset: int
    left_out: int
    time_ms: int
    content: bytes
    def __init__(self, stream: _Optional[_Union[OutputStream, str]] = ..., offset: _Optional[int] = ..., left_out: _Optional[int] = ..., time_ms: _Optional[int] = ..., content: _Optional[bytes] = ...) -> None: ...

class AppendOutputRequest(_message.Message):
    __slots__ = ("attempt", "chunks")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    attempt: _trial_service_pb2.AttemptKey
    chunks: _containers.RepeatedCompositeFieldContainer[OutputChunk]
    def __init__(self, attempt: _Optional[_Union[_trial_service_pb2.AttemptKey, _Mapping]] = ..., chunks: _Optional[_Iterable[_Union[OutputChunk, _Mapping]]] = ...) -> None: ...

class AppendOutputResponse(_message.Message):
    __slots__ = ("end",)
    END_FIELD_NUMBER: _ClassVar[int]
    end: int
    def __init__(self, end: _Optional[int] = ...) -> None: ...

class OutputRecord(_message.Message):
    __slots__ = ("chunk", "kept")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    chunk: OutputChunk
    kept: int
    def __init__(self, chunk: _Optional[_Union[OutputChunk, _Mapping]] = ..., kept: _Optional[int] = ...) -> None: ...

class ReadOutputRequest(_message.Message):
    __slots__ = ("study_id", "trial", "attempt", "from_offset", "stream", "follow")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FROM_OFFSET_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    trial: int
    attempt: int
    from_offset: int
    stream: OutputStream
    follow: bool
    def __init__(self, study_id: _Optional[str] = ..., trial: _Optional[int] = ..., attempt: _Optional[int] = ..., from_offset: _Optional[int] = ..., stream: _Optional[_Union[OutputStream, str]] = ..., follow: bool = ...) -> None: ...

class ReadOutputResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: OutputChunk
    def __init__(self, chunk: _Optional[_Union[OutputChunk, _Mapping]] = ...) -> None: ...
