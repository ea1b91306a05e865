"""What a trial comes to when the daemon hears of its end."""

from __future__ import annotations

import math
import time
from typing import Sequence

from ._outcome import Ending
from .v1 import trial_pb2
from .v1.trial_pb2 import Trial, TrialError

_STATES = {"complete": trial_pb2.TRIAL_STATE_COMPLETED, "fail": trial_pb2.TRIAL_STATE_FAILED, "release": trial_pb2.TRIAL_STATE_WAITING}


def foreseen(trial: Trial, ending: Ending, objectives: Sequence[str]) -> Trial:
    """The trial as it is told to stand, as far as that is known here."""
    found = Trial()
    found.CopyFrom(trial)
    found.state = _STATES[ending.kind]
    if ending.kind != "release":
        found.ended_ms = int(time.time() * 1000)
    if ending.kind == "complete":
        values = dict(ending.values)
        found.values.values.update(values)
        found.metrics.values.update(values)
        value = values.get(objectives[0]) if len(objectives) == 1 else None
        if value is not None and math.isfinite(value):
            found.value = value
    else:
        found.reason = ending.message
    if ending.kind == "fail":
        found.error.CopyFrom(TrialError(message=ending.message, stack=ending.stack))
    return found
