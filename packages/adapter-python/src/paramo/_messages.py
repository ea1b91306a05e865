"""Records to messages, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, TypeVar

from ._errors import ParamoError
from ._objective import Objective
from ._parameter import Parameter, ParamValue
from ._record import Fidelity, TrialFailure, TrialRecord
from .v1 import space_pb2, study_pb2, trial_pb2, value_pb2

if TYPE_CHECKING:
    from ._study import Study

P = TypeVar("P")

_SCALES = {"linear": space_pb2.SCALE_LINEAR, "log": space_pb2.SCALE_LOG, "reverse": space_pb2.SCALE_REVERSE}
_SCALE_NAMES = {number: name for name, number in _SCALES.items()}
_GOALS = {"min": study_pb2.GOAL_MIN, "max": study_pb2.GOAL_MAX}
_TRIAL_STATES: Dict[int, str] = {
    trial_pb2.TRIAL_STATE_WAITING: "waiting",
    trial_pb2.TRIAL_STATE_RUNNING: "running",
    trial_pb2.TRIAL_STATE_PAUSED: "paused",
    trial_pb2.TRIAL_STATE_COMPLETED: "completed",
    trial_pb2.TRIAL_STATE_STOPPED: "stopped",
    trial_pb2.TRIAL_STATE_FAILED: "failed",
    trial_pb2.TRIAL_STATE_CANCELLED: "cancelled",
}


def value_to_message(value: ParamValue) -> value_pb2.ParamValue:
    """A parameter's value; raises ParamoError INVALID_PARAMS when it is none."""
    if value is None:
        return value_pb2.ParamValue()
    if isinstance(value, bool):
        return value_pb2.ParamValue(flag=value)
    if isinstance(value, str):
        return value_pb2.ParamValue(text=value)
    if hasattr(value, "__float__"):
        # Numbers of NumPy and the like too.
        return value_pb2.ParamValue(number=float(value))
    raise ParamoError("INVALID_PARAMS", f"{value!r} is not a value of a parameter", "Give texts, numbers, True, False or None.")


def value_from_message(message: value_pb2.ParamValue) -> ParamValue:
    """A parameter's value; a whole number is an int."""
    kind = message.WhichOneof("kind")
    if kind == "number":
        number = message.number
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if kind == "text":
        return message.text
    return message.flag if kind == "flag" else None


def params_to_message(params: Mapping[str, ParamValue]) -> value_pb2.Params:
    """A configuration."""
    return value_pb2.Params(values={str(name): value_to_message(value) for name, value in params.items()})


def params_from_message(message: value_pb2.Params, parameters: Mapping[str, Parameter]) -> Dict[str, ParamValue]:
    """A configuration, in the order of the parameters where these are known."""
    found = {name: value_from_message(value) for name, value in message.values.items()}
    order = [name for name in parameters if name in found] + sorted(name for name in found if name not in parameters)
    return {name: parameters[name].read(found[name]) if name in parameters else found[name] for name in order}


def space_to_message(parameters: Mapping[str, Parameter]) -> space_pb2.Space:
    """A space; the daemon checks it."""
    return space_pb2.Space(parameters=[_parameter_to_message(name, parameter) for name, parameter in parameters.items()])


def space_from_message(message: space_pb2.Space) -> Dict[str, Parameter]:
    """The parameters of a space by name; of those that share a name, in arms of a branch, the first."""
    parameters: Dict[str, Parameter] = {}
    for one in message.parameters:
        parameters.setdefault(one.name, _parameter_from_message(one))
    return parameters


def objective_to_message(objective: Objective) -> study_pb2.Objective:
    """An objective."""
    message = study_pb2.Objective(metric=objective.metric, goal=_GOALS[objective.goal])
    if objective.best:
        message.best = True
    elif objective.step is not None:
        message.step = objective.step
    return message


def fidelity_from_message(message: value_pb2.Fidelity) -> Fidelity:
    """What a trial is asked beside its params."""
    return Fidelity(steps=message.steps if message.HasField("steps") else None, data=message.data if message.HasField("data") else None)


def record_from_message(
    message: trial_pb2.Trial, parameters: Mapping[str, Parameter], make_params: Callable[[Dict[str, ParamValue]], P], study: "Optional[Study[P]]" = None, kind: Any = TrialRecord
) -> Any:
    """A trial as it stands, as a record of class `kind`."""
    return kind(
        study=study,
        study_id=message.study_id,
        number=message.number,
        state=_TRIAL_STATES.get(message.state, "unknown"),
        params=make_params(params_from_message(message.params, parameters)),
        value=message.value if message.HasField("value") else None,
        at=message.at if message.HasField("at") else None,
        values=dict(message.values.values),
        metrics=dict(message.metrics.values),
        done=message.done,
        attempt=message.attempt,
        lost=message.lost,
        reason=message.reason,
        error=TrialFailure(message.error.message, message.error.stack) if message.HasField("error") else None,
        seed=message.seed if message.HasField("seed") else None,
        fidelity=fidelity_from_message(message.fidelity),
        attributes=json.loads(message.attributes_json) if message.attributes_json else {},
        retracted=message.retracted,
    )


def _parameter_to_message(name: str, parameter: Parameter) -> space_pb2.Parameter:
    message = space_pb2.Parameter(name=name, when=[space_pb2.Condition(parameter=other, equals=value_to_message(value)) for other, value in parameter.when.items()])
    if parameter.kind in ("float", "int"):
        whole = parameter.kind == "int"
        limits: Any = message.int if whole else message.float
        limits.low = int(parameter.low) if whole else parameter.low
        limits.high = int(parameter.high) if whole else parameter.high
        limits.scale = _SCALES[parameter.scale]
        if parameter.step is not None:
            limits.step = int(parameter.step) if whole else parameter.step
        if parameter.has_default:
            limits.default_value = parameter.default
    elif parameter.kind == "bool":
        message.bool.SetInParent()
        if parameter.has_default:
            message.bool.default_value = bool(parameter.default)
    else:
        listed: Any = message.choice if parameter.kind == "choice" else message.ordinal
        listed.SetInParent()
        listed.values.extend(value_to_message(value) for value in parameter.values)
        if parameter.has_default:
            listed.default_value.CopyFrom(value_to_message(parameter.default))
    return message


def _parameter_from_message(message: space_pb2.Parameter) -> Parameter:
    kind = message.WhichOneof("kind") or "float"
    when = {condition.parameter: value_from_message(condition.equals) for condition in message.when}
    if kind in ("float", "int"):
        limits: Any = getattr(message, kind)
        return Parameter(kind, low=limits.low, high=limits.high, scale=_SCALE_NAMES.get(limits.scale, "linear"), step=limits.step if limits.HasField("step") else None, when=when)
    values = () if kind == "bool" else tuple(value_from_message(value) for value in getattr(message, kind).values)
    return Parameter(kind, values=values, when=when)
