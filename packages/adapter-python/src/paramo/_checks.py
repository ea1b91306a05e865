"""Checks of what callers give."""

from __future__ import annotations

import math
from typing import Any, Iterable, Mapping

from ._errors import ParamoError
from ._near_miss import near_miss

_MOST = 2**53 - 1


def check_names(options: Mapping[str, Any], known: Iterable[str], prefix: str = "") -> None:
    """Checks that `options` has no other names than those known; raises ParamoError INVALID_OPTIONS with the near miss."""
    names = list(known)
    for name in options:
        if name in names:
            continue
        near = near_miss(str(name), names)
        hint = f"Did you mean {prefix}{near}?" if near else f"There are {', '.join(names)}."
        raise invalid_option(f"there is no option {prefix}{name}", hint)


def whole(option: str, value: Any, least: int) -> int:
    """`value` if it is a whole number of at least `least`; raises ParamoError INVALID_OPTIONS naming the option."""
    if not isinstance(value, bool) and isinstance(value, (int, float)) and value == value and abs(value) <= _MOST and int(value) == value and value >= least:
        return int(value)
    raise invalid_option(f"{option} is {value!r}", f"Give a whole number from {least}.")


def positive(option: str, value: Any) -> float:
    """`value` if it is a finite number above 0; raises ParamoError INVALID_OPTIONS naming the option."""
    if not isinstance(value, bool) and isinstance(value, (int, float)) and math.isfinite(value) and value > 0:
        return float(value)
    raise invalid_option(f"{option} is {value!r}", "Give a number above 0.")


def invalid_option(message: str, hint: str) -> ParamoError:
    """An INVALID_OPTIONS error."""
    return ParamoError("INVALID_OPTIONS", message, hint)
