"""Spans of time as people write them."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Union

from ._checks import invalid_option

Duration = Union[int, float, str, timedelta]
"""Seconds, a timedelta, or text such as `'90s'`, `'10m'`, `'1h30m'`, `'2d'`."""

_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\s*\d+(?:\.\d+)?\s*(?:ms|s|m|h|d))+\s*")


def duration_ms(option: str, duration: Duration) -> int:
    """A span in whole milliseconds; raises ParamoError INVALID_OPTIONS naming `option` when it is none, or not above 0."""
    seconds = math.nan
    if isinstance(duration, timedelta):
        seconds = duration.total_seconds()
    elif isinstance(duration, str):
        if _WHOLE.fullmatch(duration):
            seconds = sum(float(amount) * _UNIT_S[unit] for amount, unit in _PART.findall(duration))
    elif isinstance(duration, (int, float)) and not isinstance(duration, bool):
        seconds = float(duration)
    if not 0 < seconds < 2**43:
        hint = "Give seconds, or text with units ms, s, m, h, d, such as '10m' or '1h30m'."
        raise invalid_option(f"{option} is {duration!r}, which is no time span above 0", hint)
    return math.ceil(round(seconds * 1000, 6))
