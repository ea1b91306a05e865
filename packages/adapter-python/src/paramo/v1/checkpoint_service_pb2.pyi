from paramo.v1 import trial_pb2 as _trial_pb2
from paramo.v1 import trial_service_pb2 as _trial_service_pb2
from paramo.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CheckpointFile(_message.Message):
    __slots__ = ("path", "size", "chunks")
    PATH_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    path: str
    size: int
    chunks: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, path: _Optional[str] = ..., size: _Optional[int] = ..., chunks: _Optional[_Iterable[bytes]] = ...) -> None: ...

class CheckpointManifest(_message.Message):
    __slots__ = ("files", "chunk_bytes")
    FILES_FIELD_NUMBER: _ClassVar[int]
    CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[CheckpointFile]
    chunk_bytes: int
    def __init__(self, files: _Optional[_Iterable[_Union[CheckpointFile, _Mapping]]] = ..., chunk_bytes: _Optional[int] = ...) -> None: ...

class CheckpointHeader(_message.Message):
    __slots__ = ("attempt", "done", "manifest")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    attempt: _trial_service_pb2.AttemptKey
    done: int
    manifest: CheckpointManifest
    def __init__(self, attempt: _Optional[_Union[_trial_service_pb2.AttemptKey, _Mapping]] = ..., done: _Optional[int] = ..., manifest: _Optional[_Union[CheckpointManifest, _Mapping]] = ...) -> None: ...

class PutCheckpointRequest(_message.Message):
    __slots__ = ("header", "content")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    header: CheckpointHeader
    content: bytes
    def __init__(self, header: _Optional[_Union[CheckpointHeader, _Mapping]] = ..., content: _Optional[bytes] = ...) -> None: ...

class PutCheckpointResponse(_message.Message):
    __slots__ = ("missing", "stored")
    MISSING_FIELD_NUMBER: _ClassVar[int]
    STORED_FIELD_NUMBER: _ClassVar[int]
    missing: MissingChunks
    stored: StoredCheckpoint
    def __init__(self, missing: _Optional[_Union[MissingChunks, _Mapping]] = ..., stored: _Optional[_Union[StoredCheckpoint, _Mapping]] = ...) -> None: ...

class MissingChunks(_message.Message):
    __slots__ = ("chunks",)
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    chunks: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, chunks: _Optional[_Iterable[bytes]] = ...) -> None: ...

class StoredCheckpoint(_message.Message):
    __slots__ = ("checkpoint", "size", "stored_bytes", "update")
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    STORED_BYTES_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    size: int
    stored_bytes: int
    update: _trial_pb2.AttemptUpdate
    def __init__(self, checkpoint: _Optional[str] = ..., size: _Optional[int] = ..., stored_bytes: _Optional[int] = ..., update: _Optional[_Union[_trial_pb2.AttemptUpdate, _Mapping]] = ...) -> None: ...

class GetCheckpointRequest(_message.Message):
    __slots__ = ("study_id", "source", "content")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    source: _value_pb2.TrialSource
    content: bool
    def __init__(self, study_id: _Optional[str] = ..., source: _Optional[_Union[_value_pb2.TrialSource, _Mapping]] = ..., content: bool = ...) -> None: ...

class GetCheckpointResponse(_message.Message):
    __slots__ = ("listing", "content")
    LISTING_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    listing: CheckpointListing
    content: bytes
    def __init__(self, listing: _Optional[_Union[CheckpointListing, _Mapping]] = ..., content: _Optional[bytes] = ...) -> None: ...

class CheckpointListing(_message.Message):
    __slots__ = ("source", "attempt", "manifest", "values", "folder")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    source: _value_pb2.TrialSource
    attempt: int
    manifest: CheckpointManifest
    values: _value_pb2.Values
    folder: str
    def __init__(self, source: _Optional[_Union[_value_pb2.TrialSource, _Mapping]] = ..., attempt: _Optional[int] = ..., manifest: _Optional[_Union[CheckpointManifest, _Mapping]] = ..., values: _Optional[_Union[_value_pb2.Values, _Mapping]] = ..., folder: _Optional[str] = ...) -> None: ...

class ListCheckpointsRequest(_message.Message):
    __slots__ = ("study_id", "trial", "page_size", "page_token")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    trial: int
    page_size: int
    page_token: str
    def __init__(self, study_id: _Optional[str] = ..., trial: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCheckpointsResponse(_message.Message):
    __slots__ = ("checkpoints", "next_page_token")
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    checkpoints: _containers.RepeatedCompositeFieldContainer[CheckpointListing]
    next_page_token: str
    def __init__(self, checkpoints: _Optional[_Iterable[_Union[CheckpointListing, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
