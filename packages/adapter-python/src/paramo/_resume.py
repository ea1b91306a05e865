"""Finds the tracked run to go on with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Mapping, Optional, Union

from ._checks import invalid_option
from ._errors import ParamoError

if TYPE_CHECKING:
    from ._params import Params
    from ._record import TrialRecord
    from ._study import Study

_RUN = re.compile(r"(?:(.*)/)?([0-9]+)\Z", re.DOTALL)


def find_run(study: "Study[Params]", resume: Union[int, str], params: Optional[Mapping[str, Any]]) -> "TrialRecord[Params]":
    """The run of this number or id; raises ParamoError TRIAL_NOT_FOUND, and INVALID_PARAMS where params are given that are not its own."""
    found = _RUN.match(str(resume)) if isinstance(resume, (int, str)) and not isinstance(resume, bool) else None
    if not found:
        raise invalid_option(f"resume is {resume!r}", "Give the run's number, or its id.")
    if found[1] is not None and found[1] != study.id:
        raise ParamoError("STUDY_MISMATCH", f"the run {resume} belongs to another study", "Give the name of its study.")
    record = study.trial(int(found[2]))
    if params is None:
        return record
    missing = object()
    for name in {**record.params, **params}:
        if params.get(name, missing) != record.params.get(name, missing):
            raise ParamoError(
                "INVALID_PARAMS", f"run {record.number} has {name} {record.params.get(name)!r}, and this one asks for {params.get(name)!r}",
                "A run's params never change: leave them out to go on with it, or track a new run.",
            )
    return record
