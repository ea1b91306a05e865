"""The params of a trial as the program that is run for it has them."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Mapping

from ._errors import ParamoError
from ._open import read_space
from ._parameter import Parameter, ParamValue, same_value


def with_fixed(values: Mapping[str, ParamValue]) -> Dict[str, ParamValue]:
    """The params of a trial, with those that every trial of the runner has alike."""
    text = os.environ.get("PARAMO_PARAMS")
    if not text:
        return dict(values)
    try:
        fixed = json.loads(text)
    except ValueError as error:
        raise ParamoError("INVALID_ARGUMENT", "PARAMO_PARAMS is no JSON", "It is set by `paramo run`: leave it as it is.") from error
    # The same values, but JSON knows no whole float.
    return {**fixed, **values}


def fit_params(space: Any, values: Mapping[str, ParamValue], trial: int) -> Any:
    """Params of the program's own space. The runner's may be another one; what the program cannot do without must be there.

    Raises ParamoError INVALID_OPTIONS when a live parameter is missing, or is no number where one is needed.
    """
    parameters, make_params = read_space(space)
    fitted: Dict[str, ParamValue] = {}
    missing: List[str] = []
    for name, parameter in parameters.items():
        if not all(other in fitted and same_value(fitted[other], wanted) for other, wanted in parameter.when.items()):
            continue
        if name in values:
            fitted[name] = _read(parameter, name, values[name], trial)
        else:
            missing.append(name)
    if missing:
        raise _unfit(trial, f"has no {', '.join(missing)}", missing[0])
    return make_params(fitted if isinstance(space, type) else {**values, **fitted})


def _read(parameter: Parameter, name: str, value: ParamValue, trial: int) -> ParamValue:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if parameter.kind in ("int", "float") and not (is_number and (parameter.kind == "float" or float(value or 0).is_integer())):
        raise _unfit(trial, f"has {name} {value!r}, which is no {parameter.kind}", name)
    return parameter.read(value)


def _unfit(trial: int, why: str, name: str) -> ParamoError:
    return ParamoError("INVALID_OPTIONS", f"trial {trial}, for which this program is run, {why}", f"Give `paramo run` the params of this program, such as -p {name}=…")
