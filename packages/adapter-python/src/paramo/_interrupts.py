"""Being told to end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional

TERMINATED = 143
"""The exit code of a process that SIGTERM ended: 128 and its number."""

GRACE_S = 5.0
"""How long a process that was told to end may take to give its trials back."""


SAVE_S = 4.0
"""How long the code of a trial that saves checkpoints has to come to the next one when the process is told to end."""

BY_SIGTERM = "it was interrupted by SIGTERM"

_leave: Optional[Callable[[], float]] = None
# Set once the code of the main thread was asked to leave: it tells once more.
_timer: Optional[threading.Timer] = None


@contextmanager
def terminable() -> Iterator[None]:
    """While this runs SIGTERM ends the process as SIGINT does, by an exception, so that trials can be given back.

    Only in the main thread, and only where the program has no handler of its own. See `leaving` for code that is given time.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def leaving(leave: Callable[[], float]) -> Iterator[None]:
    """While this runs in the main thread SIGTERM calls `leave`, which asks the code here to come to an end and says how many seconds it has.

    The process ends at that end, after this time or with a second SIGTERM at the latest; with 0 at once.
    """
    global _leave, _timer
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    outer, _leave = _leave, leave
    try:
        yield
    finally:
        _leave = outer
        if _timer:
            _timer.cancel()
            _timer = None
            raise SystemExit(TERMINATED)


def _terminate(*_: Any) -> None:
    global _timer
    left_s = 0.0 if _timer or _leave is None else _leave()
    if left_s <= 0:
        raise SystemExit(TERMINATED)
    _timer = threading.Timer(left_s, signal.pthread_kill, [threading.main_thread().ident, signal.SIGTERM])
    _timer.daemon = True
    _timer.start()


def told(error: BaseException) -> str:
    """What interrupted the process, in words."""
    if isinstance(error, KeyboardInterrupt):
        return "it was interrupted by SIGINT"
    if isinstance(error, SystemExit) and error.code == TERMINATED:
        return BY_SIGTERM
    return f"it was ended by {type(error).__name__}"
