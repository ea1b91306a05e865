from paramo.v1 import space_pb2 as _space_pb2
from paramo.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Goal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GOAL_UNSPECIFIED: _ClassVar[Goal]
    GOAL_MIN: _ClassVar[Goal]
    GOAL_MAX: _ClassVar[Goal]

class StudyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STUDY_STATE_UNSPECIFIED: _ClassVar[StudyState]
    STUDY_STATE_OPEN: _ClassVar[StudyState]
    STUDY_STATE_PAUSED: _ClassVar[StudyState]
    STUDY_STATE_ENDED: _ClassVar[StudyState]

class EndReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    END_REASON_UNSPECIFIED: _ClassVar[EndReason]
    END_REASON_DONE: _ClassVar[EndReason]
    END_REASON_BUDGET: _ClassVar[EndReason]
    END_REASON_TARGET: _ClassVar[EndReason]
    END_REASON_NO_IMPROVEMENT: _ClassVar[EndReason]
    END_REASON_FAILURES: _ClassVar[EndReason]
    END_REASON_USER: _ClassVar[EndReason]
GOAL_UNSPECIFIED: Goal
GOAL_MIN: Goal
GOAL_MAX: Goal
STUDY_STATE_UNSPECIFIED: StudyState
STUDY_STATE_OPEN: StudyState
STUDY_STATE_PAUSED: StudyState
STUDY_STATE_ENDED: StudyState
END_REASON_UNSPECIFIED: EndReason
END_REASON_DONE: EndReason
END_REASON_BUDGET: EndReason
END_REASON_TARGET: EndReason
END_REASON_NO_IMPROVEMENT: EndReason
END_REASON_FAILURES: EndReason
END_REASON_USER: EndReason

class Objective(_message.Message):
    __slots__ = ("metric", "goal", "best", "step")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    GOAL_FIELD_NUMBER: _ClassVar[int]
    BEST_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    metric: str
    goal: Goal
    best: bool
    step: int
    def __init__(self, metric: _Optional[str] = ..., goal: _Optional[_Union[Goal, str]] = ..., best: bool = ..., step: _Optional[int] = ...) -> None: ...

class Budget(_message.Message):
    __slots__ = ("trials", "steps", "wall_ms", "cost", "cost_per_trial")
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    COST_PER_TRIAL_FIELD_NUMBER: _ClassVar[int]
    trials: int
    steps: int
    wall_ms: int
    cost: float
    cost_per_trial: float
    def __init__(self, trials: _Optional[int] = ..., steps: _Optional[int] = ..., wall_ms: _Optional[int] = ..., cost: _Optional[float] = ..., cost_per_trial: _Optional[float] = ...) -> None: ...

class StudyRules(_message.Message):
    __slots__ = ("target", "max_failures", "retries", "retry_on_failure", "lease_ms", "keep_checkpoints")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    MAX_FAILURES_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    RETRY_ON_FAILURE_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    KEEP_CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    target: float
    max_failures: int
    retries: int
    retry_on_failure: bool
    lease_ms: int
    keep_checkpoints: int
    def __init__(self, target: _Optional[float] = ..., max_failures: _Optional[int] = ..., retries: _Optional[int] = ..., retry_on_failure: bool = ..., lease_ms: _Optional[int] = ..., keep_checkpoints: _Optional[int] = ...) -> None: ...

class StudyPlan(_message.Message):
    __slots__ = ("space", "objectives", "strategy", "stopper", "steps", "strict_order", "phases")
    SPACE_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    STOPPER_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    STRICT_ORDER_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    space: _space_pb2.Space
    objectives: _containers.RepeatedCompositeFieldContainer[Objective]
    strategy: _value_pb2.PluginReference
    stopper: _value_pb2.PluginReference
    steps: int
    strict_order: int
    phases: _containers.RepeatedCompositeFieldContainer[Phase]
    def __init__(self, space: _Optional[_Union[_space_pb2.Space, _Mapping]] = ..., objectives: _Optional[_Iterable[_Union[Objective, _Mapping]]] = ..., strategy: _Optional[_Union[_value_pb2.PluginReference, _Mapping]] = ..., stopper: _Optional[_Union[_value_pb2.PluginReference, _Mapping]] = ..., steps: _Optional[int] = ..., strict_order: _Optional[int] = ..., phases: _Optional[_Iterable[_Union[Phase, _Mapping]]] = ...) -> None: ...

class Phase(_message.Message):
    __slots__ = ("name", "budget", "fidelity", "settings_json")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    budget: Budget
    fidelity: _value_pb2.Fidelity
    settings_json: str
    def __init__(self, name: _Optional[str] = ..., budget: _Optional[_Union[Budget, _Mapping]] = ..., fidelity: _Optional[_Union[_value_pb2.Fidelity, _Mapping]] = ..., settings_json: _Optional[str] = ...) -> None: ...

class StudySpec(_message.Message):
    __slots__ = ("name", "plan", "budget", "rules", "seed", "labels", "attributes_json")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    plan: StudyPlan
    budget: Budget
    rules: StudyRules
    seed: int
    labels: _containers.ScalarMap[str, str]
    attributes_json: str
    def __init__(self, name: _Optional[str] = ..., plan: _Optional[_Union[StudyPlan, _Mapping]] = ..., budget: _Optional[_Union[Budget, _Mapping]] = ..., rules: _Optional[_Union[StudyRules, _Mapping]] = ..., seed: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ..., attributes_json: _Optional[str] = ...) -> None: ...

class TrialCounts(_message.Message):
    __slots__ = ("waiting", "running", "paused", "completed", "stopped", "failed", "cancelled")
    WAITING_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    waiting: int
    running: int
    paused: int
    completed: int
    stopped: int
    failed: int
    cancelled: int
    def __init__(self, waiting: _Optional[int] = ..., running: _Optional[int] = ..., paused: _Optional[int] = ..., completed: _Optional[int] = ..., stopped: _Optional[int] = ..., failed: _Optional[int] = ..., cancelled: _Optional[int] = ...) -> None: ...

class Spent(_message.Message):
    __slots__ = ("trials", "steps", "wall_ms", "cost")
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    trials: int
    steps: int
    wall_ms: int
    cost: float
    def __init__(self, trials: _Optional[int] = ..., steps: _Optional[int] = ..., wall_ms: _Optional[int] = ..., cost: _Optional[float] = ...) -> None: ...

class Study(_message.Message):
    __slots__ = ("study_id", "spec", "revision", "era", "state", "end_reason", "end_detail", "error_code", "position", "counts", "spent", "best_trial", "best_value", "created_ms", "updated_ms")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ERA_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    END_REASON_FIELD_NUMBER: _ClassVar[int]
    END_DETAIL_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    SPENT_FIELD_NUMBER: _ClassVar[int]
    BEST_TRIAL_FIELD_NUMBER: _ClassVar[int]
    BEST_VALUE_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_MS_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    spec: StudySpec
    revision: int
    era: int
    state: StudyState
    end_reason: EndReason
    end_detail: str
    error_code: str
    position: int
    counts: TrialCounts
    spent: Spent
    best_trial: int
    best_value: float
    created_ms: int
    updated_ms: int
    def __init__(self, study_id: _Optional[str] = ..., spec: _Optional[_Union[StudySpec, _Mapping]] = ..., revision: _Optional[int] = ..., era: _Optional[int] = ..., state: _Optional[_Union[StudyState, str]] = ..., end_reason: _Optional[_Union[EndReason, str]] = ..., end_detail: _Optional[str] = ..., error_code: _Optional[str] = ..., position: _Optional[int] = ..., counts: _Optional[_Union[TrialCounts, _Mapping]] = ..., spent: _Optional[_Union[Spent, _Mapping]] = ..., best_trial: _Optional[int] = ..., best_value: _Optional[float] = ..., created_ms: _Optional[int] = ..., updated_ms: _Optional[int] = ...) -> None: ...
