"""Being told to end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import Any, Iterator

TERMINATED = 143
"""The exit code of a process that SIGTERM ended: 128 and its number."""

GRACE_S = 5.0
"""How long a process that was told to end may take to give its trials back."""


@contextmanager
def terminable() -> Iterator[None]:
    """While this runs SIGTERM ends the process as SIGINT does, by an exception, so that trials can be given back.

    Only in the main thread, and only where the program has no handler of its own.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(*_: Any) -> None:
    raise SystemExit(TERMINATED)


def told(error: BaseException) -> str:
    """What interrupted the process, in words."""
    if isinstance(error, KeyboardInterrupt):
        return "it was interrupted by SIGINT"
    if isinstance(error, SystemExit) and error.code == TERMINATED:
        return "it was interrupted by SIGTERM"
    return f"it was ended by {type(error).__name__}"
