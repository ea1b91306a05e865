from paramo.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Scale(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCALE_UNSPECIFIED: _ClassVar[Scale]
    SCALE_LINEAR: _ClassVar[Scale]
    SCALE_LOG: _ClassVar[Scale]
    SCALE_REVERSE: _ClassVar[Scale]
SCALE_UNSPECIFIED: Scale
SCALE_LINEAR: Scale
SCALE_LOG: Scale
SCALE_REVERSE: Scale

class Space(_message.Message):
    __slots__ = ("parameters",)
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    parameters: _containers.RepeatedCompositeFieldContainer[Parameter]
    def __init__(self, parameters: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ...) -> None: ...

class Parameter(_message.Message):
    __slots__ = ("name", "when", "float", "int", "choice", "ordinal", "bool")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    FLOAT_FIELD_NUMBER: _ClassVar[int]
    INT_FIELD_NUMBER: _ClassVar[int]
    CHOICE_FIELD_NUMBER: _ClassVar[int]
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    BOOL_FIELD_NUMBER: _ClassVar[int]
    name: str
    when: _containers.RepeatedCompositeFieldContainer[Condition]
    float: FloatParameter
    int: IntParameter
    choice: ChoiceParameter
    ordinal: OrdinalParameter
    bool: BoolParameter
    def __init__(self, name: _Optional[str] = ..., when: _Optional[_Iterable[_Union[Condition, _Mapping]]] = ..., float: _Optional[_Union[FloatParameter, _Mapping]] = ..., int: _Optional[_Union[IntParameter, _Mapping]] = ..., choice: _Optional[_Union[ChoiceParameter, _Mapping]] = ..., ordinal: _Optional[_Union[OrdinalParameter, _Mapping]] = ..., bool: _Optional[_Union[BoolParameter, _Mapping]] = ...) -> None: ...

class Condition(_message.Message):
    __slots__ = ("parameter", "equals")
    PARAMETER_FIELD_NUMBER: _ClassVar[int]
    EQUALS_FIELD_NUMBER: _ClassVar[int]
    parameter: str
    equals: _value_pb2.ParamValue
    def __init__(self, parameter: _Optional[str] = ..., equals: _Optional[_Union[_value_pb2.ParamValue, _Mapping]] = ...) -> None: ...

class FloatParameter(_message.Message):
    __slots__ = ("low", "high", "scale", "step", "default_value")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    low: float
    high: float
    scale: Scale
    step: float
    default_value: float
    def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ..., scale: _Optional[_Union[Scale, str]] = ..., step: _Optional[float] = ..., default_value: _Optional[float] = ...) -> None: ...

class IntParameter(_message.Message):
    __slots__ = ("low", "high", "scale", "step", "default_value")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    low: int
    high: int
    scale: Scale
    step: int
    default_value: int
    def __init__(self, low: _Optional[int] = ..., high: _Optional[int] = ..., scale: _Optional[_Union[Scale, str]] = ..., step: _Optional[int] = ..., default_value: _Optional[int] = ...) -> None: ...

class ChoiceParameter(_message.Message):
    __slots__ = ("values", "default_value")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_value_pb2.ParamValue]
    default_value: _value_pb2.ParamValue
    def __init__(self, values: _Optional[_Iterable[_Union[_value_pb2.ParamValue, _Mapping]]] = ..., default_value: _Optional[_Union[_value_pb2.ParamValue, _Mapping]] = ...) -> None: ...

class OrdinalParameter(_message.Message):
    __slots__ = ("values", "default_value")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_value_pb2.ParamValue]
    default_value: _value_pb2.ParamValue
    def __init__(self, values: _Optional[_Iterable[_Union[_value_pb2.ParamValue, _Mapping]]] = ..., default_value: _Optional[_Union[_value_pb2.ParamValue, _Mapping]] = ...) -> None: ...

class BoolParameter(_message.Message):
    __slots__ = ("default_value",)
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    default_value: bool
    def __init__(self, default_value: bool = ...) -> None: ...
