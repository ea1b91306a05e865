"""The environment variable in which a program finds the trial that it is run for."""

from __future__ import annotations

import os
import re
from typing import NamedTuple, Optional

from ._errors import ParamoError

TRIAL_VARIABLE = "PARAMO_TRIAL"

_FORM = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})/(0|[1-9][0-9]{0,14})/([1-9][0-9]{0,8})\Z")


class AttemptOfProgram(NamedTuple):
    """The attempt that this program is run for."""

    study_id: str
    trial: int
    attempt: int


def trial_of_program() -> Optional[AttemptOfProgram]:
    """What `paramo run` runs this program for; None where the program runs by itself. Raises ParamoError INVALID_ARGUMENT when the variable names no attempt."""
    text = os.environ.get(TRIAL_VARIABLE)
    if not text:
        return None
    found = _FORM.match(text)
    if not found:
        raise ParamoError("INVALID_ARGUMENT", f'{TRIAL_VARIABLE} is "{text[:80]}", which names no trial', "It is STUDY_ID/TRIAL/ATTEMPT and set by `paramo run`. Unset it to run by yourself.")
    return AttemptOfProgram(found[1], int(found[2]), int(found[3]))
