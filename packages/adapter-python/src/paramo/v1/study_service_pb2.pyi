from paramo.v1 import event_pb2 as _event_pb2
from paramo.v1 import study_pb2 as _study_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpenMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPEN_MODE_UNSPECIFIED: _ClassVar[OpenMode]
    OPEN_MODE_JOIN: _ClassVar[OpenMode]
    OPEN_MODE_REVISE: _ClassVar[OpenMode]
    OPEN_MODE_FRESH: _ClassVar[OpenMode]
    OPEN_MODE_EXISTING: _ClassVar[OpenMode]
OPEN_MODE_UNSPECIFIED: OpenMode
OPEN_MODE_JOIN: OpenMode
OPEN_MODE_REVISE: OpenMode
OPEN_MODE_FRESH: OpenMode
OPEN_MODE_EXISTING: OpenMode

class OpenStudyRequest(_message.Message):
    __slots__ = ("spec", "mode", "expected_revision", "request_id")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    spec: _study_pb2.StudySpec
    mode: OpenMode
    expected_revision: int
    request_id: str
    def __init__(self, spec: _Optional[_Union[_study_pb2.StudySpec, _Mapping]] = ..., mode: _Optional[_Union[OpenMode, str]] = ..., expected_revision: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class OpenStudyResponse(_message.Message):
    __slots__ = ("study", "created")
    STUDY_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    study: _study_pb2.Study
    created: bool
    def __init__(self, study: _Optional[_Union[_study_pb2.Study, _Mapping]] = ..., created: bool = ...) -> None: ...

class GetStudyRequest(_message.Message):
    __slots__ = ("study_id", "name")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    name: str
    def __init__(self, study_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class GetStudyResponse(_message.Message):
    __slots__ = ("study",)
    STUDY_FIELD_NUMBER: _ClassVar[int]
    study: _study_pb2.Study
    def __init__(self, study: _Optional[_Union[_study_pb2.Study, _Mapping]] = ...) -> None: ...

class ListStudiesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStudiesResponse(_message.Message):
    __slots__ = ("studies", "next_page_token")
    STUDIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    studies: _containers.RepeatedCompositeFieldContainer[_study_pb2.Study]
    next_page_token: str
    def __init__(self, studies: _Optional[_Iterable[_Union[_study_pb2.Study, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateStudyRequest(_message.Message):
    __slots__ = ("study_id", "budget", "rules", "labels", "state", "reason")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    budget: _study_pb2.Budget
    rules: _study_pb2.StudyRules
    labels: _event_pb2.Labels
    state: _study_pb2.StudyState
    reason: str
    def __init__(self, study_id: _Optional[str] = ..., budget: _Optional[_Union[_study_pb2.Budget, _Mapping]] = ..., rules: _Optional[_Union[_study_pb2.StudyRules, _Mapping]] = ..., labels: _Optional[_Union[_event_pb2.Labels, _Mapping]] = ..., state: _Optional[_Union[_study_pb2.StudyState, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class UpdateStudyResponse(_message.Message):
    __slots__ = ("study",)
    STUDY_FIELD_NUMBER: _ClassVar[int]
    study: _study_pb2.Study
    def __init__(self, study: _Optional[_Union[_study_pb2.Study, _Mapping]] = ...) -> None: ...

class DeleteStudyRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class DeleteStudyResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("study_id", "after", "until_head")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    UNTIL_HEAD_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    after: int
    until_head: bool
    def __init__(self, study_id: _Optional[str] = ..., after: _Optional[int] = ..., until_head: bool = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("events", "head")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.LogEvent]
    head: int
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.LogEvent, _Mapping]]] = ..., head: _Optional[int] = ...) -> None: ...
