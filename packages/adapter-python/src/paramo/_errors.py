"""The one error of Paramo."""

from __future__ import annotations

from typing import Any

# The daemon was not there, cannot take anything now, or this process ended first.
_UNHEARD = ("UNAVAILABLE", "DAEMON_UNREACHABLE", "TIMEOUT", "OVERLOADED", "ABORTED", "STORE_FULL", "DAEMON_VERSION", "UNAUTHENTICATED")


class ParamoError(Exception):
    """What went wrong, why, and what to do; its text is `CODE: what and why. What to do.`

    `code` is one of a closed list, such as `STUDY_MISMATCH`; `message` says what and why, `hint` what to do (or is
    empty), `details` holds facts for programs (or None).
    """

    def __init__(self, code: str, message: str, hint: str = "", details: Any = None) -> None:
        super().__init__(code, message, hint, details)
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        text = f"{self.code}: {self.message}"
        if not self.hint:
            return text
        return f"{text} {self.hint}" if text[-1] in ".?!" else f"{text}. {self.hint}"


def is_lost(error: BaseException) -> bool:
    """Whether the daemon went away, so that another connection may help."""
    return isinstance(error, ParamoError) and error.code in ("DAEMON_UNREACHABLE", "UNAVAILABLE")


def is_unheard(error: ParamoError) -> bool:
    """Whether a call failed for a reason that may pass: it was not refused."""
    return error.code in _UNHEARD
